"""Running gateways for tests: real sockets, real SQLite, real keys, and partners that a test can bend."""

import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.bootstrap import SYSTEM_CLOCK, OpenStore, RunningGateway, running_gateway
from gateway.core.audit.entry import Entry, EntryKind, read_entry
from gateway.core.catalogue.items import service_item
from gateway.core.model import Delivery, DeliveryState, Identity, Partner, PartnerKind, ServiceItem
from gateway.demo.applicants import case
from gateway.demo.case import Step
from gateway.demo.layouts.codes import authority_code, implementation_code, item_name
from gateway.demo.layouts.national import NationalLayout
from gateway.flow.entries import party
from gateway.flow.ports import Clock, EntryFilter
from gateway.settings import Settings
from gateway.store import open_store
from tests.patience import until
from tests.simulator import CLOCK, PartnerSimulator

SHIYAN, ANKANG, JIUQUAN = "420300000000", "610900000000", "620900000000"
NATIONAL = NationalLayout()
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@asynccontextmanager
async def opened_gateway(
    folder: Path,
    name: str,
    region: str,
    *,
    port: int = 0,
    opening: OpenStore = open_store,
    clock: Clock = SYSTEM_CLOCK,
    **settled: Any,
) -> AsyncIterator[RunningGateway]:
    """Run a gateway on a loopback port, a free one by default, over whatever its folder already holds."""
    with socket.create_server(("127.0.0.1", port)) as listening:
        settings = Settings(
            id=f"gateway.{name}",
            region=region,
            keys=str(folder / f"{name}-keys"),
            **(
                {
                    "url": f"http://127.0.0.1:{listening.getsockname()[1]}",
                    "store": f"sqlite:///{folder / name}.sqlite",
                }
                | settled
            ),
        )
        async with running_gateway(settings, listening=listening, opening=opening, clock=clock) as gateway:
            yield gateway


async def register(gateway: RunningGateway, *partners: Partner) -> None:
    """Register partners as an operator does."""
    for partner in partners:
        entry = gateway.steps.entries.administered(EntryKind.PARTNER_REGISTERED, party(partner))
        await gateway.store.put_partner(partner, entry)
    await gateway.directory.refresh()


def published(region: str, numbers: Sequence[int] = range(3), **changes: object) -> list[ServiceItem]:
    """Return service items of a region as the catalogue keeps them."""
    documents = [
        {
            "implementationCode": implementation_code(region, number),
            "name": item_name(number),
            "type": "01",
            "region": region,
            "status": "in-use",
            "version": 1,
            **changes,
        }
        for number in numbers
    ]
    return [service_item(document) for document in documents]


async def publish(gateway: RunningGateway, region: str, numbers: Sequence[int] = range(3), **changes: object) -> None:
    """Publish service items of a region."""
    await gateway.store.put_items(published(region, numbers, **changes))


def application(number: int = 0, *, collecting: str = SHIYAN, handling: str = ANKANG, item: int = 0) -> bytes:
    """Return an application in the national layout."""
    named = (implementation_code(handling, item), item_name(item))
    return NATIONAL.application(case(number, collecting=collecting, handling=handling, item=named, at=CLOCK.now()))


def event(kind: str, *, region: str = ANKANG, case_number: str = "610900202603020001") -> bytes:
    """Return an event in the national layout."""
    return NATIONAL.event(
        Step(
            type=kind,
            case_number=case_number,
            region=region,
            authority="安康市行政审批局",
            authority_code=authority_code(region),
            officer="张敏",
            at=CLOCK.now() - timedelta(seconds=1),
        )
    )


@dataclass(frozen=True, kw_only=True)
class Border:
    """One gateway with a system of its own on this side and a partner gateway on the other."""

    gateway: RunningGateway
    system: PartnerSimulator
    partner: PartnerSimulator

    @property
    def identity(self) -> Identity:
        return self.gateway.identity

    async def deliveries(self, state: DeliveryState | None = None) -> tuple[Delivery, ...]:
        return await self.gateway.store.deliveries(state=state)

    async def entries(self, kind: str = "") -> list[Entry]:
        """Return what the log says, oldest first."""
        found = await self.gateway.store.search(EntryFilter(kind=kind), limit=1000)
        leaves = [await self.gateway.store.leaves(index, 1) for index in sorted(found)]
        return [read_entry(leaf) for (leaf,) in leaves]

    async def settled(self, count: int = 1) -> None:
        """Wait until so many deliveries are settled."""
        await self._waited_for(DeliveryState.SETTLED, count)

    async def dead(self) -> tuple[Delivery, ...]:
        """Wait until a delivery is given up, and return those that are."""
        return await self._waited_for(DeliveryState.DEAD, 1)

    async def _waited_for(self, state: DeliveryState, count: int) -> tuple[Delivery, ...]:
        async def enough() -> tuple[Delivery, ...]:
            found = await self.deliveries(state)
            return found if len(found) >= count else ()

        async def states() -> object:
            return [(each.state, each.code) for each in await self.deliveries()]

        found: tuple[Delivery, ...] = await until(enough, states)
        return found


@asynccontextmanager
async def border(
    folder: Path,
    *,
    name: str = "shiyan",
    region: str = SHIYAN,
    beyond: str = ANKANG,
    clock: Clock = SYSTEM_CLOCK,
    **settled: Any,
) -> AsyncIterator[Border]:
    """Run a gateway between its own national-layout system and a partner gateway that answers for `beyond`."""
    system = PartnerSimulator(id=f"system.{name}", kind=PartnerKind.SYSTEM, region=region, adapter="national", seed=2)
    partner = PartnerSimulator(id="gateway.beyond", kind=PartnerKind.GATEWAY, region=beyond, seed=3)
    await system.listen()
    await partner.listen()
    try:
        async with opened_gateway(folder, name, region, port=0, opening=open_store, clock=clock, **settled) as gateway:
            await register(gateway, system.partner(), partner.partner())
            await publish(gateway, region)
            await publish(gateway, beyond)
            yield Border(gateway=gateway, system=system, partner=partner)
    finally:
        await system.hang_up()
        await partner.hang_up()
