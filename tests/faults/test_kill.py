"""`kill -9` of any gateway at any instant: nothing acknowledged is lost, nothing counts twice, and it goes on."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

from gateway.core.audit.entry import EntryKind
from gateway.store import open_store
from tests.faults.clerks import Clerk, a_clerk
from tests.faults.lives import DIED, LIVES, POINTS
from tests.faults.network import Fault
from tests.faults.points import KILLING, SERVING, Strike
from tests.faults.regions import Blow, Regions, blows, regions, suffer
from tests.faults.serve import CLOCK, SERVE, WrongClock
from tests.faults.world import as_partner
from tests.gateways import JIUQUAN, opened_gateway, publish, register
from tests.patience import PATIENCE_S
from tests.processes import GatewayProcess, introduce
from tests.store.samples import a_nonce, a_submission, an_entry, settled, well

# Of a store that is new: asked once for each adapter, and never after the last of these.
FIRST = ("put_version", "move_version")
# While the past is taken away: what was recorded must go, whoever dies on the way.
IN_ORDER = ("retire", "discard")
SOON = ("attend", "forget_nonces", "hasten", "keep_checkpoint", "keep_mirrored", "leave", "make_room", "take_duty")
OFTEN = ("claim", "conclude", "log", "receive")
BY_TABLE = ("advance_table", "keep_rejection")  # the last, for loading one more layout in every life costs most of it
# What only reads has no commit of its own: to die beside it is to die between two commits. It is drawn.
BESIDE = ("application", "backlogs", "changed", "checkpoint", "head", "item_versions", "leaves", "partners", "tiles")
COUNTIES = ("420302000000", "610902000000")
LONGEST_S = 800  # longer than anything takes that ends well, on a machine that does ten other things
APPLICATIONS, BLOWS = 12, 3
DRIFT_S = 13  # either way: tokens bear half a minute between two clocks
LEAPS, FAR = (timedelta(hours=-5), timedelta(hours=5)), 0.25


async def test_a_gateway_killed_at_every_commit_boundary_goes_on_as_if_nothing_had_been(stores, tmp_path, soak):
    for number, seed in enumerate(soak):
        folder = tmp_path / str(number)
        folder.mkdir()
        chance = random.Random(seed)
        async with regions(folder, await stores.pair(seed)) as both, mirrored(folder, both):
            both.traffic.within_s = LONGEST_S
            nodes = (both.shiyan.gateway, both.ankang.gateway)
            clerks = [a_clerk(node, county, folder) for node, county in zip(nodes, COUNTIES, strict=True)]
            past = [await of_long_ago(node) for node in nodes]
            async with asyncio.TaskGroup() as dying:
                deaths = [dying.create_task(die_of_all(clerk, drawn(chance))) for clerk in clerks]
                await live_until(both, deaths)
            async with asyncio.timeout(LONGEST_S):
                await asyncio.gather(*(clerk.until_read() for clerk in clerks))
            assert await both.findings() == []
            assert [await is_kept(node, exchange) for node, exchange in zip(nodes, past, strict=True)] == [False, False]
            assert [await clerk.logged() for clerk in clerks] == [clerk.written for clerk in clerks]


def test_every_verb_that_a_running_node_commits_with_is_killed_at():
    assert {*FIRST, *IN_ORDER, *SOON, *OFTEN, *BY_TABLE} == SERVING


def drawn(chance: random.Random) -> list[Strike]:
    """Return all the deaths of a node: of each verb in both variants, in an order that is drawn where it may be."""
    house = [Strike(verb=verb, variant=variant) for verb, variant in product(IN_ORDER, KILLING)]
    others = [[Strike(verb=verb, variant=variant)] for verb, variant in product(SOON, KILLING)]
    others += [[Strike(verb=verb, variant=way, call=chance.randint(1, 2))] for verb, way in product(OFTEN, KILLING)]
    others += [house, [Strike(verb=chance.choice(BESIDE), variant=chance.choice(KILLING))]]
    chance.shuffle(others)
    first, last = (
        [Strike(verb=verb, variant=variant) for verb, variant in product(verbs, KILLING)] for verbs in (FIRST, BY_TABLE)
    )
    chance.shuffle(last)
    return [*first, *(strike for each in others for strike in each), *last]


async def die_of_all(clerk: Clerk, strikes: Sequence[Strike]) -> None:
    """Let a node run into one death after another, and then live; those by table come when a clerk has begun."""
    node = clerk.gateway
    node.command = LIVES
    node.settled |= {POINTS: " ".join(map(str, strikes)), "TONGBAN_LEASE_S": "2"}
    await node.launch()
    for count, strike in enumerate(strikes):
        try:
            async with asyncio.timeout(PATIENCE_S):
                while node.alive and len(deaths_of(node)) <= count:
                    await (clerk.write() if strike.verb in BY_TABLE else asyncio.sleep(0.1))
        except TimeoutError:
            raise AssertionError(f"never met: {strike}") from None
    assert deaths_of(node) == list(map(str, strikes)), node.said()
    assert await node.ready(), node.said()


def deaths_of(node: GatewayProcess) -> list[str]:
    """Return what a node has died of so far, as the supervisor of its lives saw it."""
    return [line.removeprefix(DIED) for line in node.said().splitlines() if line.startswith(DIED)]


async def of_long_ago(node: GatewayProcess) -> str:
    """Have a gateway know an exchange that was settled long ago and is to be retired; return its id."""
    long_ago = datetime.now(UTC) - timedelta(days=100)
    intake = a_submission("elsewhere", received_at=long_ago)
    carried = tuple(replace(each, created_at=long_ago) for each in intake.deliveries)
    entry = an_entry(kind=EntryKind.PARTNER_REGISTERED)  # no word of an exchange: the checks know of no retirement
    store = await open_store(node.store)
    await store.receive(a_nonce(), [replace(intake, entry=entry, deliveries=carried)])
    await store.attend((), lease_s=60)
    claimed = await store.claim("elsewhere", number=1, limit=1, now=datetime.now(UTC))
    await store.conclude([settled(each) for each in claimed], well("elsewhere"))
    await store.leave()
    await store.close()
    assert await is_kept(node, intake.exchange.id)
    return intake.exchange.id


async def is_kept(node: GatewayProcess, exchange: str) -> bool:
    store = await open_store(node.store)
    kept = await store.taken(exchange)
    await store.close()
    return kept is not None


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
    await a_day(both, number)


async def a_day(both: Regions, number: int) -> None:
    await both.traffic.misstep()
    await both.traffic.look(await both.traffic.live(number))


async def test_nodes_killed_at_any_instant_beside_a_bad_network_and_wrong_clocks_lose_and_double_nothing(
    stores, tmp_path, soak
):
    for number, seed in enumerate(soak):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with regions(folder, await stores.pair(seed), nodes=2, seed=seed) as both:
            plan, chance = blows(seed, BLOWS, len(both.nodes)), random.Random(seed)
            print(*plan, sep="; ")
            clocks = [put_clock(node) for node in both.nodes]
            both.traffic.clocks_leap, both.traffic.within_s = True, LONGEST_S
            await both.start()
            await both.suffer(*Fault, *[Fault.CARRIED] * len(Fault))
            load = [live_after(both, chance.uniform(0, 5), case) for case in range(APPLICATIONS)]
            await asyncio.gather(end_well(both, plan, clocks, chance), *load)
            assert await both.findings() == []


def put_clock(node: GatewayProcess) -> WrongClock:
    """Give a node a clock that can be put wrong."""
    clock = WrongClock(file=node.output.with_suffix(".clock"))
    clock.put_wrong(timedelta())
    node.command, node.settled[CLOCK] = SERVE, str(clock.file)
    return clock


async def leaping(clocks: Sequence[WrongClock], chance: random.Random) -> None:
    """Let clocks differ by what is allowed between any two of them, and now and then one leap by hours."""
    while True:
        far = chance.choice(LEAPS) if chance.random() < FAR else timedelta()
        chance.choice(clocks).put_wrong(far or timedelta(seconds=chance.uniform(-DRIFT_S, DRIFT_S)))
        await asyncio.sleep(chance.uniform(0, 0.5))


async def end_well(both: Regions, plan: Sequence[Blow], clocks: Sequence[WrongClock], chance: random.Random) -> None:
    """Let the nodes suffer what is planned, and the network and the clocks with them; then all is well.

    What a clock that was ahead put off is found at the next start, or within a minute: nobody waits for that here.
    """
    leaps = asyncio.create_task(leaping(clocks, chance))
    await suffer(both.nodes, plan)
    leaps.cancel()
    await asyncio.wait([leaps])
    for clock in clocks:
        clock.put_wrong(timedelta())
    await both.suffer(Fault.CARRIED)
    await asyncio.gather(*(region.gateway.restart() for region in (both.shiyan, both.ankang)))


async def live_after(both: Regions, seconds: float, number: int) -> None:
    await asyncio.sleep(seconds)
    await a_day(both, number)
