"""What a job of the store works with: a connection within a transaction, and the entries that will seal it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from gateway.flow.ports import SaltedEntry
from gateway.store.postgres.statements import Statement

Connection = asyncpg.Connection | PoolConnectionProxy  # what a pool lends behaves as what it lends


class RacedError(Exception):
    """Another node was faster; the same job, done again, will find what that node did."""


class UnconfirmedError(Exception):
    """Whether a transaction is durable is not known: its commit was not answered, or did not wait for the standby."""


class Session:
    """Runs statements, and counts what they changed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._changes = 0
        self._entries: list[SaltedEntry] = []

    @property
    def written(self) -> tuple[int, int]:
        """How much has been written so far; what is equal before and after a job says that it wrote nothing."""
        return self._changes, len(self._entries)

    @property
    def changed_nothing(self) -> bool:
        """Whether no row has been changed: entries that the log has already change none."""
        return not self._changes

    @property
    def entries(self) -> Sequence[SaltedEntry]:
        """The entries that the transaction appends to the log, in order."""
        return self._entries

    def add_entries(self, entries: Iterable[SaltedEntry]) -> None:
        """Have entries put behind the last one when the transaction is sealed."""
        self._entries.extend(entries)

    def transaction(self) -> AbstractAsyncContextManager[object]:
        """Return a transaction around what a connection of its own does."""
        transaction: AbstractAsyncContextManager[object] = self._connection.transaction()
        return transaction

    async def rows(self, statement: Statement, named: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return the rows of a statement that changes nothing."""
        found = await self._connection.fetch(statement.sql, *statement.values(named or {}))
        return [dict(row) for row in found]

    async def row(self, statement: Statement, named: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
        """Return the one row there may be."""
        rows = await self.rows(statement, named)
        return rows[0] if rows else None

    async def one(self, statement: Statement, named: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the row that is always there."""
        (row,) = await self.rows(statement, named)
        return row

    async def change(self, statement: Statement, named: Mapping[str, Any]) -> int:
        """Return how many rows a statement changed."""
        told = await self._connection.execute(statement.sql, *statement.values(named))
        count = int(told.rpartition(" ")[2])
        self._changes += count
        return count

    async def change_each(self, statement: Statement, every: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement once for each of these, in their order, without waiting for the answers in between."""
        if every:
            await self._connection.executemany(statement.sql, [statement.values(named) for named in every])
            self._changes += len(every)

    async def changed(self, statement: Statement, named: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the rows that a changing statement tells of."""
        rows = await self.rows(statement, named)
        self._changes += len(rows)
        return rows


Job = Callable[[Session], Awaitable[Any]]
