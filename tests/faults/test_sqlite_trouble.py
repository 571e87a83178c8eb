"""What a gateway on SQLite does while its disk is full, read-only, held by somebody else or slow: it says so and waits.

The trouble is real: SQLite itself refuses, beneath a gateway that otherwise runs as always.
"""

import asyncio
import sqlite3
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import aiohttp
import pytest

from gateway.flow.ports import EntryFilter
from gateway.store import open_store
from tests.faults.traffic import LIFE
from tests.faults.world import World, world
from tests.gateways import application
from tests.patience import until
from tests.simulator import CHANCE, Reply
from tests.store.sqlite.weather import Weather


@contextmanager
def full(weather: Weather, _path: Path):
    weather.disk_full = True
    yield
    weather.disk_full = False


@contextmanager
def read_only(weather: Weather, _path: Path):
    weather.read_only = True
    yield
    weather.read_only = False


@contextmanager
def locked(_weather: Weather, path: Path):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def troubled(folder: Path, weather: Weather):
    """Run both gateways; what happens to Shiyan's store is in our hands."""
    opening = partial(open_store, factory=weather.factory(), patience_s=0.1)
    return world(folder, opening=[opening, open_store])


async def submitted(running: World, exchange: str) -> Reply:
    """Submit an application with so much white space that no page has room for it already."""
    return await running.traffic.portal.submit(
        running.shiyan.identity, application(9) + b" " * 500_000, exchange=exchange
    )


async def health(running: World) -> int:
    async with aiohttp.ClientSession() as session, session.get(running.shiyan.identity.url + "/healthz") as answer:
        return answer.status


@pytest.mark.parametrize("trouble", [full, read_only, locked])
async def test_a_store_that_takes_nothing_is_told_as_503_and_once_it_does_again_all_goes_on(tmp_path, trouble):
    weather = Weather()
    async with troubled(tmp_path, weather) as running:
        traffic, store = running.traffic, running.sides[0].store
        number = await traffic.live(0, LIFE[:1])
        exchange = CHANCE.uuid7()

        with trouble(weather, tmp_path / "shiyan.sqlite"):
            reply = await submitted(running, exchange)
            # What comes next of both sides meets the trouble.
            going_on = [asyncio.create_task(each) for each in (traffic.live(1), traffic.carry_on(number, LIFE[1:]))]
            await until_refused(running)

            assert (reply.status, reply.json["code"]) == (503, "store_unavailable")
            assert int(reply.headers["Retry-After"]) > 0
            assert await health(running) == 200
            assert (await store.taken(exchange), await store.search(EntryFilter(exchange=exchange))) == (None, ())

        await asyncio.gather(*going_on)
        assert (await submitted(running, exchange)).status == 202
        assert await running.findings() == []


async def until_refused(running: World) -> None:
    """Wait until the portal, or Ankang that delivers to Shiyan, was told to come again; nothing of it is given up."""

    async def refused() -> bool:
        deliveries = await running.sides[1].store.deliveries()
        return running.traffic.refused > 0 or any(each.code == "store_unavailable" for each in deliveries)

    await until(refused)


async def test_while_the_disk_takes_its_time_nobody_has_a_receipt_and_the_gateway_is_alive(tmp_path):
    weather = Weather()
    async with troubled(tmp_path, weather) as running:
        begun = weather.seen["commits begun"]
        weather.disk.clear()
        exchange = CHANCE.uuid7()
        asking = asyncio.create_task(submitted(running, exchange))
        await running.traffic.portal.until(lambda: weather.seen["commits begun"] > begun)

        alive = [await health(running) for _ in range(5)]
        unknown = await running.sides[0].store.taken(exchange)
        waiting = not asking.done()
        weather.disk.set()

        assert (alive, unknown, waiting) == ([200] * 5, None, True)
        assert (await asking).status == 202
        await running.traffic.live(1)
        assert await running.findings() == []
