"""A primary dies under load, its standby is promoted, and what was acknowledged is there once, in order and proven."""

import asyncio
import random
import time
from itertools import count

import aiohttp
import pytest

from tests.faults.books import until_resting
from tests.faults.checks import findings
from tests.faults.traffic import Traffic
from tests.faults.world import World, world
from tests.postgres import GivenServer
from tests.store.postgres.databases import Databases
from tests.store.postgres.pairs import database_of, running_pair

_SENDERS = 4


@pytest.fixture
def pair(servers_folder):
    with running_pair(servers_folder) as running:
        yield running


class Load:
    """Senders that live one application after another, whatever happens to the gateways."""

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic
        self._numbers = count()
        self._ending = False
        self._senders: list[asyncio.Task[object]] = [asyncio.create_task(self._send()) for _ in range(_SENDERS)]

    def begin_another(self) -> None:
        """Send one application more; those that are sent already may all be waiting to arrive."""
        self._senders.append(asyncio.create_task(self._traffic.live(next(self._numbers))))

    async def until_told(self, more: int) -> None:
        """Wait until so many more exchanges are acknowledged."""
        wanted = len(self._traffic.told) + more
        while len(self._traffic.told) < wanted:
            await self._look()

    async def until_refused(self) -> None:
        """Wait until somebody has been told to come again."""
        refused = self._traffic.refused
        while self._traffic.refused == refused:
            await self._look()

    async def end(self) -> None:
        """Begin nothing more, and wait until all has arrived."""
        self._ending = True
        await asyncio.gather(*self._senders)

    async def _look(self) -> None:
        await asyncio.sleep(0.02)
        for sender in self._senders:
            if sender.done():
                sender.result()

    async def _send(self) -> None:
        while not self._ending:
            await self._traffic.live(next(self._numbers))


async def test_a_promoted_standby_has_all_that_was_acknowledged_and_gateways_find_it_by_themselves(
    pair, tmp_path, soak
):
    databases = Databases(GivenServer(pair.primary.url))
    urls = [pair.url(database_of(await databases.new_store())) for _ in range(2)]
    async with world(tmp_path, stores=urls) as running:
        shown: dict[str, list[bytes]] = {side.id: [] for side in running.sides}
        load = Load(running.traffic)
        for seed in soak:
            if not pair.primary.running:
                await asyncio.to_thread(pair.replace_primary)
            await load.until_told(random.Random(seed).randrange(6, 24))
            for side in running.sides:
                shown[side.id].append((await side.prove.newest()).note.encode())
            await fail_over(pair, running, load)
        await load.end()
        await until_resting(running.sides)

        found = await findings(running.sides, told=running.traffic.told, seen=running.traffic.seen, shown=shown)
        assert not found, found


async def fail_over(pair, running: World, load: Load) -> None:
    """Kill the primary, promote the standby, and tell how long nobody was answered."""
    await asyncio.to_thread(pair.primary.kill)
    killed = time.monotonic()
    load.begin_another()
    await load.until_refused()
    assert await statuses(running, "/readyz") == {503}
    assert await statuses(running, "/healthz") == {200}

    await asyncio.to_thread(pair.standby.promote)
    promoted = time.monotonic()
    await load.until_told(1)
    print(f"promoted {promoted - killed:.2f} s after the kill, answered {time.monotonic() - promoted:.2f} s after that")
    while await statuses(running, "/readyz") != {200}:  # noqa: ASYNC110 - each turn asks anew
        await asyncio.sleep(0.05)
    await load.until_told(6)


async def statuses(running: World, path: str) -> set[int]:
    """Return what both gateways answer."""
    found = set()
    async with aiohttp.ClientSession() as session:
        for gateway in (running.shiyan, running.ankang):
            async with session.get(gateway.identity.url + path) as answer:
                found.add(answer.status)
    return found
