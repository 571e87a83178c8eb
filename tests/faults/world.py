"""Two gateways in this process, a portal before one and an office behind the other: the cheapest whole world."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.bootstrap import OpenStore, RunningGateway
from gateway.core.audit.entry import EntryKind
from gateway.core.model import Partner, PartnerKind
from gateway.store import open_store
from tests.faults.books import Side, opened_side, until_resting
from tests.faults.checks import Finding, findings
from tests.faults.traffic import Traffic, systems
from tests.gateways import ANKANG, SHIYAN, opened_gateway
from tests.processes import entry, introduce_to


@dataclass(frozen=True, kw_only=True)
class World:
    """Both gateways while they run, and the traffic between their systems."""

    shiyan: RunningGateway
    ankang: RunningGateway
    sides: tuple[Side, Side]
    traffic: Traffic

    async def administer(self) -> None:
        """Register the systems again, as an operator does from another process: the gateways hear of a change."""
        for side, gateway, system in zip(
            self.sides, (self.shiyan, self.ankang), (self.traffic.portal, self.traffic.office), strict=True
        ):
            registered = entry(EntryKind.PARTNER_REGISTERED, gateway.identity, system.partner())
            await side.store.put_partner(system.partner(), registered)

    async def findings(self) -> list[Finding]:
        """Wait until all is at rest, and return what is wrong."""
        await until_resting(self.sides)
        traffic = self.traffic
        return await findings(self.sides, told=traffic.told, seen=traffic.seen, shown=traffic.shown)


@asynccontextmanager
async def world(
    folder: Path, *, stores: Sequence[str] = (), opening: Sequence[OpenStore] = (open_store, open_store)
) -> AsyncIterator[World]:
    """Run both gateways, Shiyan's first: over the stores at these URLs, or over SQLite in the folder."""
    urls = stores or [f"sqlite:///{folder}/{name}.sqlite" for name in ("shiyan", "ankang")]
    async with AsyncExitStack() as stack:
        portal, office = await stack.enter_async_context(systems())
        here = await stack.enter_async_context(
            opened_gateway(folder, "shiyan", SHIYAN, store=urls[0], opening=opening[0], lease_s=5)
        )
        there = await stack.enter_async_context(
            opened_gateway(folder, "ankang", ANKANG, store=urls[1], opening=opening[1], lease_s=5)
        )
        await introduce_to(urls[0], here.identity, portal.partner(), as_partner(there))
        await introduce_to(urls[1], there.identity, office.partner(), as_partner(here))
        for gateway in (here, there):
            await gateway.directory.refresh()
        yield World(
            shiyan=here,
            ankang=there,
            sides=(
                await stack.enter_async_context(opened_side(here.identity.id, urls[0], folder / "shiyan-keys")),
                await stack.enter_async_context(opened_side(there.identity.id, urls[1], folder / "ankang-keys")),
            ),
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
