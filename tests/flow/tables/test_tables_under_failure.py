"""Front-end databases that fail, and gateways that die: nothing doubled, nothing lost, nobody else held up."""

import asyncio

import orjson
import pytest

from gateway.core.audit.entry import EntryKind
from gateway.core.catalogue.collaboration import collaboration_number
from gateway.core.errors import StoreUnavailableError
from gateway.core.model import DeliveryState, PartnerKind
from gateway.core.tables.ids import exchange_of_row
from tests.front_ends import front_border, region, relayed_application, said
from tests.gateways import application, register
from tests.patience import PATIENCE_S
from tests.simulator import PartnerSimulator

__all__ = ["region"]
NUMBER, OTHER = collaboration_number("420300", 1), collaboration_number("420300", 2)


async def sent(here, number=NUMBER, *, exchange=""):
    reply = await here.partner.relay(here.identity, b"[" + relayed_application(number, exchange=exchange) + b"]")
    assert "receipt" in reply.json["results"][0], reply.body


class DyingOutbox:
    """An outbox whose conclusions never arrive, as where the process dies before it writes them."""

    def __init__(self, outbox):
        self._outbox = outbox
        self.died = asyncio.Event()

    def __getattr__(self, name):
        return getattr(self._outbox, name)

    async def conclude(self, *_):
        self.died.set()
        raise StoreUnavailableError("the process is gone")


async def test_a_gateway_that_dies_between_the_commit_of_rows_and_its_conclusion_writes_nothing_twice(tmp_path, region):
    async with front_border(tmp_path, region) as here:
        dying = DyingOutbox(here.gateway.store)
        here.gateway.steps.relay.outbox = dying
        await sent(here)
        await asyncio.wait_for(dying.died.wait(), PATIENCE_S)
        assert [each.state for each in await here.deliveries()] == [DeliveryState.IN_FLIGHT]
        before = await region.rows("DN_PRO_ACCEPT"), await region.rows("DN_PRO_MATERIAL")

    async with front_border(tmp_path, region) as here:
        await here.settled()
        after = await region.rows("DN_PRO_ACCEPT"), await region.rows("DN_PRO_MATERIAL")
        entries = await here.entries(EntryKind.DELIVERY_SETTLED)

    assert before == after
    assert (len(after[0]), len(after[1])) == (1, 2)
    assert len(entries) == 1


async def test_a_row_read_again_after_a_crash_is_the_same_exchange_with_one_effect(tmp_path, region):
    async with front_border(tmp_path, region) as here:
        await sent(here)
        await here.settled()
        await region.write_document(said("accepted", NUMBER))
        await here.settled(2)
    await region.run('UPDATE "UP_PRO_ACCEPT" SET "SYNC_SIGN" = \'0\'')

    async with front_border(tmp_path, region) as here:
        await here.until(lambda: marked(region))
        deliveries = await here.deliveries()
        received = await here.entries(EntryKind.EXCHANGE_RECEIVED)
        refused = await here.entries(EntryKind.EXCHANGE_REFUSED)

    assert len(deliveries) == len(received) == 2
    assert refused == []
    assert await region.rows("UP_AUDIT_ABNORMAL") == []


async def marked(region):
    return [row for row in await region.rows("UP_PRO_ACCEPT") if row["SYNC_SIGN"] == "1"]


async def test_a_table_without_a_mark_is_read_on_from_where_it_was_left(tmp_path, region):
    async with front_border(tmp_path, region) as here:
        await sent(here)
        await here.settled()
        await region.write_document(said("accepted", NUMBER))
        await here.settled(2)
        await region.write_document(said("decided", NUMBER))
        await here.settled(3)
        position = await here.gateway.store.table_position("system.tables", "UP_PRO_RESULT")

    async with front_border(tmp_path, region) as here:
        await asyncio.sleep(0.5)
        again = await here.gateway.store.table_position("system.tables", "UP_PRO_RESULT")
        assert len(await here.deliveries()) == 3

    assert position is not None
    assert again == position


async def test_what_cannot_be_written_now_waits_and_goes_when_the_table_is_there_again(tmp_path, region):
    await region.run('ALTER TABLE "DN_PRO_ACCEPT" RENAME TO "AWAY"')
    async with front_border(tmp_path, region) as here:
        await sent(here)
        waiting = await here.until(lambda: due(here))
        await region.run('ALTER TABLE "AWAY" RENAME TO "DN_PRO_ACCEPT"')
        await here.settled()

    assert [(each.state, each.code) for each in waiting] == [(DeliveryState.DUE, "front_end_table_missing")]


async def due(here):
    return [each for each in await here.deliveries(DeliveryState.DUE) if each.code]


async def test_rows_that_the_database_refuses_are_dead_at_once_with_their_place(tmp_path, region):
    await region.run('CREATE UNIQUE INDEX "ONE_OF_A_NAME" ON "DN_PRO_MATERIAL" ("MATERIALNAME")')
    async with front_border(tmp_path, region) as here:
        await sent(here)
        await here.settled()
        await sent(here, OTHER)
        (dead,) = await here.dead()

    assert (dead.code, [each.pointer for each in dead.faults]) == ("rows_refused", ["/UP_PRO_MATERIAL/0"])


@pytest.mark.parametrize("endpoint", ["postgresql://tongban@127.0.0.1:1/none", "sqlite:////nowhere/front-end.db"])
async def test_a_dead_front_end_costs_a_healthy_system_nothing(tmp_path, region, endpoint):
    async with front_border(tmp_path, region, collecting=True) as here:
        dead = PartnerSimulator(
            id="system.dead", kind=PartnerKind.SYSTEM, region="610900000000", adapter="national-tables", seed=7
        )
        dead.endpoint = endpoint
        await register(here.gateway, dead.partner(keys=()))
        await here.system.submit(here.identity, application())  # towards the dead one
        for number in range(3):
            document = said_application(number)
            await region.write_document(document)
        await here.until(lambda: taken_rows(region, 3))
        states = {each.destination: each.state for each in await here.deliveries()}

    assert states["system.dead"] in {DeliveryState.DUE, DeliveryState.IN_FLIGHT}


def said_application(number):
    return orjson.loads(application(number))


async def taken_rows(region, count):
    rows = await region.rows("UP_PRO_ACCEPT")
    return [row["SYNC_SIGN"] for row in rows] == ["1"] * count


async def test_the_exchange_of_a_row_follows_from_where_it_stands(tmp_path, region):
    async with front_border(tmp_path, region) as here:
        await sent(here)
        await here.settled()
        guid = await region.write_document(said("accepted", NUMBER))
        await here.settled(2)
        received = await here.entries(EntryKind.EXCHANGE_RECEIVED)
        mine = [entry.exchange for entry in received if entry.role]

    assert mine == [exchange_of_row("gateway.here", "system.tables", "UP_PRO_ACCEPT", guid)]
