"""A SQLite file as an end of a copy: no other process has it open meanwhile."""

import sqlite3
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Self, TypeVar

from gateway.core.errors import StoreUnavailableError
from gateway.flow.ports import TreeHead
from gateway.store.copying.ends import BATCH_BYTES, BATCH_ROWS, Mark, Origin, in_use
from gateway.store.copying.marks import mark_row
from gateway.store.copying.shape import TABLES, Key, Row, Table
from gateway.store.copying.statements import adding, counting, emptying, highest, reading
from gateway.store.named import statements
from gateway.store.sqlite.file import StoreFile
from gateway.store.sqlite.marks import mark
from gateway.store.sqlite.thread import DatabaseThread
from gateway.store.sqlite.transaction import as_promised

_T = TypeVar("_T")

_SQL = statements(Path(__file__).parent / "statements" / "copying.sql")


class FileEnd:
    """Holds the file's exclusive lock: it is had only while nobody has the file open, and dies with the process."""

    def __init__(self, thread: DatabaseThread) -> None:
        self._thread = thread

    @classmethod
    async def open(cls, file: StoreFile, *, target: bool) -> Self:
        """Hold a store; a target is begun where there is none. SettingsError `store_in_use`, and as any opening."""
        try:
            return cls(await DatabaseThread(lambda: file.alone(create=target)).open())
        except StoreUnavailableError as error:
            raise in_use() from error

    async def mark(self) -> Mark | None:
        """Return the mark that stands in the file."""
        return await self._run(mark)

    async def origin(self) -> Origin:
        """Return what the store is known by."""
        return await self._run(_origin)

    async def count(self, table: Table) -> int:
        """Return how many rows a table has."""
        return int((await self._run(lambda c: c.execute(counting(table)).fetchone()))[0])

    async def rows(self, table: Table, after: Key = ()) -> AsyncGenerator[list[Row], None]:
        """Yield the rows behind a key in batches."""
        cursor = await self._run(lambda c: c.execute(reading(table, "?" * len(after), joined=True), after))
        try:
            while batch := await self._run(lambda _: _fetched(table, cursor)):
                yield batch
        finally:
            await self._run(lambda _: cursor.close())

    async def counters(self) -> Mapping[str, int]:
        """Return, for every counted table, the highest number ever given."""
        return await self._run(lambda c: {table.name: _given(c, table) for table in TABLES if table.counted})

    async def begin(self, mark: Mark) -> None:
        """Make the file an unfinished copy."""
        await self._run(lambda c: c.execute(_SQL["set_mark"], mark_row(mark)))

    async def put(self, table: Table, rows: Sequence[Row], mark: Mark) -> None:
        """Keep rows with the mark of how far they go."""
        await self._run(lambda c: _put(c, table, rows, mark))

    async def finish(self, counters: Mapping[str, int]) -> None:
        """Take the file into service."""
        await self._run(lambda c: _finish(c, counters))

    async def leave(self, mark: Mark) -> None:
        """Mark the file as moved."""
        await self._run(lambda c: c.execute(_SQL["set_mark"], mark_row(mark)))

    async def close(self) -> None:
        """Let go of the file."""
        await self._thread.close()

    async def _run(self, work: Callable[[sqlite3.Connection], _T]) -> _T:
        try:
            return await self._thread.run(work)
        except sqlite3.Error as error:
            raise as_promised(error) from error


def _origin(connection: sqlite3.Connection) -> Origin:
    size, root = connection.execute(_SQL["head"]).fetchone()
    epoch = connection.execute(_SQL["epoch"]).fetchone()["epoch"]
    return Origin(epoch=epoch, head=TreeHead(size=size, root=root))


def _fetched(table: Table, cursor: sqlite3.Cursor) -> list[Row]:
    """Return the next rows as they are carried, as many as make a batch."""
    flags = [table.columns.index(name) for name in table.flags]
    batch: list[Row] = []
    size = 0
    while len(batch) < BATCH_ROWS and size < BATCH_BYTES and (found := cursor.fetchone()) is not None:
        row = list(found)
        for place in flags:
            row[place] = bool(row[place])
        size += sum(len(value) for value in row if isinstance(value, bytes | str))
        batch.append(tuple(row))
    return batch


def _put(connection: sqlite3.Connection, table: Table, rows: Sequence[Row], reached: Mark) -> None:
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        before = mark(connection)
        if before is not None and before.table != table.name:
            for name in filter(None, (table.beside, table.name)):
                connection.execute(emptying(name))
        own = len(table.own)
        connection.executemany(adding(table.name, table.own), [row[:own] for row in rows])
        if table.beside:
            width = len(table.key)
            apart = [(*row[:width], *row[own:]) for row in rows if row[own] is not None]
            connection.executemany(adding(table.beside, (*table.key, *table.apart)), apart)
        connection.execute(_SQL["set_mark"], mark_row(reached))


def _given(connection: sqlite3.Connection, table: Table) -> int:
    told = connection.execute(_SQL["given"], {"name": table.name}).fetchone() if _remembers(connection, table) else None
    (there,) = connection.execute(highest(table)).fetchone()
    return max(int(there), int(told["seq"]) if told else 0)


def _finish(connection: sqlite3.Connection, counters: Mapping[str, int]) -> None:
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        for table in TABLES:
            if table.counted and _remembers(connection, table):
                connection.execute(_SQL["forget_given"], {"name": table.name})
                connection.execute(_SQL["set_given"], {"name": table.name, "seq": counters[table.name]})
        connection.execute(_SQL["drop_mark"])


def _remembers(connection: sqlite3.Connection, table: Table) -> bool:
    """Tell whether numbers of deleted rows are never given again; elsewhere the highest that is there counts."""
    return bool(connection.execute(_SQL["remembers_given"], {"name": table.name}).fetchone()[0])
