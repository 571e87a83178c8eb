"""Read what a region wrote into its front-end database for us: in order, once, and the bad rows beside the good.

1. look     the next rows of every table, merged by time, so that what happened first is taken first
2. gather   the rows that hang on each become one document with it
3. take     the gateway vouches for the bytes, and the one pipeline takes them (receive.py)
4. tell     the row is marked, or the position moves on; a refused row is told in their table of rejections

A crash after any step reads the row again. Its exchange id follows from where it stands, so that step 3 then finds
the first receipt, and step 4 the row that it wrote.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog

from gateway.core.errors import Fault, InvalidDocumentError, RejectedError
from gateway.core.model import DocumentKind, Partner
from gateway.core.tables.layout import Incoming, Reading, TablesLayout
from gateway.core.tables.rowsets import Scalar, china_time, document_bytes, document_of
from gateway.core.tables.shapes import Shapes
from gateway.flow.entries import WriteEntries
from gateway.flow.ports import Clock, FoundRow, FrontEnd, Readings, Store
from gateway.flow.receive import ReceiveExchange
from gateway.flow.tables.refuse import refusal_row
from gateway.flow.tables.vouch import VouchForRow

CHILDREN_LIMIT: Final = 500  # rows that hang on one row, of one table

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """One system's front-end database, as it is worked through."""

    partner: Partner
    layout: TablesLayout
    shapes: Shapes
    front_end: FrontEnd
    is_ours: Callable[[], bool]  # whether it is still this node that works through it


@dataclass(frozen=True, kw_only=True, slots=True)
class TakeRows:
    """Take what waits in the tables of one system."""

    store: Store
    receive: ReceiveExchange
    vouch: VouchForRow
    entries: WriteEntries
    clock: Clock

    async def __call__(self, desk: Desk) -> bool:
        """Take the next rows, in order; return whether more may wait. Raises RetryableError, and then goes on there."""
        found: list[tuple[str, int, FoundRow]] = []
        full: list[tuple[str, int, str]] = []
        for index, incoming in enumerate(desk.layout.incoming):
            rows = await waiting(desk, incoming.reading, self.store, self.clock)
            found += [(row.position.at, index, row) for row in rows]
            if len(rows) == desk.layout.rows:
                full.append((rows[-1].position.at, index, rows[-1].position.row))
        for at, index, row in sorted(found, key=lambda each: (each[0], each[1], each[2].position.row)):
            if not desk.is_ours():
                return False
            # Behind the end of a page there may be older rows than those of the other tables.
            if not full or (at, index, row.position.row) <= min(full):
                await self._take(desk, desk.layout.incoming[index], row)
        return bool(full)

    async def _take(self, desk: Desk, incoming: Incoming, row: FoundRow) -> None:
        exchange = self.vouch.exchange(desk.partner, incoming.reading.table, row.position.row)
        number = _number(incoming, row)
        try:
            document = await self._document(desk, incoming, row, exchange)
            opened = self.vouch(desk.partner, exchange, number, document_bytes(document))
            await self.receive.vouched(opened, incoming.document, number)
        except RejectedError as error:
            await self._refuse(desk, incoming, row, exchange, error)
            return
        await taken(desk, incoming.reading, row, self.store, refused=False)

    async def _document(self, desk: Desk, incoming: Incoming, row: FoundRow, exchange: str) -> dict[str, Any]:
        """Return the document that a row is; one that is none is refused, and logged as what was read."""
        try:
            _check(desk.layout, incoming, row)
            return document_of(desk.layout, incoming, row.columns, await self._children(desk, incoming, row))
        except InvalidDocumentError as error:
            body = document_bytes(row.columns)
            opened = self.vouch(desk.partner, exchange, "", body)
            await self.store.log([self.entries.refused(error, body=body, opened=opened, exchange=exchange)])
            raise

    async def _children(self, desk: Desk, incoming: Incoming, row: FoundRow) -> Mapping[str, Any]:
        shape = desk.shapes.get((incoming.document, incoming.named))
        children: dict[str, Any] = {}
        for name in shape.children if shape else ():
            link = _link(desk.layout, row)
            children[name] = await desk.front_end.below(name, link, limit=CHILDREN_LIMIT + 1)
            if len(children[name]) > CHILDREN_LIMIT:
                raise _wrong(f"/{name}", "row_children_too_many", f"at most {CHILDREN_LIMIT}")
        return children

    async def _refuse(self, desk: Desk, incoming: Incoming, row: FoundRow, exchange: str, error: RejectedError) -> None:
        """Say in their tables, where the layout has one for it, why a row was not taken; the log knows already."""
        _log.info("row_refused", partner=desk.partner.id, table=incoming.reading.table, code=error.code)
        told = refusal_row(desk.layout, incoming, row, exchange=exchange, error=error, now=self.clock.now())
        if told is not None:
            await desk.front_end.add(told)
        await taken(desk, incoming.reading, row, self.store, refused=True)


