"""A queue in front of a database: requests that arrive together travel together.

A batch leaves on the next turn of the loop, or as soon as the one before it is back; nothing lingers to fill it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from gateway.core.errors import OverloadedError, StoreUnavailableError

_J = TypeVar("_J")

ROOM = 4096  # jobs that may wait; beyond it a caller is better told to come back than made to wait


@dataclass(frozen=True, slots=True)
class Done:
    """What a job returned; durable by now, if it wrote."""

    value: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """Why nothing of a job happened."""

    error: Exception


Outcome = Done | Failed


class Lane(Generic[_J]):
    """Has jobs done, a batch at a time; owned by one event loop."""

    def __init__(
        self,
        work: Callable[[Sequence[_J]], Awaitable[list[Outcome]]],
        let_go: Callable[[], Awaitable[None]],
        *,
        room: int = ROOM,
    ) -> None:
        self._work = work
        self._let_go = let_go
        self._room = room
        self._waiting: list[tuple[_J, asyncio.Future[Any]]] = []
        self._running: asyncio.Task[None] | None = None
        self._closed = False

    async def done(self, job: _J) -> Any:
        """Return what `job` returns, once its batch is done; raise what it raised.

        Raises OverloadedError where too many wait already, StoreUnavailableError once the lane is closed.
        """
        if self._closed:
            raise StoreUnavailableError("the store is closed")
        if len(self._waiting) >= self._room:
            raise OverloadedError("too many requests wait for the store")
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((job, future))
        if self._running is None:
            self._running = asyncio.create_task(self._drain())
        return await future

    async def close(self) -> None:
        """Take nothing more, finish what waits, and let go of the connection."""
        self._closed = True
        if self._running is not None:
            await self._running
        await self._let_go()

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

    async def _travel(self, batch: Sequence[tuple[_J, asyncio.Future[Any]]]) -> None:
        try:
            outcomes = await self._work([job for job, _ in batch])
            for (_, future), outcome in zip(batch, outcomes, strict=True):
                _answer(future, outcome)
        finally:
            # Reached unanswered only when the loop itself is being torn down.
            for _, future in batch:
                future.cancel()


def _answer(future: asyncio.Future[Any], outcome: Outcome) -> None:
    if future.done():
        return  # the caller gave up; what it asked for has happened all the same
    if isinstance(outcome, Done):
        future.set_result(outcome.value)
    else:
        future.set_exception(outcome.error)
