"""Whatever fails beneath a store, nothing acknowledged is lost, nothing counts twice, and the store goes on."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from gateway.core.catalogue.search import ItemFilter
from gateway.core.conversion.versions import VersionState
from gateway.core.errors import StoreUnavailableError
from gateway.core.model import DeliveryState, PartnerStatus
from gateway.flow.ports import Checkpoint, Intake, Store, Taken
from gateway.store import open_store
from tests.store.proof import assert_sound
from tests.store.samples import (
    NOW,
    a_change,
    a_claim,
    a_nonce,
    a_partner,
    a_submission,
    a_version,
    an_entry,
    an_event,
    an_item,
    buried,
    settled,
    well,
)
from tests.store.sqlite.weather import Fault, Weather


def taken(intake: Intake, *, first: bool) -> Taken:
    return Taken(receipt=intake.exchange.receipt, number=intake.exchange.subject, first=first)


Step = Callable[[Store], Awaitable[object]]


def a_day() -> list[Step]:
    """Return everything a gateway asks of its store, one promise a step; each step may be asked again."""
    first, second = a_submission("ankang"), a_submission("ankang")
    event = an_event(first.exchange.subject, "accepted", "ankang")
    made = Checkpoint(size=1, root=b"r" * 32, note="note", made_at=NOW)
    item, entries = an_item(), [an_entry(salt=b"s" * 16) for _ in range(10)]

    async def claim_and_bury(store: Store) -> None:
        await store.attend((), lease_s=60)
        (delivery,) = await store.claim("ankang", number=a_claim(), limit=1, now=NOW)
        await store.conclude([buried(delivery, entry=entries[3])], well())

    async def revive(store: Store) -> None:
        for delivery in await store.deliveries(state=DeliveryState.DEAD):
            await store.revive(delivery.id, entries[4])

    async def claim_and_settle(store: Store) -> None:
        await store.attend((), lease_s=60)
        claimed = await store.claim("ankang", number=a_claim(), limit=10, now=NOW)
        await store.conclude([settled(each) for each in claimed], well())

    return [
        lambda store: store.put_partner(a_partner(), entries[0]),
        lambda store: store.receive(a_nonce(), [first], [entries[1]]),
        lambda store: store.log([entries[2]]),
        lambda store: store.receive(a_nonce(), [event, second]),
        claim_and_bury,
        revive,
        claim_and_settle,
        claim_and_settle,
        lambda store: store.put_items([item], entries[5]),
        lambda store: store.set_status("ankang", PartnerStatus.SUSPENDED, entries[6]),
        lambda store: store.put_version(a_version(), b"files", b"{}", entries[8]),
        lambda store: store.move_version(
            a_change(), since=VersionState.CHECKED, instead_of="", report=b"", entry=entries[9]
        ),
        lambda store: store.keep_checkpoint(made),
        lambda store: store.receive(a_nonce(), [first, event, second], [entries[7]]),
        lambda store: store.forget_nonces(NOW),
    ]


async def everything(store: Store) -> dict[str, object]:
    """Return all that a store says, for comparison."""
    deliveries = await store.deliveries()
    subjects = sorted({delivery.subject for delivery in deliveries})
    return {
        "leaves": await store.leaves(0, 1000),
        "head": await store.head(),
        "deliveries": [(each.id, each.state) for each in deliveries],
        "applications": [await store.application(subject) for subject in subjects],
        "histories": [await store.history(subject) for subject in subjects],
        "partners": await store.partners(),
        "items": (await store.find_items(ItemFilter())).items,
        "adapters": [await store.adapter_versions(), await store.version_changes("henan")],
        "checkpoint": await store.checkpoint(),
    }


async def live(url: str, weather: Weather, day: list[Step]) -> dict[str, object]:
    """Live through a day; where a step fails, start again and repeat it. Return what the store says in the end."""
    store = await open_store(url, create=True, factory=weather.factory())
    for step in day:
        try:
            await step(store)
        except StoreUnavailableError:
            await store.close()
            store = await open_store(url, factory=weather.factory())
            await assert_sound(store)
            await step(store)
    await assert_sound(store)
    said = await everything(store)
    await store.close()
    return said


COMMITS = 21  # of a day without faults


async def test_the_day_has_as_many_commits_as_faults_are_tried_at(tmp_path):
    weather = Weather()

    await live(f"sqlite:///{tmp_path}/gateway.db", weather, a_day())

    assert weather.seen["COMMIT"] - 2 == COMMITS  # one made the schema, and one found no more to make


@pytest.mark.parametrize("at_commit", range(1, COMMITS + 1))
@pytest.mark.parametrize("fault", Fault)
async def test_a_fault_at_any_commit_leaves_no_mark_once_the_caller_has_asked_again(tmp_path, fault, at_commit):
    day = a_day()
    calm = await live(f"sqlite:///{tmp_path}/calm.db", Weather(), day)
    weather = Weather(fault=fault, at_commit=at_commit)

    stormy = await live(f"sqlite:///{tmp_path}/stormy.db", weather, day)

    assert weather.fault is None, "the fault never struck"
    assert stormy == calm


@pytest.mark.parametrize("fault", Fault)
async def test_a_failed_commit_fails_all_that_it_carried_and_a_retry_finds_the_truth(tmp_path, fault):
    weather = Weather()
    store = await open_store(f"sqlite:///{tmp_path}/gateway.db", create=True, factory=weather.factory())
    intakes = [a_submission("ankang") for _ in range(10)]
    weather.fault = fault

    outcomes = await asyncio.gather(*(store.receive(a_nonce(), [intake]) for intake in intakes), return_exceptions=True)

    assert {type(outcome) for outcome in outcomes} == {StoreUnavailableError}
    again = await asyncio.gather(*(store.receive(a_nonce(), [intake]) for intake in intakes))
    assert [outcome for (outcome,) in again] == [taken(intake, first=fault is Fault.FAILED) for intake in intakes]
    await assert_sound(store)
    await store.close()


@pytest.mark.parametrize("trouble", ["disk_full", "read_only"])
async def test_a_store_that_cannot_write_says_so_and_goes_on_once_it_can(tmp_path, trouble):
    weather = Weather()
    store = await open_store(f"sqlite:///{tmp_path}/gateway.db", create=True, factory=weather.factory())
    before, during = a_submission("ankang"), a_submission("ankang", body=b"x" * 100_000)
    await store.receive(a_nonce(), [before])

    setattr(weather, trouble, True)
    with pytest.raises(StoreUnavailableError):
        await store.receive(a_nonce(), [during])
    assert await store.taken(before.exchange.id) == before.exchange
    assert await store.taken(during.exchange.id) is None

    setattr(weather, trouble, False)
    assert await store.receive(a_nonce(), [during]) == (taken(during, first=True),)
    await assert_sound(store)
    await store.close()


async def test_where_the_disk_is_too_full_for_one_the_others_are_taken(tmp_path):
    weather = Weather()
    store = await open_store(f"sqlite:///{tmp_path}/gateway.db", create=True, factory=weather.factory())
    # Bodies that are forgotten leave pages behind that small ones still fit in.
    await store.put_items([an_item(code="filler", document=b"x" * 60_000)])
    await store.put_items([an_item(code="filler", document=b"x", digest="sha-256=:2:")])
    weather.disk_full = True
    small, large = a_submission("ankang"), a_submission("ankang", body=b"x" * 1_000_000)

    outcomes = await asyncio.gather(
        *(store.receive(a_nonce(), [intake]) for intake in (small, large)), return_exceptions=True
    )

    assert isinstance(outcomes[0], tuple)
    assert isinstance(outcomes[1], StoreUnavailableError)
    await assert_sound(store)
    await store.close()


async def test_a_store_that_another_process_holds_says_so_and_goes_on_once_it_is_free(tmp_path):
    store = await open_store(f"sqlite:///{tmp_path}/gateway.db", create=True, patience_s=0.05)
    other = sqlite3.connect(tmp_path / "gateway.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    intakes = [a_submission("ankang") for _ in range(3)]

    outcomes = await asyncio.gather(*(store.receive(a_nonce(), [intake]) for intake in intakes), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {StoreUnavailableError}
    assert await store.taken(intakes[0].exchange.id) is None

    other.execute("ROLLBACK")
    other.close()
    again = await asyncio.gather(*(store.receive(a_nonce(), [intake]) for intake in intakes))
    assert [outcome for (outcome,) in again] == [taken(intake, first=True) for intake in intakes]
    await store.close()


@pytest.mark.parametrize("life", range(3))
async def test_a_process_killed_at_any_moment_loses_nothing_that_it_acknowledged(tmp_path, life):
    url = f"sqlite:///{tmp_path}/gateway.db"
    await (await open_store(url, create=True)).close()
    acknowledged: list[str] = []
    for generation in range(2):
        acknowledged += kill_after(40 + 30 * life, url, generation)

    store = await open_store(url)

    await assert_sound(store)
    for line in acknowledged:
        verb, name = line.split()
        if verb == "taken":
            assert await store.taken(name) is not None
    states = {each.id: each.state for each in await store.deliveries(limit=100_000)}
    assert {states[line.split()[1]] for line in acknowledged if line.startswith("settled")} == {DeliveryState.SETTLED}
    assert not await store.attend((), lease_s=60)
    assert DeliveryState.IN_FLIGHT not in {each.state for each in await store.deliveries(limit=100_000)}
    await store.close()


def kill_after(lines: int, url: str, generation: int) -> list[str]:
    """Let a process write, read so many acknowledgements of it, and kill it; return all that it had said."""
    writer = Path(__file__).with_name("writer.py")
    root = Path(__file__).parents[3]
    child = subprocess.Popen(
        [sys.executable, str(writer), url, str(generation)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert child.stdout is not None
    said = [child.stdout.readline() for _ in range(lines)]
    child.kill()
    said += [line for line in child.stdout if line.endswith("\n")]
    child.wait()
    child.stdout.close()
    assert all(said), "the writer ended by itself"
    return said
