"""A PostgreSQL database as an end of a copy: no gateway or command is connected to it meanwhile."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Self

import asyncpg

from gateway.flow.ports import TreeHead
from gateway.store.copying.ends import BATCH_BYTES, BATCH_ROWS, Mark, Origin, in_use
from gateway.store.copying.marks import mark_row
from gateway.store.copying.shape import TABLES, Key, Row, Table
from gateway.store.copying.statements import counting, emptying, highest, reading
from gateway.store.postgres.failures import promised
from gateway.store.postgres.marks import mark
from gateway.store.postgres.retention import make_log_room
from gateway.store.postgres.schema import apply_migrations, check_exactly, is_new, known_migrations
from gateway.store.postgres.server import Server, require_usable
from gateway.store.postgres.session import Session
from gateway.store.postgres.statements import prepared

_SQL = prepared("copying")
_ANSWER_S: Final = 600.0  # a table may be large
_PARTITIONS: Final = 64  # that a log which is copied is cut into, at most
_FETCHED: Final = 32  # rows at once: each may be a body of a megabyte


class DatabaseEnd:
    """Holds a lock that keeps other copies off, and finds who else is connected; both end with the connection."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._session = Session(connection)
        self._holding: Any = None

    @classmethod
    async def open(cls, server: Server, *, target: bool) -> Self:
        """Hold a store; a target is begun in an empty database. SettingsError `store_in_use`, and as any opening."""
        connection = await server.connect(
            _ANSWER_S, application_name="tongban copy", idle_in_transaction_session_timeout="0"
        )
        try:
            with promised():
                await require_usable(Session(connection))
                await _require_alone(Session(connection))
                if target and await is_new(connection):
                    await apply_migrations(connection, known_migrations())
                await check_exactly(connection, known_migrations())
                opened = cls(connection)
                if not target:
                    await opened._hold()
        except BaseException:
            connection.terminate()
            raise
        return opened

    async def mark(self) -> Mark | None:
        """Return the mark that stands in the database."""
        with promised():
            return await mark(self._session)

    async def origin(self) -> Origin:
        """Return what the store is known by."""
        with promised():
            epoch = (await self._session.one(_SQL["epoch"]))["epoch"]
            return Origin(epoch=epoch, head=TreeHead(**await self._session.one(_SQL["head"])))

    async def count(self, table: Table) -> int:
        """Return how many rows a table has."""
        with promised():
            return int(await self._connection.fetchval(counting(table)))

    async def rows(self, table: Table, after: Key = ()) -> AsyncGenerator[list[Row], None]:
        """Yield the rows behind a key in batches."""
        with promised():
            async with _within(self._connection):
                batch: list[Row] = []
                size = 0
                sql = reading(table, [f"${number}" for number in range(1, len(after) + 1)], joined=False)
                async for found in self._connection.cursor(sql, *after, prefetch=_FETCHED):
                    row = tuple(found)
                    batch.append(row)
                    size += sum(len(value) for value in row if isinstance(value, bytes | str))
                    if len(batch) >= BATCH_ROWS or size >= BATCH_BYTES:
                        yield batch
                        batch, size = [], 0
                if batch:
                    yield batch

    async def counters(self) -> Mapping[str, int]:
        """Return, for every counted table, the highest number ever given."""
        with promised():
            return {table.name: await self._given(table) for table in TABLES if table.counted}

    async def begin(self, mark: Mark) -> None:
        """Make the database an unfinished copy; SettingsError `store_in_use` where a gateway has begun on it since."""
        with promised():
            async with self._connection.transaction():
                await self._session.rows(_SQL["hold_log"])  # who would let it grow from here on finds the mark
                if (await self.origin()).head.size or (await self._session.one(_SQL["others"]))["others"]:
                    raise in_use()
                await self._session.change(_SQL["set_mark"], mark_row(mark))
            size = mark.origin.head.size
            await make_log_room(self._session, size, size // _PARTITIONS)

    async def put(self, table: Table, rows: Sequence[Row], reached: Mark) -> None:
        """Keep rows with the mark of how far they go."""
        with promised():
            async with self._connection.transaction():
                before = await mark(self._session)
                if before is not None and before.table != table.name:
                    await self._connection.execute(emptying(table.name), timeout=None)
                await self._connection.copy_records_to_table(table.name, records=rows, columns=table.columns)
                await self._session.change(_SQL["set_mark"], mark_row(reached))

    async def finish(self, counters: Mapping[str, int]) -> None:
        """Take the database into service."""
        with promised():
            async with self._connection.transaction():
                for table in TABLES:
                    if table.counted:
                        named = {"name": table.name, "key": table.key[0], "given": counters[table.name]}
                        await self._session.rows(_SQL["set_given"], named)
                await self._session.change(_SQL["drop_mark"], {})
            await self._let_go()

    async def leave(self, mark: Mark) -> None:
        """Mark the database as moved; whoever waits for its log finds the mark."""
        with promised():
            await self._session.change(_SQL["set_mark"], mark_row(mark))
            await self._let_go()

    async def close(self) -> None:
        """Let go of the database."""
        self._connection.terminate()

    async def _hold(self) -> None:
        """See one state from here on, and let the log grow for nobody."""
        self._holding = self._connection.transaction(isolation="repeatable_read")
        await self._holding.start()
        await self._session.rows(_SQL["hold_log"])  # before anything is read: what is seen is what was locked

    async def _let_go(self) -> None:
        """Commit what was held, with what was said meanwhile."""
        if self._holding is not None:
            await self._holding.commit()
            self._holding = None

    async def _given(self, table: Table) -> int:
        key = table.key[0]
        told = await self._session.one(_SQL["given"], {"name": table.name, "key": key})
        return max(int(told["given"] or 0), int(await self._connection.fetchval(highest(table))))


async def _require_alone(session: Session) -> None:
    if not (await session.one(_SQL["alone"]))["alone"] or (await session.one(_SQL["others"]))["others"]:
        raise in_use()


@asynccontextmanager
async def _within(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """Have the transaction that a cursor needs: the one that holds the store, else one of its own."""
    if connection.is_in_transaction():
        yield
        return
    async with connection.transaction():
        yield
