"""A queue in front of the database's thread: requests that arrive together travel together.

A batch leaves on the next turn of the loop, or as soon as the one before it is back; nothing lingers to fill it.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from typing import TypeVar, cast

from gateway.core.errors import OverloadedError, StoreUnavailableError
from gateway.store.sqlite.thread import DatabaseThread
from gateway.store.sqlite.transaction import Done, Job, Outcome

_T = TypeVar("_T")

ROOM = 4096  # jobs that may wait; beyond it a caller is better told to come back than made to wait

Work = Callable[[sqlite3.Connection, Sequence[Job]], list[Outcome]]


class Lane:
    """Runs jobs in a connection's thread, a batch a hop; owned by one event loop."""

    def __init__(self, thread: DatabaseThread, work: Work, *, room: int = ROOM) -> None:
        self._thread = thread
        self._work = work
        self._room = room
        self._waiting: list[tuple[Job, asyncio.Future[object]]] = []
        self._running: asyncio.Task[None] | None = None
        self._closed = False

    async def run(self, job: Callable[[sqlite3.Connection], _T]) -> _T:
        """Return what `job` returns, once its batch is done; raise what it raised.

        Raises OverloadedError where too many wait already, StoreUnavailableError once the lane is closed.
        """
        if self._closed:
            raise StoreUnavailableError("the store is closed")
        if len(self._waiting) >= self._room:
            raise OverloadedError("too many requests wait for the store")
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((job, future))
        if self._running is None:
            self._running = asyncio.create_task(self._drain())
        return cast("_T", await future)

    async def close(self) -> None:
        """Take nothing more, finish what waits, and let go of the connection."""
        self._closed = True
        if self._running is not None:
            await self._running
        await self._thread.close()

    async def _drain(self) -> None:
        try:
            while self._waiting:
                # A caller that gave up before its job was begun gets what it asked for: nothing happens.
                batch = [(job, future) for job, future in self._waiting if not future.done()]
                self._waiting = []
                if batch:
                    await self._travel(batch)
        finally:
            self._running = None

    async def _travel(self, batch: Sequence[tuple[Job, asyncio.Future[object]]]) -> None:
        try:
            outcomes = await self._thread.run(lambda connection: self._work(connection, [job for job, _ in batch]))
            for (_, future), outcome in zip(batch, outcomes, strict=True):
                _answer(future, outcome)
        finally:
            # Reached unanswered only when the loop itself is being torn down.
            for _, future in batch:
                future.cancel()


def _answer(future: asyncio.Future[object], outcome: Outcome) -> None:
    if future.done():
        return  # the caller gave up; what it asked for has happened all the same
    if isinstance(outcome, Done):
        future.set_result(outcome.value)
    else:
        future.set_exception(outcome.error)
