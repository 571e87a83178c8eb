"""`kill -9` of any gateway at any instant: nothing acknowledged is lost, nothing counts twice, and it goes on."""

import asyncio
import random
from collections.abc import Sequence

from tests.faults.network import Fault
from tests.faults.points import KILLING, Strike
from tests.faults.regions import Blow, Regions, blows, regions, suffer
from tests.faults.serve import POINTS, SERVE
from tests.processes import GatewayProcess

# Where a process dies: some in the suite, in `make soak` all of them sooner or later.
FIRST = ("move_version", "put_version")  # asked of a new store only, once for each adapter
DEADLY = ("receive", "claim", "conclude")
OFTEN = (
    *(
        "application",
        "attend",
        "backlogs",
        "changed",
        "changes_so_far",
        "checkpoint",
        "hasten",
        "head",
        "item_versions",
    ),
    *("keep_checkpoint", "leaves", "log", "partners", "tiles"),
)
DEATH_S = 90  # longer than any of these takes to be asked
APPLICATIONS, BLOWS = 12, 3


async def test_a_gateway_killed_at_a_boundary_of_its_store_goes_on_as_if_nothing_had_been(stores, tmp_path, soak):
    for number, seed in enumerate(soak):
        folder = tmp_path / str(number)
        folder.mkdir()
        chance = random.Random(seed)
        async with regions(folder, await stores.pair(seed)) as both:
            deaths = [
                asyncio.create_task(die_one_after_another(node, drawn(chance)))
                for node in (both.shiyan.gateway, both.ankang.gateway)
            ]
            await live_until(both, deaths)
            assert await both.findings() == []


def drawn(chance: random.Random) -> list[Strike]:
    """Draw where a gateway dies: when it first starts, at what acknowledges or moves something, and anywhere."""
    return [
        Strike(verb=chance.choice(FIRST), variant=chance.choice(KILLING), call=chance.randint(1, 4)),
        Strike(verb=chance.choice(DEADLY), variant=chance.choice(KILLING), call=chance.randint(1, 6)),
        Strike(verb=chance.choice((*DEADLY, *OFTEN)), variant=chance.choice(KILLING)),
    ]


async def die_one_after_another(node: GatewayProcess, strikes: Sequence[Strike]) -> None:
    """Let a node run into one death after another, and then live."""
    node.command = SERVE
    for strike in strikes:
        node.settled[POINTS] = str(strike)
        await node.launch()
        try:
            ended = await asyncio.wait_for(node.ended(), DEATH_S)
        except TimeoutError:
            raise AssertionError(f"never met: {strike}") from None
        assert ended == -9, (str(strike), node.said())
    node.settled[POINTS] = ""
    await node.start()


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
