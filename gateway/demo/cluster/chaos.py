"""Breaks things as they break in life, one after another, as a seed says: the same seed breaks in the same order."""

import asyncio
import random
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from gateway.demo.cluster.programs import Database, Part
from gateway.demo.cluster.supervisor import Supervisor


class Fault(StrEnum):
    """What is done to a part."""

    NODE_KILLED = "node_killed"
    NODE_PAUSED = "node_paused"
    NODE_RENEWED = "node_renewed"
    BALANCER_KILLED = "balancer_killed"
    BALANCER_RENEWED = "balancer_renewed"
    DATABASE_KILLED = "database_killed"


# How often each comes: nodes break most, and a database is away for long enough to be felt.
_WEIGHTS: Final = {
    Fault.NODE_KILLED: 8,
    Fault.NODE_PAUSED: 4,
    Fault.NODE_RENEWED: 3,
    Fault.BALANCER_KILLED: 1,
    Fault.BALANCER_RENEWED: 1,
    Fault.DATABASE_KILLED: 2,
}
_PAUSE_S: Final = (1.0, 6.0)
_OPENING: Final = (
    Fault.NODE_KILLED,
    Fault.NODE_PAUSED,
    Fault.DATABASE_KILLED,
    Fault.NODE_KILLED,
    Fault.BALANCER_KILLED,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Chaos:
    """Breaks parts until cancelled, whether or not the last one is back; a short run too sees one of each sort."""

    supervisor: Supervisor
    seed: int
    every_s: float

    async def run(self) -> None:
        """Break something about every `every_s` seconds."""
        chance = random.Random(self.seed)  # noqa: S311 - repeatable on purpose
        pausing: set[asyncio.Task[None]] = set()
        try:
            for fault in _faults(chance):
                await asyncio.sleep(self.every_s * chance.uniform(0.5, 1.5))
                place, seconds = chance.random(), chance.uniform(*_PAUSE_S)
                parts = [part for part in self.supervisor.free() if _suits(fault, part)]
                if not parts:
                    continue
                work = self._done_to(fault, parts[int(place * len(parts))], seconds)
                task = asyncio.get_running_loop().create_task(work)
                pausing.add(task)
                task.add_done_callback(pausing.discard)
        finally:
            await asyncio.gather(*pausing)

    def _done_to(self, fault: Fault, part: Part, seconds: float) -> Coroutine[Any, Any, None]:
        if fault is Fault.NODE_PAUSED:
            return self.supervisor.pause(part, seconds)
        if fault in {Fault.NODE_RENEWED, Fault.BALANCER_RENEWED}:
            return self.supervisor.stop(part)
        return self.supervisor.kill(part)


def _faults(chance: random.Random) -> Iterator[Fault]:
    yield from _OPENING
    while True:
        yield chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]


def _suits(fault: Fault, part: Part) -> bool:
    sort = "database" if isinstance(part, Database) else part.name.split()[0]
    return fault.startswith(sort)
