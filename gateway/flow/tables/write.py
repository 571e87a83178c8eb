"""Step 10 for systems that exchange by table: the rows of a delivery, all of them, in one transaction of theirs.

The rows follow from the delivery alone, ids and all. So a crash between their commit and our conclusion costs
nothing: the delivery is claimed again, the same rows are found, and nothing is added.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.core.conversion.adapter import Adapter
from gateway.core.errors import Fault, InvalidDocumentError, PartnerUnavailableError
from gateway.core.model import Delivery, Partner
from gateway.core.tables.layout import TablesLayout
from gateway.core.tables.rowsets import RowSet, rows_of
from gateway.core.tables.shapes import known_columns
from gateway.flow.ports import FrontEnds, Verdict
from gateway.flow.read import document_kind_of
from gateway.flow.settle import SettleDelivery


@dataclass(frozen=True, kw_only=True, slots=True)
class WriteRows:
    """Write deliveries into a system's front-end database; each is settled once its rows are committed there."""

    front_ends: FrontEnds
    settle: SettleDelivery

    async def __call__(
        self, partner: Partner, adapter: Adapter, layout: TablesLayout, deliveries: Sequence[Delivery]
    ) -> list[Verdict]:
        """Return what became of each delivery, in order; one that cannot be written does not stop the others."""
        return list(await asyncio.gather(*(self._one(partner, adapter, layout, delivery) for delivery in deliveries)))

    async def _one(self, partner: Partner, adapter: Adapter, layout: TablesLayout, delivery: Delivery) -> Verdict:
        try:
            document = adapter.read(document_kind_of(delivery.kind), delivery.body, delivery.media_type)
            rows = rows_of(
                layout, document, exchange=delivery.exchange, number=delivery.subject, at=delivery.created_at
            )
        except InvalidDocumentError as error:
            return self.settle.dead(partner, delivery, error.code, error.faults)
        try:
            front_end = await self.front_ends.of(partner, layout)
            await front_end.write(rows)
        except InvalidDocumentError as error:
            return self.settle.dead(partner, delivery, error.code, error.faults)
        except PartnerUnavailableError as error:
            strange = _strange(rows, known_columns(adapter.manifest, layout))
            if error.code == "front_end_column_missing" and strange:
                return self.settle.dead(partner, delivery, "rows_refused", strange)
            return self.settle.unanswered(delivery, partner, error.code)
        return self.settle.written(partner, delivery, rows.written())


def _strange(rows: RowSet, known: frozenset[str]) -> tuple[Fault, ...]:
    """Return a fault for each column that a document brought and no mapping table of the layout knows."""
    return tuple(
        Fault(
            pointer=f"{row.pointer}/{name}",
            code="column_unknown",
            message="the table has no such column",
            message_zh="数据表没有该字段",
        )
        for row in rows.rows
        for name in row.columns
        if name not in known
    )
