"""At every commit boundary of an application's life, failed or applied with the answer lost: it makes no odds."""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import replace
from functools import partial
from itertools import count, product
from pathlib import Path

from gateway.bootstrap import RunningGateway
from gateway.core.audit.entry import EntryKind
from gateway.core.errors import StoreUnavailableError
from gateway.demo.ports import free_port
from gateway.flow.ports import EntryFilter
from gateway.flow.verify import verify_stored_log
from gateway.resources import shipped
from tests.faults.lives import ten_minutes_later
from tests.faults.points import RAISING, VERBS, FaultPoints, Strike
from tests.faults.world import World, as_partner, world
from tests.gateways import JIUQUAN, SHIYAN, opened_gateway, register
from tests.patience import PATIENCE_S
from tests.processes import GatewayProcess, introduce_to

# What a gateway asks of its store while applications pass through it, and are looked at.
LIFE = (
    *(
        "application",
        "attend",
        "backlogs",
        "changed",
        "changes_so_far",
        "checkpoint",
        "claim",
        "conclude",
        "deliveries",
    ),
    *("head", "history", "item_versions", "keep_checkpoint", "leaves", "log", "partners", "receive", "taken", "tiles"),
)
SELDOM = ("attend", "changed", "changes_so_far", "partners")
# What it asks when it starts or stops, or at first on duty, and seldom or never between: first what is asked of a new
# store only, and last what may leave a lease to itself.
NEW = ("put_version", "move_version")
ENDS = (
    *("adapter_versions", "discard", "forget_nonces", "hasten", "keep_mirrored", "make_room", "mirrors", "retire"),
    *("retired_size", "retirements"),
)
LEAVING = ("take_duty", "leave")
# What operators, auditors, imports, mirrors and front-end databases ask, and where it is tested: not all with faults.
ELSEWHERE = {
    "tests/store/sqlite/test_faults.py": (
        *("close", "find_items", "index_of", "put_items", "put_partner", "revive", "set_status", "version_changes"),
    ),
    "tests/e2e/test_import_kill.py": (
        *("base_item_versions", "begin_import", "end_absent", "finish_import", "import_changes", "import_faults"),
        *("item_revisions", "keep_chunk", "known_sources"),
    ),
    "tests/faults/test_restored_store.py": ("restart_feed",),
    "tests/store/contract/test_retention_contract.py": (
        *("stock",),  # only read, before an operator decides
    ),
    "tests/flow/test_mirror.py": ("feed",),
    "tests/flow/tables/test_tables_under_failure.py": ("advance_table", "keep_rejection", "table_position"),
    "tests/e2e/test_adapters_under_traffic.py": ("version_files", "version_report"),
    "tests/store/contract/test_log_contract.py": ("checkpoints", "index_rows", "search"),  # only read
}


async def test_a_fault_at_any_boundary_of_a_life_is_answered_with_503_and_leaves_no_mark(tmp_path, stores, soak):
    for number, seed in enumerate(soak):
        folder = tmp_path / str(number)
        folder.mkdir()
        points = FaultPoints(), FaultPoints()
        urls = await stores.pair(seed)
        async with world(folder, stores=urls, opening=[each.open_store for each in points]) as running:
            for each in points:
                each.calls.clear()
                each.arm(*drawn(random.Random(seed)))
            await live_until_struck(running, points)

            assert await running.findings() == []
            assert [set(LIFE) - each.calls.keys() for each in points] == [set(), set()]


async def live_until_struck(running: World, points: Sequence[FaultPoints]) -> None:
    """Let applications come and go, and operators change something now and then, until every fault has struck."""
    cases = count()
    try:
        async with asyncio.timeout(100):
            while any(each.armed for each in points):
                await running.administer()
                await asyncio.gather(*(a_day(running, next(cases)) for _ in range(3)))
    except TimeoutError:
        raise AssertionError([str(strike) for each in points for strike in each.armed]) from None


def drawn(chance: random.Random) -> list[Strike]:
    """Return a strike of each kind for each verb, at one of its next calls."""
    return [
        Strike(verb=verb, variant=variant, call=1 if verb in SELDOM else chance.randint(1, 3))
        for verb, variant in product(LIFE, RAISING)
    ]


async def a_day(running: World, number: int) -> None:
    """Let an application come and go, and look at it."""
    await running.traffic.misstep()
    await running.traffic.look(await running.traffic.live(number))


async def test_a_gateway_whose_store_fails_while_it_starts_or_stops_starts_again(tmp_path, stores, soak):
    for number, seed in enumerate(soak):
        chance = random.Random(seed)
        url = chance.choice(await stores.pair(seed))
        folder = tmp_path / str(number)
        folder.mkdir()
        opened = partial(opened_gateway, folder, "shiyan", SHIYAN, store=url, lease_s=1)
        async with opened_gateway(folder, "jiuquan", JIUQUAN) as owner:
            await register(owner, GatewayProcess(folder, "shiyan", SHIYAN, free_port()).partner())
            await introduce_to(url, owner.identity, replace(as_partner(owner), mirrored=True))
            for strike in at_the_ends(chance):
                await start_and_stop(opened, strike)
            async with opened() as gateway:
                serving = [gateway.adapters.named(each.adapter.name) for each in shipped()]
                report = await verify_stored_log(gateway.store, gateway.log_key)
                retired = await gateway.store.search(EntryFilter(kind=EntryKind.EXCHANGES_RETIRED))

        assert None not in serving
        assert report.passed, report.checks
        assert len(retired) == 1


def at_the_ends(chance: random.Random) -> list[Strike]:
    """Return a strike of each kind for each verb: first failed, so that there is still something to do."""
    verbs = (*NEW, *chance.sample((*ENDS, "log"), len(ENDS) + 1), *LEAVING)
    return [Strike(verb=verb, variant=variant) for verb, variant in product(verbs, RAISING)]


async def start_and_stop(opened: Callable[..., AbstractAsyncContextManager[RunningGateway]], strike: Strike) -> None:
    """Start a gateway, let it be struck, and stop it: it does not start, or goes on, or leaves without a word."""
    points = FaultPoints()
    points.arm(strike)
    kept = {"retire": {"keep_exchanges_days": 30}, "retired_size": {"keep_entries_days": 30}}.get(strike.verb, {})
    with suppress(StoreUnavailableError):
        async with opened(opening=points.open_store, **kept) as gateway:
            if strike.verb == "forget_nonces":
                await ten_minutes_later(gateway.store)
            await struck(points, PATIENCE_S if strike.verb != "leave" else 0)
    assert points.armed == [], f"never met: {strike}"


async def struck(points: FaultPoints, within_s: float) -> None:
    """Wait until the one that is armed has struck, if it does."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while not points.struck:  # noqa: ASYNC110 - the tasks of the gateway ask by themselves
                await asyncio.sleep(0.01)


def test_every_verb_of_the_store_port_is_struck_here_or_said_where_it_is_tested():
    root = Path(__file__).parents[2]
    elsewhere = [verb for verbs in ELSEWHERE.values() for verb in verbs]

    named = [*LIFE, *NEW, *ENDS, *LEAVING, *elsewhere]
    assert (set(VERBS) - set(named), set(named) - set(VERBS)) == (set(), set()), "name the verb in one of the lists"
    assert len(named) == len(set(named))
    assert [path for path in ELSEWHERE if not (root / path).is_file()] == []