async def waiting(desk: Desk, reading: Reading, readings: Readings, clock: Clock) -> tuple[FoundRow, ...]:
    """Return the next rows of a table."""
    after = None if reading.mark else await readings.table_position(desk.partner.id, reading.name)
    until = china_time(clock.now() - timedelta(seconds=reading.lag_s))
    return await desk.front_end.waiting(reading, after, until=until)


async def taken(desk: Desk, reading: Reading, row: FoundRow, readings: Readings, *, refused: bool) -> None:
    """Remember, where the layout says, that a row was dealt with."""
    if reading.mark:
        value = reading.mark.refused if refused else reading.mark.taken
        await desk.front_end.mark(reading.table, reading.mark, row.position, value)
    else:
        await readings.advance_table(desk.partner.id, reading.name, row.position)


def _check(layout: TablesLayout, incoming: Incoming, row: FoundRow) -> None:
    if not row.position.row:
        raise _wrong(f"/{layout.system.row}", "row_id_missing", "the id of the row")
    if incoming.document is DocumentKind.EVENT and not _number(incoming, row):
        raise _wrong(f"/{incoming.number}", "row_number_missing", "a collaboration number")
    operation = row.columns.get(layout.system.operation) if layout.system.operation else None
    if operation is not None and str(operation).strip() not in incoming.operations:
        raise _wrong(f"/{layout.system.operation}", "row_operation_refused", " | ".join(incoming.operations))


def _number(incoming: Incoming, row: FoundRow) -> str:
    """Return the collaboration number an event is about, "" for an application."""
    return str(row.columns.get(incoming.number, "")).strip() if incoming.document is DocumentKind.EVENT else ""


def _link(layout: TablesLayout, row: FoundRow) -> Mapping[str, Scalar]:
    for theirs in layout.link.values():
        if theirs not in row.columns:
            raise _wrong(f"/{theirs}", "row_link_missing", "what the rows that belong to it carry too")
    return {mine: row.columns[theirs] for mine, theirs in layout.link.items()}


_WORDS: Final = {
    "row_id_missing": ("The row has no id.", "该行缺少记录唯一标识。"),
    "row_number_missing": ("The row does not say which application it is about.", "该行未指明业务协同编号。"),
    "row_operation_refused": ("What was taken once cannot be taken back this way.", "该同步类型不被接受。"),
    "row_link_missing": ("The rows that belong to this one cannot be found.", "无法关联其子表记录。"),
    "row_children_too_many": ("Too many rows belong to this one.", "子表记录过多。"),
}


def _wrong(pointer: str, code: str, expected: str) -> InvalidDocumentError:
    message, message_zh = _WORDS[code]
    fault = Fault(pointer=pointer, code=code, message=message, message_zh=message_zh, expected=expected)
    return InvalidDocumentError(message, code=code, faults=(fault,))
