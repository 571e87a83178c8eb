"""Two gateways as real processes, killed at any moment: nothing acknowledged is lost, nothing counted twice."""

import asyncio
import json
import random
from contextlib import suppress

import aiohttp
import pytest

from gateway.core.model import DeliveryState, PartnerKind
from gateway.flow.verify import verify_stored_log
from gateway.store import open_store
from tests.gateways import ANKANG, SHIYAN, application, event
from tests.processes import GatewayProcess, free_port, introduce
from tests.simulator import CHANCE, PartnerSimulator

APPLICATIONS = 24
KILLS = 4
EVENTS = ("accepted", "reviewed", "decided", "certificate_issued", "delivered")


async def until_acknowledged(send):
    """Repeat a request, as every partner must, until it is answered; a dead gateway answers nothing."""
    for _ in range(2000):
        with suppress(aiohttp.ClientError, ConnectionError, TimeoutError):
            reply = await send()
            if reply.status == 202:
                return reply
            assert reply.status == 503, reply.body
        await asyncio.sleep(0.05)
    raise AssertionError("never acknowledged")


@pytest.mark.timeout(280)
async def test_kill_9_loses_nothing_acknowledged_and_doubles_nothing(tmp_path):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    shiyan = GatewayProcess(tmp_path, "shiyan", SHIYAN, free_port())
    ankang = GatewayProcess(tmp_path, "ankang", ANKANG, free_port())
    portal = PartnerSimulator(id="system.shiyan", kind=PartnerKind.SYSTEM, region=SHIYAN, adapter="national", seed=2)
    office = PartnerSimulator(id="system.ankang", kind=PartnerKind.SYSTEM, region=ANKANG, adapter="national", seed=3)
    await portal.listen()
    await office.listen()
    await introduce(shiyan, portal.partner(), ankang.partner())
    await introduce(ankang, office.partner(), shiyan.partner())
    await asyncio.gather(shiyan.start(), ankang.start())

    acknowledged: dict[str, str] = {}

    async def live(number: int) -> None:
        await asyncio.sleep(chance.random() * 8)
        exchange, body = CHANCE.uuid7(), application(number)
        reply = await until_acknowledged(lambda: portal.submit(shiyan.identity, body, exchange=exchange))
        acknowledged[exchange] = reply.json["number"]
        await office.until(lambda: exchange in office.counts, within_s=120)
        for kind in EVENTS:
            said, words = CHANCE.uuid7(), event(kind)
            path = reply.json["number"]
            await until_acknowledged(lambda s=said, w=words, p=path: office.report(ankang.identity, p, w, exchange=s))
            acknowledged[said] = path

    async def murder() -> None:
        for _ in range(KILLS):
            await asyncio.sleep(0.5 + chance.random())
            victim = chance.choice((shiyan, ankang))
            await victim.kill()
            await victim.start()

    await asyncio.gather(murder(), *(live(number) for number in range(APPLICATIONS)))
    events = [exchange for exchange in acknowledged if exchange not in office.counts]
    await portal.until(lambda: set(events) <= set(portal.counts), within_s=120)

    assert len(acknowledged) == APPLICATIONS * (1 + len(EVENTS))
    assert set(office.counts) | set(portal.counts) == set(acknowledged)
    by_number: dict[str, list[str]] = {}
    for exchange, kind, number, _ in portal.seen:
        told = by_number.setdefault(number, [])
        if exchange not in told:
            told.append(exchange)
            by_number[number + "/kinds"] = [*by_number.get(number + "/kinds", []), kind.removeprefix("event.")]
    assert all(by_number[number + "/kinds"] == list(EVENTS) for number in set(acknowledged.values()))

    assert [await shiyan.stop(), await ankang.stop()] == [0, 0]
    for process in (shiyan, ankang):
        await every_exchange_once(process, len(acknowledged))
    await portal.hang_up()
    await office.hang_up()


async def every_exchange_once(process: GatewayProcess, expected: int) -> None:
    """Hold the store of a stopped gateway against what was acknowledged, and its log against itself."""
    store = await open_store(process.store)
    deliveries = await store.deliveries(limit=10_000)
    received = [each for each in await _entries(store) if each["kind"] == "exchange_received"]
    report = await verify_stored_log(store, process.log_key())
    await store.close()

    assert {each.state for each in deliveries} == {DeliveryState.SETTLED}
    assert len(deliveries) == len({each.exchange for each in deliveries}) == expected
    assert len(received) == len({each["exchange"] for each in received}) == expected
    assert report.passed, report.checks


async def _entries(store):
    size = (await store.head()).size
    return [json.loads(leaf) for leaf in await store.leaves(0, size)]
