"""What a node believes of its lease: less than the store does, never more."""

import asyncio

import pytest

from gateway.core.errors import StoreUnavailableError
from gateway.flow.lease import KeepLease
from tests.patience import PATIENCE_S, until


class Attended:
    """A store that answers as a test says, and remembers what it was asked."""

    def __init__(self):
        self.answers: list[bool | Exception] = []
        self.held: list[frozenset[int]] = []
        self.duties: set[str] = set()
        self.left = asyncio.Event()
        self.away = False

    async def attend(self, held, *, lease_s):
        assert lease_s > 0
        self.held.append(frozenset(held))
        answer = self.answers.pop(0) if self.answers else len(self.held) > 1
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def take_duty(self, duty):
        if self.away:
            raise StoreUnavailableError("away")
        return duty in self.duties

    async def leave(self):
        if self.away:
            raise StoreUnavailableError("away")
        self.left.set()


@pytest.fixture
def store():
    return Attended()


@pytest.fixture
def lease(store):
    return KeepLease(nodes=store, lease_s=60)


async def test_before_it_attends_a_node_has_nothing(store, lease):
    store.duties.add("mirrors")

    with lease.claim() as number:
        assert not lease.stands()
        assert not lease.covers(number)
        assert not await lease.has("mirrors")


async def test_what_is_claimed_under_a_lease_that_goes_on_is_covered(lease):
    await lease()
    with lease.claim() as number:
        assert lease.covers(number)
        await lease()
        assert lease.covers(number)


async def test_an_attendance_names_what_is_worked_on(store, lease):
    await lease()
    with lease.claim() as first:
        with lease.claim() as second:
            await lease()
        await lease()
    await lease()

    assert store.held == [frozenset(), {first, second}, {first}, frozenset()]
    assert first != second


async def test_what_was_claimed_before_a_lease_ended_is_lost_and_what_is_claimed_after_is_not(store, lease):
    await lease()
    store.answers = [False]
    with lease.claim() as lost:
        await lease()
        assert not lease.covers(lost)
        with lease.claim() as later:
            assert lease.covers(later)


async def test_a_claim_that_is_made_while_the_store_finds_the_lease_ended_is_behind_that_and_covered(store, lease):
    await lease()
    asked, answer = asyncio.Event(), asyncio.Event()

    async def attend(*_, **__):
        asked.set()
        await answer.wait()
        return False

    store.attend = attend
    with lease.claim() as lost:
        attending = asyncio.create_task(lease())
        await asyncio.wait_for(asked.wait(), PATIENCE_S)
        with lease.claim() as behind:
            answer.set()
            await attending
            assert not lease.covers(lost)
            assert lease.covers(behind)


async def test_a_lease_ends_by_itself_whatever_the_store_is_asked(store):
    lease = KeepLease(nodes=store, lease_s=0.05)
    store.duties.add("mirrors")
    await lease()
    with lease.claim() as number:
        await asyncio.sleep(0.1)

        assert not lease.covers(number)
        assert not await lease.has("mirrors")


async def test_a_lease_counts_from_before_it_was_asked_for(store):
    lease = KeepLease(nodes=store, lease_s=0.05)

    async def attend(*_, **__):
        await asyncio.sleep(0.1)
        return True

    store.attend = attend
    await lease()

    assert not lease.stands()


async def test_a_store_that_is_away_ends_no_lease_before_its_time(store, lease):
    await lease()
    store.answers = [StoreUnavailableError("away")]
    with lease.claim() as number:
        with pytest.raises(StoreUnavailableError):
            await lease()
        assert lease.covers(number)


async def test_a_duty_is_asked_of_the_store_and_while_it_is_away_nobody_has_one(store, lease):
    await lease()
    store.duties.add("mirrors")

    assert await lease.has("mirrors")
    assert not await lease.has("nonces")
    store.away = True
    assert not await lease.has("mirrors")


@pytest.mark.parametrize("away", [False, True])
async def test_whoever_stops_leaves(store, lease, away):
    await lease()
    store.away = away
    running = asyncio.create_task(lease.run())
    await asyncio.sleep(0)
    with lease.claim() as number:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

        assert store.left.is_set() is not away
        assert not lease.covers(number)


async def test_a_lease_is_renewed_again_and_again(store):
    lease = KeepLease(nodes=store, lease_s=0.05)
    await lease()
    running = asyncio.create_task(lease.run())

    await until(lambda: len(store.held) > 3)

    running.cancel()
