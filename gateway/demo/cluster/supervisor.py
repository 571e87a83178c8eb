"""Watches every part, starts again what has ended, whoever ended it, and says what happened."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic
from typing import Final

from gateway.core.errors import GatewayError
from gateway.demo.cluster.programs import Database, Part
from gateway.demo.ports import HOST

_LOOK_S: Final = 0.1
_REST_S: Final = 0.5  # between an end and the next start, as a service manager does


class Happening(StrEnum):
    """What can happen to a part."""

    KILLED = "killed"
    STOPPED = "stopped"
    PAUSED = "paused"
    RESUMED = "resumed"
    ENDED = "ended"  # by itself, or by somebody at another terminal
    STARTED = "started"
    NOT_STARTED = "not_started"


@dataclass(frozen=True, kw_only=True, slots=True)
class Incident:
    """Something that happened to a part."""

    what: Happening
    part: Part
    pid: int
    seconds: float | None = None  # that it took, or will take


@dataclass(kw_only=True, slots=True)
class Supervisor:
    """Whoever keeps the parts running. What blocks is done in a thread, of which a part has one at a time."""

    parts: Sequence[Part]
    tell: Callable[[Incident], None]
    counts: Counter[Happening] = field(default_factory=Counter)
    _busy: set[int] = field(default_factory=set)  # ids of parts that a thread holds
    _ended: set[int] = field(default_factory=lambda: {0})  # pids whose end is known; 0 is what has never run
    _closing: bool = False

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Start everything, and again whatever ends, while the context lasts; then end nodes and balancers.

        The databases are left running, for whoever made them may have something to read.
        """
        watch = asyncio.gather(*(self._keep(part) for part in self.parts))
        try:
            yield
        finally:
            self._closing = True
            await watch
            serving = [part for part in self.parts if not isinstance(part, Database)]
            await asyncio.gather(*(asyncio.to_thread(part.stop) for part in serving))

    async def all_up(self) -> None:
        """Return once everything runs and takes connections."""
        while len(self.free()) < len(self.parts):  # noqa: ASYNC110 - processes set no events
            await asyncio.sleep(_LOOK_S)

    async def kill(self, part: Part) -> None:
        """End a part between two instructions."""
        await self._end(part, Happening.KILLED, part.kill)

    async def stop(self, part: Part) -> None:
        """Tell a part to end in good order, as for an upgrade."""
        await self._end(part, Happening.STOPPED, part.stop)

    async def pause(self, part: Part, seconds: float) -> None:
        """Let a part stand still for so long."""
        paused = part.pid
        part.pause()
        self._say(Happening.PAUSED, part, seconds)
        try:
            await asyncio.sleep(seconds)
        finally:
            part.resume()
        if part.pid == paused and part.running:  # and was not killed meanwhile
            self._say(Happening.RESUMED, part)

    def resume_all(self) -> None:
        """Let everything go on, also what somebody paused at another terminal."""
        for part in self.parts:
            part.resume()

    def free(self) -> list[Part]:
        """Return the parts that run and that nobody is starting or ending."""
        return [part for part in self.parts if part.running and id(part) not in self._busy]

    async def _keep(self, part: Part) -> None:
        while not self._closing:
            if not part.running and id(part) not in self._busy:
                if part.pid not in self._ended:
                    self._say(Happening.ENDED, part)
                    self._ended.add(part.pid)
                await asyncio.sleep(_REST_S if part.pid else 0)
                await self._start(part)
            await asyncio.sleep(_LOOK_S)

    async def _start(self, part: Part) -> None:
        begun = monotonic()
        self._busy.add(id(part))
        try:
            await asyncio.to_thread(part.start)
            await _listening(part)
        except GatewayError:
            self._say(Happening.NOT_STARTED, part)
            return
        finally:
            self._busy.discard(id(part))
        if part.running:
            self._say(Happening.STARTED, part, monotonic() - begun)

    async def _end(self, part: Part, what: Happening, end: Callable[[], None]) -> None:
        begun = monotonic()
        self._ended.add(part.pid)
        self._busy.add(id(part))
        try:
            await asyncio.to_thread(end)
        finally:
            self._busy.discard(id(part))
        self._say(what, part, monotonic() - begun if what is Happening.STOPPED else None)

    def _say(self, what: Happening, part: Part, seconds: float | None = None) -> None:
        self.counts[what] += 1
        self.tell(Incident(what=what, part=part, pid=part.pid, seconds=seconds))


async def _listening(part: Part) -> None:
    """Return once a part takes connections, or has ended."""
    port = int(part.address.rpartition(":")[2])
    while part.running:
        with suppress(OSError):
            _, writer = await asyncio.open_connection(HOST, port)
            writer.close()
            return
        await asyncio.sleep(_LOOK_S)
