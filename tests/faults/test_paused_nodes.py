"""A node paused past its lease while it sends: others carry on, and what it says when it wakes up changes nothing."""

import asyncio

import pytest
from aiohttp import web

from gateway.core.audit.entry import EntryKind, read_entry
from gateway.core.model import DeliveryState, PartnerKind
from gateway.store import open_store
from tests.gateways import ANKANG, SHIYAN, application
from tests.patience import PATIENCE_S, until
from tests.processes import introduce, nodes_of
from tests.simulator import PartnerSimulator
from tests.store.postgres.databases import Databases
from tests.store.proof import assert_sound


@pytest.fixture
async def url(postgres):
    databases = Databases(postgres)
    yield await databases.new_store()
    databases.take_back()


@pytest.fixture
async def portal():
    system = PartnerSimulator(id="system.shiyan", kind=PartnerKind.SYSTEM, region=SHIYAN, adapter="national", seed=2)
    await system.listen()
    yield system
    await system.hang_up()


class Slow:
    """A partner gateway whose answer to its first request is long in coming; the others it answers at once."""

    def __init__(self, status):
        self.partner = PartnerSimulator(id="gateway.beyond", kind=PartnerKind.GATEWAY, region=ANKANG, seed=3)
        self.partner.answer = self._answer
        self.first, self.go_on = asyncio.Event(), asyncio.Event()
        self._status = status

    async def _answer(self, *_):
        if self.first.is_set():
            return None
        self.first.set()
        await self.go_on.wait()
        if self._status == 422:
            return web.json_response({"results": [{"problem": {"status": 422, "code": "document_invalid"}}]})
        return None


@pytest.mark.parametrize("status", [202, 422])
async def test_what_it_was_sending_is_sent_by_another_and_its_own_verdict_comes_too_late(tmp_path, url, portal, status):
    slow = Slow(status)
    await slow.partner.listen()
    paused, other = nodes_of(tmp_path, "shiyan", SHIYAN, 2, store=url, TONGBAN_LEASE_S="2")
    await introduce(paused, portal.partner(), slow.partner.partner())
    await paused.start()
    assert (await portal.submit(paused.identity, application())).status == 202
    async with asyncio.timeout(PATIENCE_S):
        await slow.first.wait()

    paused.pause()
    await other.start()
    store = await open_store(url)
    await until_settled(store, 1)
    slow.go_on.set()
    paused.resume()
    # It goes on as a node like any other, behind what it had to say of the first.
    assert (await portal.submit(paused.identity, application(1), at=paused.address)).status == 202
    await until_settled(store, 2)
    stopped = [await paused.stop(), await other.stop()]

    assert stopped == [0, 0], paused.said() + other.said()
    await assert_each_settled_once(store)
    await store.close()
    await slow.partner.hang_up()


async def test_what_a_node_that_stops_or_is_killed_held_is_sent_by_another(tmp_path, url, portal):
    slow = Slow(202)
    await slow.partner.listen()
    killed, other = nodes_of(tmp_path, "shiyan", SHIYAN, 2, store=url, TONGBAN_LEASE_S="2")
    await introduce(killed, portal.partner(), slow.partner.partner())
    await killed.start()
    assert (await portal.submit(killed.identity, application())).status == 202
    async with asyncio.timeout(PATIENCE_S):
        await slow.first.wait()
    await other.start()

    await killed.kill()

    store = await open_store(url)
    await until_settled(store, 1)
    slow.go_on.set()
    assert await other.stop() == 0
    await assert_each_settled_once(store)
    await store.close()
    await slow.partner.hang_up()


async def until_settled(store, count):
    async def settled():
        return len(await store.deliveries(state=DeliveryState.SETTLED)) == count

    async def states():
        return [(each.state, each.code) for each in await store.deliveries()]

    await until(settled, states)


async def assert_each_settled_once(store):
    deliveries = await store.deliveries()
    entries = [read_entry(leaf) for leaf in await store.leaves(0, (await store.head()).size)]
    told = [each for each in entries if each.kind is EntryKind.DELIVERY_SETTLED]

    assert {each.state for each in deliveries} == {DeliveryState.SETTLED}
    assert sorted(each.exchange for each in told) == sorted(each.exchange for each in deliveries)
    assert not [each for each in entries if each.kind is EntryKind.DELIVERY_DEAD]
    await assert_sound(store)
