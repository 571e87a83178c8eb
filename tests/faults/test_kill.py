"""`kill -9` of any gateway at any instant: nothing acknowledged is lost, nothing counts twice, and it goes on."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path

from tests.faults.lives import DIED, LIVES
from tests.faults.network import Fault
from tests.faults.points import KILLING, SERVING, Strike
from tests.faults.regions import Blow, Regions, blows, regions, suffer
from tests.faults.serve import POINTS
from tests.faults.world import as_partner
from tests.gateways import JIUQUAN, opened_gateway, publish, register
from tests.processes import GatewayProcess, introduce

# Of a store that is new: asked once for each adapter, and never after the last of these.
FIRST = ("put_version", "move_version")
# While the past is taken away: what was recorded must go, whoever dies on the way.
IN_ORDER = ("retire", "discard")
SOON = ("attend", "forget_nonces", "hasten", "keep_checkpoint", "keep_mirrored", "leave", "make_room", "take_duty")
OFTEN = ("claim", "conclude", "log", "receive")
# What only reads has no commit of its own: to die beside it is to die between two commits. It is drawn.
BESIDE = ("application", "backlogs", "changed", "checkpoint", "head", "item_versions", "leaves", "partners", "tiles")
DEATHS_S = 250
APPLICATIONS, BLOWS = 12, 3


async def test_a_gateway_killed_at_every_commit_boundary_goes_on_as_if_nothing_had_been(stores, tmp_path, soak):
    for number, seed in enumerate(soak):
        folder = tmp_path / str(number)
        folder.mkdir()
        chance = random.Random(seed)
        async with regions(folder, await stores.pair(seed)) as both, mirrored(folder, both):
            both.traffic.within_s = DEATHS_S
            fates = [(region.gateway, drawn(chance)) for region in (both.shiyan, both.ankang)]
            deaths = [asyncio.create_task(die_of_all(node, strikes)) for node, strikes in fates]
            await live_until(both, deaths)
            assert await both.findings() == []


def test_every_verb_that_a_running_node_commits_with_is_killed_at():
    assert {*FIRST, *IN_ORDER, *SOON, *OFTEN} == SERVING - {"advance_table", "keep_rejection"}


def drawn(chance: random.Random) -> list[Strike]:
    """Return all the deaths of a node: of each verb in both variants, in an order that is drawn where it may be."""
    house = [Strike(verb=verb, variant=variant) for verb, variant in product(IN_ORDER, KILLING)]
    others = [[Strike(verb=verb, variant=variant)] for verb, variant in product(SOON, KILLING)]
    others += [[Strike(verb=verb, variant=way, call=chance.randint(1, 2))] for verb, way in product(OFTEN, KILLING)]
    others += [house, [Strike(verb=chance.choice(BESIDE), variant=chance.choice(KILLING))]]
    chance.shuffle(others)
    first = [Strike(verb=verb, variant=variant) for verb, variant in product(FIRST, KILLING)]
    return [*first, *(strike for each in others for strike in each)]


async def die_of_all(node: GatewayProcess, strikes: Sequence[Strike]) -> None:
    """Let a node run into one death after another, and then live."""
    node.command = LIVES
    node.settled |= {POINTS: " ".join(map(str, strikes)), "TONGBAN_LEASE_S": "2"}
    await node.launch()
    try:
        async with asyncio.timeout(DEATHS_S):
            while node.alive and len(deaths_of(node)) < len(strikes):  # noqa: ASYNC110 - another process does the work
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"never met: {strikes[len(deaths_of(node))]}") from None
    assert deaths_of(node) == list(map(str, strikes)), node.said()
    assert await node.ready(), node.said()


def deaths_of(node: GatewayProcess) -> list[str]:
    """Return what a node has died of so far, as the supervisor of its lives saw it."""
    return [line.removeprefix(DIED) for line in node.said().splitlines() if line.startswith(DIED)]


@asynccontextmanager
async def mirrored(folder: Path, both: Regions) -> AsyncIterator[None]:
    """Run a third region, which nothing befalls, and whose catalogue the two copy."""
    async with opened_gateway(folder, "jiuquan", JIUQUAN) as owner:
        await publish(owner, JIUQUAN)
        for region in (both.shiyan, both.ankang):
            await register(owner, region.gateway.partner())
            await introduce(region.gateway, replace(as_partner(owner), mirrored=True))
        yield


async def live_until(both: Regions, done: Sequence[asyncio.Task[None]]) -> None:
    """Let applications come and go until all that is to happen has happened, and once more after that."""
    number = 0
    while not all(task.done() for task in done):
        await asyncio.gather(*(a_day(both, number + each) for each in range(3)))
        number += 3
    await asyncio.gather(*done, a_day(both, number))


async def a_day(both: Regions, number: int) -> None:
    await both.traffic.misstep()
    await both.traffic.look(await both.traffic.live(number))


async def test_nodes_killed_at_any_instant_beside_a_bad_network_lose_nothing_and_double_nothing(stores, tmp_path, soak):
    for number, seed in enumerate(soak):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with regions(folder, await stores.pair(seed), nodes=2, seed=seed) as both:
            plan = blows(seed, BLOWS, len(both.nodes))
            print(*plan, sep="; ")
            await both.start()
            await both.suffer(*Fault, *[Fault.CARRIED] * len(Fault))
            chance = random.Random(seed)
            load = [live_after(both, chance.uniform(0, 5), case) for case in range(APPLICATIONS)]
            await asyncio.gather(end_well(both, plan), *load)
            assert await both.findings() == []


async def end_well(both: Regions, plan: Sequence[Blow]) -> None:
    """Let the nodes suffer what is planned, and the network with them; then all is well."""
    await suffer(both.nodes, plan)
    await both.suffer(Fault.CARRIED)


async def live_after(both: Regions, seconds: float, number: int) -> None:
    await asyncio.sleep(seconds)
    await a_day(both, number)
