"""Front-end databases in SQLite files: never made by us, and never left locked."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import aiosqlite

from gateway.core.errors import GatewayError, PartnerUnavailableError
from gateway.partners.tables.database import unavailable
from gateway.partners.tables.refusals import refused
from gateway.partners.tables.sql import BEGIN, BEGIN_WRITING, COMMIT, ROLLBACK, SQLITE, Dialect, Statement

# Primary result code (the low byte of an extended one): what it is to us.
_CODES: Final = {
    sqlite3.SQLITE_BUSY: "front_end_locked",
    sqlite3.SQLITE_LOCKED: "front_end_locked",
    sqlite3.SQLITE_FULL: "front_end_full",
    sqlite3.SQLITE_READONLY: "front_end_read_only",
    sqlite3.SQLITE_CANTOPEN: "front_end_unreachable",
    sqlite3.SQLITE_PERM: "front_end_denied",
    sqlite3.SQLITE_AUTH: "front_end_denied",
}


@dataclass(frozen=True, slots=True)
class _Session:
    connection: aiosqlite.Connection

    async def execute(self, statement: Statement) -> int:
        with _translated():
            async with self.connection.execute(statement.text, statement.values) as cursor:
                return cursor.rowcount

    async def fetch(self, statement: Statement) -> Sequence[Mapping[str, Any]]:
        with _translated():
            async with self.connection.execute(statement.text, statement.values) as cursor:
                names = [each[0] for each in cursor.description]
                return [dict(zip(names, row, strict=True)) for row in await cursor.fetchall()]

    async def names(self, statement: Statement) -> tuple[str, ...]:
        with _translated():
            async with self.connection.execute(statement.text) as cursor:
                return tuple(each[0] for each in cursor.description)

    async def alone(self, batch: str) -> None:
        """Return at once: who writes to a file writes alone."""


class SQLiteDatabase:
    """One file, one connection, one transaction at a time."""

    dialect: Dialect = SQLITE

    def __init__(self, path: Path, *, timeout_s: float) -> None:
        self._uri = f"file:{quote(str(path.absolute()))}?mode=rw"
        self._timeout_s = timeout_s
        self._turn = asyncio.Lock()
        self._connection: aiosqlite.Connection | None = None

    @asynccontextmanager
    async def session(self, *, writing: bool = False) -> AsyncIterator[_Session]:
        """Begin a transaction; see `Database`."""
        async with self._turn:
            try:
                with _translated():
                    connection = await self._connected()
                    await connection.execute(BEGIN_WRITING if writing else BEGIN)
                yield _Session(connection)
                with _translated():
                    await connection.execute(COMMIT)
            except PartnerUnavailableError:
                await self._roll_back()
                await self.close()  # begin with a fresh connection: the file may be another one by then
                raise
            except BaseException:
                await self._roll_back()
                raise

    async def close(self) -> None:
        """Let go of the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                await connection.close()

    async def _connected(self) -> aiosqlite.Connection:
        if self._connection is None:
            opening = aiosqlite.connect(self._uri, uri=True, timeout=self._timeout_s, isolation_level=None)
            try:
                self._connection = await opening
            except BaseException:
                await asyncio.to_thread(opening._thread.join)  # noqa: SLF001 - it speaks to this loop once more before it ends
                raise
        return self._connection

    async def _roll_back(self) -> None:
        if self._connection is not None and self._connection.in_transaction:
            with suppress(sqlite3.Error):
                await self._connection.execute(ROLLBACK)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise _as_ours(error) from None


def _as_ours(error: sqlite3.Error) -> GatewayError:
    """Return what an error of SQLite is to us; its text is only looked at for the names of tables and columns."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    text = str(error)
    if isinstance(error, sqlite3.IntegrityError):
        required = "NOT NULL constraint failed: "
        return (
            refused("value_required", text.rpartition(".")[2]) if text.startswith(required) else refused("row_refused")
        )
    if code in (sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH):
        return refused("value_refused")
    if text.startswith("no such table"):
        return unavailable("front_end_table_missing")
    if "no column named" in text or text.startswith("no such column"):
        return unavailable("front_end_column_missing")
    return unavailable(_CODES.get(code, "front_end_failed"))
