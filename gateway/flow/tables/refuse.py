"""The row that tells a region why a row of its own was not taken: codes and places, never a value."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from gateway.core.errors import RejectedError
from gateway.core.tables.ids import batch_of, rejection_id
from gateway.core.tables.layout import Incoming, TablesLayout
from gateway.core.tables.rowsets import Scalar, TableRow, china_time
from gateway.flow.ports import FoundRow

_REMARK: Final = 1000  # characters


def refusal_row(
    layout: TablesLayout, incoming: Incoming, row: FoundRow, *, exchange: str, error: RejectedError, now: datetime
) -> TableRow | None:
    """Return the row to write, the same for the same version of the same row; None where the layout has no place."""
    told, system, columns = layout.rejections, layout.system, row.columns
    if not told.write:
        return None
    batch = str(columns.get(system.batch, ""))
    guid = rejection_id(exchange, row.position.at, batch, error.code)
    values: dict[str, Scalar] = {
        system.row: guid,
        system.operation: layout.outgoing.operation,
        system.time: china_time(now),
        system.batch: batch_of(exchange),
        system.source: layout.outgoing.source,
        system.sign: layout.outgoing.sign,
        told.error: told.refusal,
        told.table: incoming.reading.table,
        told.row: row.position.row,
        told.batch: batch,
        told.source: columns.get(system.source, ""),
        told.time: columns.get(system.time, ""),
        told.updated: china_time(now),
        told.remark: "; ".join(_said(error))[:_REMARK],
    }
    return TableRow(
        table=told.write, id=guid, columns={name: value for name, value in values.items() if name and value != ""}
    )


def _said(error: RejectedError) -> Iterator[str]:
    yield error.code
    for fault in error.faults:
        expected = f" ({fault.expected})" if fault.expected else ""
        yield f"{fault.pointer} {fault.code} {fault.message_zh}{expected}"
