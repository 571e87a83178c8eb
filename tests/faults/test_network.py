"""Whatever the network does between two gateways, each exchange arrives once, in order, and both sides say the same."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.bootstrap import RunningGateway
from gateway.core.audit.entry import EntryKind, read_entry
from gateway.core.model import DeliveryState, Partner, PartnerKind
from gateway.demo.ports import free_port
from tests.faults.network import Fault, Network
from tests.gateways import ANKANG, SHIYAN, Border, application, event, opened_gateway, publish, register
from tests.patience import PATIENCE_S, until
from tests.simulator import CHANCE, PartnerSimulator

ENDING = tuple(  # what ends a request without an answer, or with one that is for another
    fault for fault in Fault if fault not in {Fault.CARRIED, Fault.SLOW, Fault.DUPLICATED, Fault.SWAPPED}
)
EVENTS = ("accepted", "reviewed", "decided")


@dataclass(frozen=True, kw_only=True)
class Federation:
    """Shiyan, which collects, and Ankang, which handles; a bad network each way, and a system of its own each."""

    shiyan: Border
    ankang: Border
    there: Network  # what Shiyan's gateway sends goes through it
    back: Network

    async def submit(self, number: int) -> tuple[str, str]:
        """Submit an application in Shiyan; return its exchange and its number."""
        exchange, at = CHANCE.uuid7(), f"http://127.0.0.1:{self.back.beyond}"
        reply = await self.shiyan.system.submit(self.shiyan.identity, application(number), exchange=exchange, at=at)
        assert reply.status == 202, reply.body
        return exchange, reply.json["number"]

    async def report(self, number: str, kind: str) -> str:
        """Report an event in Ankang; return its exchange."""
        exchange, at = CHANCE.uuid7(), f"http://127.0.0.1:{self.there.beyond}"
        reply = await self.ankang.system.report(self.ankang.identity, number, event(kind), exchange=exchange, at=at)
        assert reply.status == 202, reply.body
        return exchange

    async def arrived(self, exchange: str) -> None:
        """Wait until an application is with the system that handles it."""
        await self.ankang.system.until(lambda: exchange in self.ankang.system.counts)


@pytest.fixture
async def federation(tmp_path):
    async with connected(tmp_path, seed=1) as both:
        yield both


@asynccontextmanager
async def connected(folder: Path, *, seed: int) -> AsyncIterator[Federation]:
    ports = free_port(), free_port()
    portal = PartnerSimulator(id="system.shiyan", kind=PartnerKind.SYSTEM, region=SHIYAN, adapter="national", seed=2)
    office = PartnerSimulator(id="system.ankang", kind=PartnerKind.SYSTEM, region=ANKANG, adapter="national", seed=3)
    await portal.listen()
    await office.listen()
    async with (
        Network(beyond=ports[1], seed=seed) as there,
        Network(beyond=ports[0], seed=seed + 1) as back,
        opened_gateway(folder, "shiyan", SHIYAN, port=ports[0], url=back.url) as shiyan,
        opened_gateway(folder, "ankang", ANKANG, port=ports[1], url=there.url) as ankang,
    ):
        await register(shiyan, portal.partner(), as_partner(ankang))
        await register(ankang, office.partner(), as_partner(shiyan))
        await publish(ankang, ANKANG)
        yield Federation(
            shiyan=Border(gateway=shiyan, system=portal, partner=office),
            ankang=Border(gateway=ankang, system=office, partner=portal),
            there=there,
            back=back,
        )
    await portal.hang_up()
    await office.hang_up()


def as_partner(gateway: RunningGateway) -> Partner:
    return Partner(
        id=gateway.identity.id,
        kind=PartnerKind.GATEWAY,
        name=gateway.identity.id,
        regions=(gateway.identity.region,),
        endpoint=gateway.identity.url,
        keys=gateway.keys,
    )


async def failed(border: Border) -> str:
    """Wait until a delivery has been tried in vain, and return the code that an operator reads."""

    async def codes() -> list[str]:
        return [each.code for each in await border.deliveries() if each.code]

    code: str = (await until(codes))[0]
    return code


async def received(border: Border) -> list[str]:
    """Return the exchanges of which the log says that they were taken."""
    leaves = await border.gateway.store.leaves(0, (await border.gateway.store.head()).size)
    entries = [read_entry(leaf) for leaf in leaves]
    return [entry.exchange for entry in entries if entry.kind is EntryKind.EXCHANGE_RECEIVED]


@pytest.mark.parametrize("fault", ENDING)
async def test_what_a_fault_kept_from_arriving_is_sent_again_and_what_had_arrived_counts_once(federation, fault):
    await federation.there.suffer(fault)
    exchanges = {exchange for exchange, _ in [await federation.submit(number) for number in range(3)]}
    code = await failed(federation.shiyan)

    await federation.there.suffer(Fault.CARRIED)
    federation.shiyan.gateway.steps.relay.heard_from("gateway.ankang")
    await federation.shiyan.settled(3)
    for exchange in exchanges:
        await federation.arrived(exchange)

    assert code == "partner_unreachable"
    assert sorted(await received(federation.ankang)) == sorted(exchanges)
    assert set(federation.ankang.system.counts.values()) == {1}


@pytest.mark.parametrize("fault", [Fault.SLOW, Fault.DUPLICATED])
async def test_what_is_slow_or_comes_twice_is_settled_at_the_first_try(federation, fault):
    await federation.there.suffer(fault)
    exchange, _ = await federation.submit(1)

    await federation.shiyan.settled()
    await federation.arrived(exchange)

    (delivery,) = await federation.shiyan.deliveries()
    assert (delivery.attempts, await received(federation.ankang)) == (1, [exchange])


async def test_the_answer_to_another_request_settles_nothing(federation):
    federation.there.silence_s = PATIENCE_S
    await federation.there.suffer(Fault.SWAPPED)
    first, _ = await federation.submit(1)
    await federation.there.until_swapping()
    second, _ = await federation.submit(2)

    await federation.there.until_met(Fault.SWAPPED, 2)
    code = await failed(federation.shiyan)
    settled_then = await federation.shiyan.deliveries(DeliveryState.SETTLED)
    await federation.there.suffer(Fault.CARRIED)
    federation.shiyan.gateway.steps.relay.heard_from("gateway.ankang")
    await federation.shiyan.settled(2)

    assert (code, settled_then) == ("receipt_exchange_wrong", ())
    assert sorted(await received(federation.ankang)) == sorted((first, second))


async def test_through_every_fault_both_ways_each_exchange_counts_once_and_the_order_holds(tmp_path, soak):
    async with connected(tmp_path, seed=soak.seed) as federation:
        ways, told = (federation.there, federation.back), dict[str, list[str]]()
        for way in ways:
            await way.suffer(*Fault, *[Fault.CARRIED] * len(Fault))
        while any(set(way.met) != set(Fault) for way in ways) or soak.lasts():
            told.update(await asyncio.gather(*(live(federation, len(told) + number) for number in range(4))))
        for way in ways:
            await way.suffer(Fault.CARRIED)

        events = {exchange for exchanges in told.values() for exchange in exchanges}
        await federation.shiyan.system.until(lambda: events <= set(federation.shiyan.system.counts))
        await everything_once(federation, told)


async def everything_once(federation: Federation, told: dict[str, list[str]]) -> None:
    """Hold what the systems and the logs of both sides say against the events that were reported, in their order."""
    heard: dict[str, list[str]] = {}
    for exchange, _, number, _ in federation.shiyan.system.seen:
        heard.setdefault(number, []).append(exchange)
    assert heard == told
    assert len(federation.ankang.system.seen) == len(told)
    for side in (federation.shiyan, federation.ankang):
        taken = await received(side)
        assert len(taken) == len(set(taken)) == len(told) * (1 + len(EVENTS))


async def live(federation: Federation, number: int) -> tuple[str, list[str]]:
    """Let one application come to its decision; return its number and its events in order."""
    exchange, case = await federation.submit(number)
    await federation.arrived(exchange)
    return case, [await federation.report(case, kind) for kind in EVENTS]
