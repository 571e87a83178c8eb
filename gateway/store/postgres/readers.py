"""A few connections that only read, for verbs that wait for nobody's commit."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import asyncpg

from gateway.core.errors import OverloadedError, StoreUnavailableError
from gateway.store.lane import ROOM
from gateway.store.postgres.failures import as_promised
from gateway.store.postgres.session import Session

_T = TypeVar("_T")
CONNECTIONS: Final = 4
_CLOSING_S: Final = 5.0


class Readers:
    """Runs jobs that only read, each on a connection of its own; owned by one event loop."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
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
        try:
            async with self._pool.acquire() as connection:
                if not steadily:
                    return await job(Session(connection))
                async with connection.transaction():
                    return await job(Session(connection))
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
