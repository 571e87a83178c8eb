"""A front-end database as the flow speaks to it: rows written once, read in order, marked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from gateway.core.errors import InvalidDocumentError
from gateway.core.tables.layout import Mark, Reading
from gateway.core.tables.rowsets import CHINA, RowSet, Scalar, TableRow
from gateway.flow.ports import FoundRow, Position
from gateway.partners.tables.database import Database, Session
from gateway.partners.tables.sql import Statements

_SAFE: Final = 2**53


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseFrontEnd:
    """One front-end database under one layout."""

    database: Database
    statements: Statements

    async def write(self, rows: RowSet) -> None:
        """Write every row or none; a batch written before changes nothing."""
        async with self.database.session(writing=True) as session:
            await session.alone(rows.batch)
            if self.statements.layout.outgoing.ledger and not await session.execute(self.statements.note(rows)):
                return
            for row in rows.rows:
                await self._add(session, row)
            # A crash before the commit leaves nothing of the batch; after it, a retry finds every row.

    async def add(self, row: TableRow) -> None:
        """Write one row; one with its id changes nothing."""
        async with self.database.session(writing=True) as session:
            await session.alone(row.id)
            await self._add(session, row)

    async def waiting(self, reading: Reading, after: Position | None, *, until: str) -> tuple[FoundRow, ...]:
        """Return the next rows in order of time and id."""
        statement = self.statements.waiting(reading, (after.at, after.row) if after else None, until)
        async with self.database.session() as session:
            return tuple(map(self._found, await session.fetch(statement)))

    async def below(self, table: str, link: Mapping[str, Scalar], *, limit: int) -> tuple[Mapping[str, Scalar], ...]:
        """Return the rows of a child table that carry these values."""
        async with self.database.session() as session:
            found = await session.fetch(self.statements.below(table, link, limit))
            return tuple(self._found(row).columns for row in found)

    async def mark(self, table: str, mark: Mark, position: Position, value: str) -> None:
        """Say of a row that it was taken or refused, unless somebody has written a newer one in its place."""
        async with self.database.session(writing=True) as session:
            await session.execute(self.statements.mark(table, mark, (position.at, position.row), value))

    async def _add(self, session: Session, row: TableRow) -> None:
        try:
            await session.execute(self.statements.add(row))
        except InvalidDocumentError as error:
            faults = tuple(replace(each, pointer=row.pointer + each.pointer) for each in error.faults)
            raise InvalidDocumentError(str(error), code=error.code, faults=faults) from None

    def _found(self, row: Mapping[str, Any]) -> FoundRow:
        system = self.statements.layout.system
        columns = {self._spelled(name): value for name, value in row.items() if value is not None}
        position = Position(at=_exact(columns.get(system.time)), row=_exact(columns.get(system.row)))
        return FoundRow(position=position, columns={name: _scalar(value) for name, value in columns.items()})

    def _spelled(self, name: str) -> str:
        return name.upper() if self.statements.layout.folded else name


def _exact(value: Any) -> str:
    """Return a time or an id so that the database finds the very same again."""
    if isinstance(value, datetime):
        return (value.astimezone(CHINA) if value.tzinfo else value).replace(tzinfo=None).isoformat(sep=" ")
    return str(_scalar("" if value is None else value))


def _scalar(value: Any) -> Scalar:
    """Return a value as documents have it: a text or an integer that every reader reads exactly."""
    if isinstance(value, datetime):
        return f"{value.astimezone(CHINA) if value.tzinfo else value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int) and -_SAFE < value < _SAFE:
        return value
    if isinstance(value, bytes):
        return value.hex()
    return format(value, "f") if isinstance(value, Decimal) else str(value)
