"""At every commit boundary of an application's life, failed or applied with the answer lost: it makes no odds."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from itertools import count, product
from pathlib import Path

from gateway.core.errors import StoreUnavailableError
from gateway.flow.verify import verify_stored_log
from gateway.resources import shipped
from tests.faults.points import RAISING, VERBS, FaultPoints, Strike
from tests.faults.world import World, world
from tests.gateways import SHIYAN, opened_gateway

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
# What it asks when it starts or stops, and seldom or never between.
ENDS = ("adapter_versions", "forget_nonces", "hasten", "leave", "move_version", "put_version")
# What operators, auditors, imports, mirrors and front-end databases ask, and where it is tested: not all with faults.
ELSEWHERE = {
    "tests/store/sqlite/test_faults.py": (
        *("close", "find_items", "index_of", "put_items", "put_partner", "revive", "set_status", "version_changes"),
    ),
    "tests/e2e/test_import_kill.py": (
        *("base_item_versions", "begin_import", "end_absent", "finish_import", "import_changes", "import_faults"),
        *("item_revisions", "keep_chunk", "known_sources"),
    ),
    "tests/store/contract/test_nodes_contract.py": ("take_duty",),
    "tests/store/contract/test_feed_contract.py": ("restart_feed",),
    "tests/store/contract/test_retention_contract.py": (
        *("discard", "make_room", "retire", "retired_size", "retirements", "stock"),
    ),
    "tests/flow/test_mirror.py": ("feed", "keep_mirrored", "mirrors"),
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
        for verb in (*chance.sample(ENDS, 2), "log"):
            points = FaultPoints()
            points.arm(Strike(verb=verb, variant=chance.choice(RAISING), call=chance.randint(1, 2)))
            with suppress(StoreUnavailableError):
                async with opened_gateway(tmp_path, f"shiyan{number}", SHIYAN, store=url, opening=points.open_store):
                    pass
        async with opened_gateway(tmp_path, f"shiyan{number}", SHIYAN, store=url) as gateway:
            serving = [gateway.adapters.named(each.adapter.name) for each in shipped()]
            report = await verify_stored_log(gateway.store, gateway.log_key)

        assert None not in serving
        assert report.passed, report.checks


def test_every_verb_of_the_store_port_is_struck_here_or_said_where_it_is_tested():
    root = Path(__file__).parents[2]
    elsewhere = [verb for verbs in ELSEWHERE.values() for verb in verbs]

    named = [*LIFE, *ENDS, *elsewhere]
    assert (set(VERBS) - set(named), set(named) - set(VERBS)) == (set(), set()), "name the verb in one of the lists"
    assert len(named) == len(set(named))
    assert [path for path in ELSEWHERE if not (root / path).is_file()] == []
