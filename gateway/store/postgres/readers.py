"""A few connections that only read, for verbs that wait for nobody's commit.

They are to the primary, like those that write: a standby may be a moment behind, and whoever was just told that
something is durable must find it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext, suppress
from typing import Final, TypeVar

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from gateway.core.errors import GatewayError, OverloadedError, SettingsError, StoreUnavailableError
from gateway.store.lane import ROOM
from gateway.store.postgres.failures import as_promised, is_away
from gateway.store.postgres.server import LONGEST_S, Server, unreachable
from gateway.store.postgres.session import Session

_T = TypeVar("_T")
CONNECTIONS: Final = 4
_CLOSING_S: Final = 5.0


class Readers:
    """Runs jobs that only read, each on a connection of its own; owned by one event loop."""

    def __init__(self, server: Server, pool: asyncpg.Pool) -> None:
        self._server = server
        self._pool = pool
        self._steady = asyncio.Semaphore(CONNECTIONS // 2)  # a search may take long: the others are for what does not
        self._inside = 0
        self._closed = False

    async def read(self, job: Callable[[Session], Awaitable[_T]], *, steadily: bool = False) -> _T:
        """Return what `job` returns; `steadily` has all its statements see one state, where it has several.

        Raises OverloadedError where too many wait already, StoreUnavailableError once the store is closed or away.
        """
        if self._closed:
            raise StoreUnavailableError("the store is closed")
        if self._inside >= ROOM:
            raise OverloadedError("too many requests wait for the store")
        self._inside += 1
        turn, patience_s = (self._steady, LONGEST_S) if steadily else (nullcontext(), self._server.answer_s)
        try:
            async with asyncio.timeout(patience_s), turn, self._lent() as connection:
                return await (_read_steadily if steadily else _read)(connection, job)
        except SettingsError as error:  # it was right when the store was opened, and is no mistake of a caller's
            raise unreachable(error) from error
        except Exception as error:  # noqa: BLE001 - whatever a job raises is answered to its caller
            promised = as_promised(error)
            raise promised from promised.__cause__
        finally:
            self._inside -= 1

    async def close(self) -> None:
        """Finish what was begun and let go of the connections."""
        self._closed = True
        try:
            async with asyncio.timeout(_CLOSING_S):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    @asynccontextmanager
    async def _lent(self) -> AsyncIterator[PoolConnectionProxy]:
        """Lend a connection to the server that is the primary now; one that broke does not come back."""
        connection = await self._pool.acquire()
        while self._server.left_behind(connection):
            connection.terminate()
            connection = await self._pool.acquire()
        try:
            yield connection
        except BaseException as error:
            # The server is not asked to stop, for it may never answer; it stops by itself.
            if not isinstance(error, GatewayError | asyncpg.PostgresError) or is_away(error):
                _end(connection)
            raise
        finally:
            await self._pool.release(connection)


async def _read(connection: PoolConnectionProxy, job: Callable[[Session], Awaitable[_T]]) -> _T:
    return await job(Session(connection))


async def _read_steadily(connection: PoolConnectionProxy, job: Callable[[Session], Awaitable[_T]]) -> _T:
    try:
        await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        seen = await job(Session(connection))
        await connection.execute("COMMIT")
    except BaseException:
        _end(connection)  # with its transaction
        raise
    return seen


def _end(connection: PoolConnectionProxy) -> None:
    """Let go of a connection that may have ended already; what is being raised meanwhile stays what it is."""
    with suppress(asyncpg.InterfaceError):
        connection.terminate()
