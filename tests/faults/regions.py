"""Two regions whose gateways are processes, of one node or several, and whatever becomes of those while they work."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.balancer import balanced
from tests.faults.books import opened_sides, until_resting
from tests.faults.checks import Finding, findings
from tests.faults.network import Fault, Network
from tests.faults.traffic import Traffic, systems
from tests.gateways import ANKANG, SHIYAN
from tests.processes import GatewayProcess, introduce, nodes_of


@dataclass(frozen=True, kw_only=True)
class Region:
    """One gateway: its nodes, and what stands before them."""

    nodes: list[GatewayProcess]
    door: str  # where its own systems reach it
    way: Network  # where other gateways do

    @property
    def gateway(self) -> GatewayProcess:
        """Any of the nodes, where all are alike."""
        return self.nodes[0]


@dataclass(frozen=True, kw_only=True)
class Regions:
    """Both gateways and the traffic between their systems."""

    shiyan: Region
    ankang: Region
    traffic: Traffic

    @property
    def nodes(self) -> list[GatewayProcess]:
        return [*self.shiyan.nodes, *self.ankang.nodes]

    async def suffer(self, *faults: Fault) -> None:
        """Let the requests between the gateways meet these faults, one each."""
        for region in (self.shiyan, self.ankang):
            await region.way.suffer(*faults)

    async def start(self) -> None:
        """Start every node that does not run."""
        await asyncio.gather(*(node.start() for node in self.nodes if not node.alive))

    async def findings(self) -> list[Finding]:
        """Wait until all is at rest, stop every node in good order, and return what is wrong."""
        async with opened_sides(self.shiyan.gateway, self.ankang.gateway) as sides:
            await until_resting(sides)
            stopped = await asyncio.gather(*(node.stop() for node in self.nodes))
            assert set(stopped) == {0}, [node.said() for node in self.nodes]
            traffic = self.traffic
            return await findings(sides, told=traffic.told, seen=traffic.seen, shown=traffic.shown)


@asynccontextmanager
async def regions(folder: Path, stores: Sequence[str], *, nodes: int = 1, seed: int = 0) -> AsyncIterator[Regions]:
    """Prepare both gateways over the stores at these URLs, Shiyan's first; nothing runs yet, and in the end nothing.

    A gateway has so many nodes where its store serves several, and one on SQLite. `seed` draws what
    befalls the requests between them, once they are to suffer something.
    """
    async with AsyncExitStack() as stack:
        portal, office = await stack.enter_async_context(systems())
        both = [
            await stack.enter_async_context(
                _region(folder, name, region, store, count=nodes if store.startswith("postgresql") else 1, seed=seed)
            )
            for (name, region), store in zip((("shiyan", SHIYAN), ("ankang", ANKANG)), stores, strict=True)
        ]
        shiyan, ankang = (each.gateway for each in both)
        await introduce(shiyan, portal.partner(), ankang.partner())
        await introduce(ankang, office.partner(), shiyan.partner())
        at = {each.gateway.identity.id: each.door for each in both}
        traffic = Traffic(portal=portal, office=office, shiyan=shiyan.identity, ankang=ankang.identity, at=at)
        yield Regions(shiyan=both[0], ankang=both[1], traffic=traffic)


@asynccontextmanager
async def _region(folder: Path, name: str, region: str, store: str, *, count: int, seed: int) -> AsyncIterator[Region]:
    async with balanced() as balancer, Network(beyond=urlsplit(balancer.url).port or 0, seed=seed) as way:
        nodes = nodes_of(folder, name, region, count, store=store, url=way.url, TONGBAN_LEASE_S="3")
        balancer.nodes = [node.address for node in nodes]
        try:
            yield Region(nodes=nodes, door=balancer.url, way=way)
        finally:
            for node in nodes:
                if node.alive:
                    await node.kill()


@dataclass(frozen=True, kw_only=True)
class Blow:
    """One thing done to a node: how long after the last one, to which, and for how long it stands still; 0 kills it."""

    after_s: float
    node: int
    pause_s: float

    def __str__(self) -> str:
        return f"+{self.after_s:.2f}s node {self.node} " + (f"paused {self.pause_s:.2f}s" if self.pause_s else "killed")


def blows(seed: int, count: int, nodes: int) -> list[Blow]:
    """Draw what happens to nodes, a death first; the same seed draws the same."""
    chance = random.Random(seed)
    return [
        Blow(
            after_s=chance.uniform(0.2, 2.0),
            node=chance.randrange(nodes),
            pause_s=chance.uniform(0.1, 4.0) if number and chance.random() < 0.3 else 0.0,
        )
        for number in range(count)
    ]


async def suffer(nodes: Sequence[GatewayProcess], plan: Sequence[Blow]) -> None:
    """Do to the nodes what the plan says, and start again each that was killed."""
    for blow in plan:
        await asyncio.sleep(blow.after_s)
        node = nodes[blow.node]
        if blow.pause_s:
            node.pause()
            await asyncio.sleep(blow.pause_s)
            node.resume()
        else:
            await node.restart()
