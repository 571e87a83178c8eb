"""Two gateways in this process, a portal before one and an office behind the other: the cheapest whole world."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.bootstrap import OpenStore, RunningGateway
from gateway.core.model import Partner, PartnerKind
from gateway.store import open_store
from tests.faults.books import Side, until_resting
from tests.faults.checks import Finding, findings
from tests.faults.traffic import Traffic, systems
from tests.gateways import ANKANG, SHIYAN, opened_gateway, publish, register


@dataclass(frozen=True, kw_only=True)
class World:
    """Both gateways while they run, and the traffic between their systems."""

    shiyan: RunningGateway
    ankang: RunningGateway
    sides: tuple[Side, Side]
    traffic: Traffic

    async def findings(self) -> list[Finding]:
        """Wait until all is at rest, and return what is wrong."""
        await until_resting(self.sides)
        return await findings(self.sides, told=self.traffic.told, seen=self.traffic.seen)


@asynccontextmanager
async def world(
    folder: Path, *, stores: Sequence[str] = (), opening: Sequence[OpenStore] = (open_store, open_store)
) -> AsyncIterator[World]:
    """Run both gateways, Shiyan's first: over the stores at these URLs, or over SQLite in the folder."""
    urls = stores or [f"sqlite:///{folder}/{name}.sqlite" for name in ("shiyan", "ankang")]
    async with AsyncExitStack() as stack:
        portal, office = await stack.enter_async_context(systems())
        here = await stack.enter_async_context(
            opened_gateway(folder, "shiyan", SHIYAN, store=urls[0], opening=opening[0])
        )
        there = await stack.enter_async_context(
            opened_gateway(folder, "ankang", ANKANG, store=urls[1], opening=opening[1])
        )
        await register(here, portal.partner(), as_partner(there))
        await register(there, office.partner(), as_partner(here))
        for gateway in (here, there):
            await publish(gateway, ANKANG)
        yield World(
            shiyan=here,
            ankang=there,
            sides=(_side(here, urls[0]), _side(there, urls[1])),
            traffic=Traffic(portal=portal, office=office, shiyan=here.identity, ankang=there.identity),
        )


def as_partner(gateway: RunningGateway) -> Partner:
    """Return how other gateways register this one."""
    identity = gateway.identity
    return Partner(
        id=identity.id,
        kind=PartnerKind.GATEWAY,
        name=identity.id,
        regions=(identity.region,),
        endpoint=identity.url,
        keys=gateway.keys,
    )


def _side(gateway: RunningGateway, url: str) -> Side:
    return Side(
        id=gateway.identity.id,
        url=url,
        store=gateway.store,
        log_key=gateway.log_key,
        prove=gateway.steps.prove_entry,
    )
