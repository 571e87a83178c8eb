"""A gateway on PostgreSQL does what it does on a file, and two of them over one database are one gateway."""

import asyncio

import pytest

from gateway.core.audit.entry import EntryKind
from gateway.core.model import DeliveryState
from tests.gateways import SHIYAN, application, border, opened_gateway
from tests.simulator import CHANCE
from tests.store.postgres.databases import Databases
from tests.store.proof import assert_sound


@pytest.fixture
async def databases(postgres):
    lent = Databases(postgres)
    yield lent
    lent.take_back()


async def test_a_gateway_on_postgresql_receives_relays_and_settles(tmp_path, databases):
    async with border(tmp_path, store=await databases.new_store()) as here:
        exchange = CHANCE.uuid7()
        await here.system.submit(here.identity, application(), exchange=exchange)
        await here.settled()
        await here.system.submit(here.identity, application(), exchange=exchange)

        assert len(await here.deliveries()) == 1
        assert len(await here.entries(EntryKind.DELIVERY_SETTLED)) == 1
        await assert_sound(here.gateway.store)


async def test_a_gateway_that_is_started_again_goes_on_where_it_stood(tmp_path, databases):
    url = await databases.new_store()
    async with border(tmp_path, store=url) as here:
        await here.system.submit(here.identity, application())
        await here.settled()
        head = await here.gateway.store.head()

    async with opened_gateway(tmp_path, "shiyan", SHIYAN, store=url) as again:
        assert (await again.store.head()).size > head.size
        assert [each.state for each in await again.store.deliveries()] == [DeliveryState.SETTLED]
        await assert_sound(again.store)


async def test_what_two_nodes_take_reaches_the_other_side_once_each(tmp_path, databases):
    url = await databases.new_store()
    async with (
        border(tmp_path, store=url) as here,
        opened_gateway(tmp_path, "shiyan", SHIYAN, store=url) as other,
    ):
        await other.directory.refresh()
        nodes = (here.identity, other.identity)
        assert nodes[0].url != nodes[1].url
        await asyncio.gather(*(here.system.submit(nodes[number % 2], application(number)) for number in range(20)))
        await here.settled(20)

        receipts = await here.entries(EntryKind.DELIVERY_SETTLED)
        assert len({each.exchange for each in receipts}) == len(receipts) == 20
        assert len(await here.deliveries()) == 20
        await assert_sound(other.store)
