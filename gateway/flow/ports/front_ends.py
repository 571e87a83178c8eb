"""The front-end databases (前置库) that regions own, and what this gateway remembers of reading them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.core.errors import Fault
from gateway.core.model import Partner
from gateway.core.tables.layout import Mark, Reading, TablesLayout
from gateway.core.tables.rowsets import RowSet, Scalar, TableRow
from gateway.flow.ports.log import SaltedEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class Position:
    """How far a table was read: the time and the id of the last row."""

    at: str  # as the database wrote it
    row: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundRow:
    """One row as it was found, without its NULLs."""

    position: Position
    columns: Mapping[str, Scalar]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejection:
    """A region's word that it did not take a row of ours, after all had been written."""

    partner: str
    row: str  # id of the row that says so; it counts once
    exchange: str  # of the rejected rows; "" where they are none of ours
    code: str
    faults: tuple[Fault, ...]
    found_at: datetime


class FrontEnd(Protocol):
    """One front-end database.

    Every call raises PartnerUnavailableError where the database is away, locked or full, or is not built as the
    layout says: all of that may be put right, and then the same call succeeds.
    """

    async def write(self, rows: RowSet) -> None:
        """Write every row or none, durably; what was written under this batch before changes nothing.

        Raises InvalidDocumentError where the database takes no such value.
        """
        ...

    async def add(self, row: TableRow) -> None:
        """Write one row; one with its id changes nothing."""
        ...

    async def waiting(self, reading: Reading, after: Position | None, *, until: str) -> tuple[FoundRow, ...]:
        """Return the next rows in order of time and id: those marked as waiting, or else from after a position.

        Without a mark, none that is younger than `until` (Beijing time).
        """
        ...

    async def below(self, table: str, link: Mapping[str, Scalar], *, limit: int) -> tuple[Mapping[str, Scalar], ...]:
        """Return the rows of a child table that carry these values."""
        ...

    async def mark(self, table: str, mark: Mark, position: Position, value: str) -> None:
        """Say of a row that it was taken or refused, unless somebody has written a newer one in its place."""
        ...


class FrontEnds(Protocol):
    """The front-end databases of the partners."""

    async def of(self, partner: Partner, layout: TablesLayout) -> FrontEnd:
        """Return the one of a partner; raises PartnerUnavailableError where it cannot even be addressed."""
        ...


class Readings(Protocol):
    """What this gateway remembers of reading front-end databases."""

    async def table_position(self, partner: str, table: str) -> Position | None:
        """Return how far a table was read."""
        ...

    async def advance_table(self, partner: str, table: str, position: Position) -> None:
        """Remember how far a table was read."""
        ...

    async def keep_rejection(self, rejection: Rejection, entry: SaltedEntry) -> bool:
        """Keep a rejection beside the delivery it speaks of; False, and no entry, where it is known already."""
        ...
