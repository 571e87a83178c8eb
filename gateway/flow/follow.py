"""Keeps what this node remembers of the store as the store has it: told of a change, it reads anew.

Each topic is read by itself, so that an adapter that takes long to load holds up no suspension of a partner. While
nothing can be heard everything is read again each second; while it cannot be read, what was known last holds.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from gateway.core.errors import AdapterError, RetryableError
from gateway.flow.ports import EVERYTHING, Changes, Topic

AGAIN_S: Final = 1.0

_log = structlog.get_logger(__name__)


@dataclass(kw_only=True, slots=True)
class FollowChanges:
    """Reads what others have changed, by the function given for its topic."""

    changes: Changes
    read: Mapping[Topic, Callable[[], Awaitable[None]]]
    _told: dict[Topic, asyncio.Event] = field(default_factory=dict)

    def work(self) -> Iterator[Coroutine[Any, Any, None]]:
        """Return what is to be run until cancelled; each ends by itself only with what nothing repairs."""
        self._told = {topic: asyncio.Event() for topic in self.read}
        yield self._listen()
        for topic in self.read:
            yield self._follow(topic)

    async def _listen(self) -> None:
        while True:
            try:
                topics = await self.changes.changed()
            except RetryableError as error:
                _log.warning("changes_unheard", code=error.code)
                await asyncio.sleep(AGAIN_S)
                topics = EVERYTHING
            for topic in topics & self._told.keys():
                self._told[topic].set()

    async def _follow(self, topic: Topic) -> None:
        told = self._told[topic]
        while True:
            await told.wait()
            told.clear()
            try:
                await self.read[topic]()
            except (RetryableError, AdapterError) as error:
                _log.warning("still_stale", topic=topic, code=error.code)
                await asyncio.sleep(AGAIN_S)
                told.set()
