"""Applications that keep coming, both ways, each lived through to its end by the systems of the two regions."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import count

from gateway.demo.applicants import case
from gateway.demo.layouts.codes import item_codes
from gateway.demo.play import ITEMS
from gateway.demo.stage import Post
from gateway.demo.system import RegionalSystem


@dataclass(kw_only=True, slots=True)
class Traffic:
    """A stream of so many applications a second; it waits while more than `open_most` are not closed yet."""

    posts: tuple[Post, Post]
    rate: float
    open_most: int
    at: datetime
    _under_way: set[asyncio.Task[str]] = field(default_factory=set)

    async def run(self) -> None:
        """Submit until cancelled; what was begun goes on."""
        for number in count():
            source, target = self.posts if number % 2 == 0 else reversed(self.posts)
            task = asyncio.get_running_loop().create_task(self._submit(number, source, target))
            self._under_way.add(task)
            task.add_done_callback(partial(self._done, source.system))
            await asyncio.sleep(1 / self.rate)
            while self._open() >= self.open_most:  # noqa: ASYNC110 - what closes one is many things
                await asyncio.sleep(0.05)

    @property
    def busy(self) -> bool:
        """Whether something that was submitted has no receipt yet."""
        return bool(self._under_way)

    def _open(self) -> int:
        return sum(len(post.system.seen.submitted) - len(post.system.seen.closed) for post in self.posts)

    async def _submit(self, number: int, source: Post, target: Post) -> str:
        codes = item_codes(target.region.division, ITEMS)
        matter = case(
            number,
            collecting=source.region.division,
            handling=target.region.division,
            item=codes[number % len(codes)],
            at=self.at,
        )
        return await source.system.submit(matter)

    def _done(self, system: RegionalSystem, task: asyncio.Task[str]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()):
            system.seen.failures.append(str(error))
