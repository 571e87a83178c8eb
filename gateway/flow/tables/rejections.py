"""Rejections that a region's side writes after our rows were committed: each becomes visible, none is dropped.

A batch of ours leads back to its exchange, and a row id to its place in the document, because both were derived. What
leads nowhere is logged all the same: somebody was told that something is wrong, and somebody must look.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import structlog

from gateway.core.canonical import canonical_json
from gateway.core.errors import Fault
from gateway.core.model import Delivery
from gateway.core.tables.ids import exchange_of, row_id
from gateway.core.tables.layout import TablesLayout
from gateway.flow.entries import WriteEntries
from gateway.flow.ports import Clock, FoundRow, Rejection, Store
from gateway.flow.read import document_kind_of
from gateway.flow.tables.take import Desk, taken, waiting

REJECTED: Final = "rejected_in_table"
_ROWS: Final = 1000  # of one child table; a row further down is told without its place
_REMARK: Final = 500  # characters kept of what they wrote
_WORD: Final = re.compile(r"[A-Za-z0-9_]+", re.ASCII)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadRejections:
    """Read a region's table of rejections."""

    store: Store
    entries: WriteEntries
    clock: Clock

    async def __call__(self, desk: Desk) -> bool:
        """Keep the next rejections; return whether more may wait."""
        reading = desk.layout.rejections.read
        if reading is None:
            return False
        rows = await waiting(desk, reading, self.store, self.clock)
        for row in rows:
            if not desk.is_ours():
                return False
            await self._keep(desk, row)
            # A crash before this reads the row again, and the store knows it by its id.
            await taken(desk, reading, row, self.store, refused=False)
        return len(rows) == desk.layout.rows

    async def _keep(self, desk: Desk, row: FoundRow) -> None:
        delivery = await self._delivery(desk, row)
        partner = desk.partner
        code = REJECTED if delivery else "rejection_unmatched"
        rejection = Rejection(
            partner=partner.id,
            row=row.position.row,
            exchange=delivery.exchange if delivery else "",
            code=code,
            faults=tuple(_faults(desk, row, delivery)),
            found_at=self.clock.now(),
        )
        entry = self.entries.rejected(canonical_json(dict(row.columns)), partner, code, delivery)
        if await self.store.keep_rejection(rejection, entry):
            _log.warning(code, partner=partner.id, delivery=delivery.id if delivery else "", row=row.position.row)

    async def _delivery(self, desk: Desk, row: FoundRow) -> Delivery | None:
        """Return the delivery whose batch a rejection names."""
        exchange = exchange_of(str(row.columns.get(desk.layout.rejections.batch, "")).strip())
        known = await self.store.taken(exchange) if exchange else None
        after = ""
        while known and (page := await self.store.deliveries(subject=known.subject, after=after)):
            for each in page:
                if (each.exchange, each.destination) == (exchange, desk.partner.id):
                    return each
            after = page[-1].id
        return None


def _faults(desk: Desk, row: FoundRow, delivery: Delivery | None) -> Iterable[Fault]:
    told, columns = desk.layout.rejections, row.columns
    remark = str(columns.get(told.remark, ""))[:_REMARK]
    error = str(columns.get(told.error, ""))[:64]
    table = str(columns.get(told.table, ""))
    place = _place(desk.layout, delivery, table, str(columns.get(told.row, "")).strip()) if delivery else ""
    named = _named_columns(desk, delivery, remark) if delivery else ()
    for pointer in [f"{place}/{name}" for name in named] or [place]:
        yield Fault(
            pointer=pointer,
            code=told.errors.get(error, "row_rejected"),
            message=remark or "the region rejected this row",
            message_zh=remark or "前置库退回该行数据",
            got=error or None,
        )


def _place(layout: TablesLayout, delivery: Delivery, table: str, row: str) -> str:
    """Return where a row of ours stands in its document: derived ids are found again by deriving them."""
    names = {named: written for named, written in layout.outgoing.tables.items() if written == table} or {table: table}
    for named, written in names.items():
        for index in range(_ROWS):
            if row_id(delivery.exchange, written, index) == row:
                return f"/{named}/{index}"
    return ""


def _named_columns(desk: Desk, delivery: Delivery, remark: str) -> tuple[str, ...]:
    """Return the columns of the layout that a remark names."""
    kind = document_kind_of(delivery.kind)
    known: set[str] = set()
    for (document, _), shape in desk.shapes.items():
        if document == kind:
            known |= shape.columns.keys()
            known.update(*shape.children.values())
    return tuple(dict.fromkeys(word for word in _WORD.findall(remark) if word in known))
