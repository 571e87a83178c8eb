"""A node reads anew what it is told of, each topic by itself, and everything where it cannot hear."""

import asyncio

import pytest

from gateway.core.errors import CorruptedError, StoreUnavailableError
from gateway.flow.follow import FollowChanges
from gateway.flow.ports import EVERYTHING, Topic
from tests.patience import PATIENCE_S, until


class Told:
    """What is said to have changed, as a test says it."""

    def __init__(self) -> None:
        self._said: asyncio.Queue[frozenset[Topic] | Exception] = asyncio.Queue()

    def say(self, said):
        self._said.put_nowait(said)

    async def changed(self):
        said = await self._said.get()
        if isinstance(said, Exception):
            raise said
        return said


class Reading:
    """Counts how often each topic was read; a test may hold one up, or have it fail."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(Topic, 0)
        self.held: dict[Topic, asyncio.Event] = {}
        self.failing: list[Exception] = []

    def of(self, topic):
        async def read() -> None:
            if topic in self.held:
                await self.held[topic].wait()
            self.counts[topic] += 1
            if self.failing:
                raise self.failing.pop()

        return read

    async def until(self, **counts):
        async def told():
            return self.counts

        await until(lambda: {each: self.counts[Topic(each)] for each in counts} == counts, told)


@pytest.fixture
async def node():
    told, reading = Told(), Reading()
    following = FollowChanges(changes=told, read={topic: reading.of(topic) for topic in Topic})
    tasks = [asyncio.create_task(work) for work in following.work()]
    yield told, reading, tasks
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_changed_is_read_and_nothing_else(node):
    told, reading, _ = node

    told.say(frozenset({Topic.PARTNERS}))
    await reading.until(partners=1)
    told.say(frozenset({Topic.PARTNERS, Topic.OUTBOX}))
    await reading.until(partners=2, outbox=1, adapters=0)


async def test_what_takes_long_to_read_holds_up_nothing_else(node):
    told, reading, _ = node
    reading.held[Topic.ADAPTERS] = asyncio.Event()

    told.say(EVERYTHING)
    told.say(frozenset({Topic.PARTNERS}))
    await reading.until(partners=1, outbox=1, adapters=0)
    told.say(frozenset({Topic.ADAPTERS, Topic.PARTNERS}))
    await reading.until(partners=2, adapters=0)
    reading.held[Topic.ADAPTERS].set()

    await reading.until(adapters=2)  # what changed while it was read is read again


async def test_where_nothing_can_be_heard_everything_is_read(node):
    told, reading, _ = node

    told.say(StoreUnavailableError("away"))

    await reading.until(partners=1, outbox=1, adapters=1)


async def test_what_could_not_be_read_is_read_again(node):
    told, reading, _ = node
    reading.failing.append(StoreUnavailableError("away"))

    told.say(frozenset({Topic.PARTNERS}))

    await reading.until(partners=2)


async def test_what_nothing_repairs_ends_the_work(node):
    told, reading, tasks = node
    reading.failing.append(CorruptedError("damaged"))

    told.say(frozenset({Topic.ADAPTERS}))
    (ended,), _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED, timeout=PATIENCE_S)

    assert isinstance(ended.exception(), CorruptedError)
