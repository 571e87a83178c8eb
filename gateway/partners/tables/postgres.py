"""Front-end databases in PostgreSQL: a small pool for each, every wait bounded."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Final

import asyncpg

from gateway.core.errors import GatewayError
from gateway.partners.tables.database import unavailable
from gateway.partners.tables.refusals import refused
from gateway.partners.tables.sql import ALONE, POSTGRESQL, Dialect, Statement

_CONNECTIONS: Final = 4
_CONNECT_S: Final = 5.0
_SETTINGS: Final = {
    "application_name": "tongban",
    "timezone": "Asia/Shanghai",  # what columns with an offset mean to us, as in exchange tables everywhere
    "standard_conforming_strings": "on",
}
# SQLSTATE, or its class: what it is to us. The whole code goes before the class.
_STATES: Final = {
    "42P01": "front_end_table_missing",
    "42703": "front_end_column_missing",
    "42804": "front_end_type_differs",
    "42883": "front_end_type_differs",  # no operator between a column and what we compare it with
    "42846": "front_end_type_differs",
    "42501": "front_end_denied",
    "25006": "front_end_read_only",
    "53100": "front_end_full",
    "55P03": "front_end_locked",
    "57014": "front_end_timeout",
    "3D000": "front_end_unreachable",
    "08": "front_end_unreachable",
    "28": "front_end_denied",
    "40": "front_end_locked",
    "57": "front_end_unreachable",
}
_BAD_VALUE: Final = "22"
_NOT_NULL, _BROKEN_RULE = "23502", "23"


@dataclass(frozen=True, slots=True)
class _Session:
    connection: "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

    async def execute(self, statement: Statement) -> int:
        with _translated():
            status = await self.connection.execute(statement.text, *map(str, statement.values))
            return int(status.rpartition(" ")[2])  # `INSERT 0 1`, `UPDATE 1`: the rows it changed stand last

    async def fetch(self, statement: Statement) -> Sequence[Mapping[str, Any]]:
        with _translated():
            rows = await self.connection.fetch(statement.text, *map(str, statement.values))
            return [dict(row) for row in rows]

    async def names(self, statement: Statement) -> tuple[str, ...]:
        with _translated():
            prepared = await self.connection.prepare(statement.text)
            return tuple(each.name for each in prepared.get_attributes())

    async def alone(self, batch: str) -> None:
        with _translated():
            await self.connection.execute(ALONE, batch)


class PostgresDatabase:
    """A database at a URL; nothing is connected until the first session."""

    dialect: Dialect = POSTGRESQL

    def __init__(self, url: str, *, login: tuple[str, str] | None, timeout_s: float) -> None:
        self._url, self._login, self._timeout_s = url, login, timeout_s
        self._opening = asyncio.Lock()
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None

    @asynccontextmanager
    async def session(self, *, writing: bool = False) -> AsyncIterator[_Session]:
        """Begin a transaction; see `Database`."""
        with _translated():
            pool = await self._opened()
            async with (
                pool.acquire(timeout=_CONNECT_S + self._timeout_s) as connection,
                connection.transaction(readonly=not writing),
            ):
                yield _Session(connection)

    async def close(self) -> None:
        """Let go of every connection."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.terminate()

    async def _opened(self) -> "asyncpg.Pool[asyncpg.Record]":
        async with self._opening:
            if self._pool is None:
                user, password = self._login or (None, None)
                self._pool = await asyncpg.create_pool(
                    self._url,
                    user=user,
                    password=password,
                    min_size=0,
                    max_size=_CONNECTIONS,
                    timeout=_CONNECT_S,
                    command_timeout=self._timeout_s,
                    server_settings=_SETTINGS | {"lock_timeout": str(int(self._timeout_s * 1000))},
                )
            return self._pool


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise _as_ours(error) from None
    except TimeoutError:
        raise unavailable("front_end_timeout") from None
    except (OSError, asyncpg.InternalClientError):  # the latter where a connection ended under its client's feet
        raise unavailable("front_end_unreachable") from None


def _as_ours(error: Exception) -> GatewayError:
    """Return what an error of PostgreSQL is to us; none of its text is passed on, since it quotes values."""
    state = getattr(error, "sqlstate", None) or ""
    if state == _NOT_NULL:
        return refused("value_required", getattr(error, "column_name", None) or "")
    if state.startswith(_BROKEN_RULE):
        return refused("row_refused", getattr(error, "column_name", None) or "")
    if state.startswith(_BAD_VALUE) or isinstance(error, ValueError):
        return refused("value_refused", getattr(error, "column_name", None) or "")
    return unavailable(_STATES.get(state) or _STATES.get(state[:2]) or "front_end_failed")
