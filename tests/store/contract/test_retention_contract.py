"""What every store does with what is old: it goes on purpose, as far as was said, and is never taken anew."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.core.audit.entry import EntryKind, index_of, read_entry
from gateway.core.audit.merkle import leaf_hash, verify_consistency, verify_inclusion
from gateway.core.audit.tiles import (
    consistency_proof,
    inclusion_proof,
    root_at,
    tiles_for_consistency,
    tiles_for_inclusion,
    tiles_for_root,
)
from gateway.core.errors import ConflictError, RetiredError
from gateway.flow.ports import EntryFilter, Retired, Retirement, Stock, Taken
from tests.store.samples import NOW, a_claim, a_nonce, a_submission, an_entry, buried, settled, well

OLD = datetime(2026, 1, 10, tzinfo=UTC)
BEFORE = datetime(2026, 3, 1, tzinfo=UTC)
EVERYTHING = datetime(2030, 1, 1, tzinfo=UTC)


def a_retirement(kind=Retired.EXCHANGES, **changes) -> Retirement:
    retirement = Retirement(kind=kind, before=BEFORE, size=0, root=b"r" * 32, entry="an entry", retired_at=NOW)
    return replace(retirement, **changes)


def old(*destinations, at=OLD):
    """Return a submission of long ago."""
    intake = a_submission(*destinations, received_at=at)
    return replace(intake, deliveries=tuple(replace(each, created_at=at) for each in intake.deliveries))


async def taken(store, *intakes):
    for intake in intakes:
        (outcome,) = await store.receive(a_nonce(), [intake])
        assert isinstance(outcome, Taken)


async def settle_all(store):
    while deliveries := await store.claim("ankang", number=a_claim(), limit=100, now=EVERYTHING):
        await store.conclude([settled(each) for each in deliveries], well())


async def discard(store, retirement):
    await store.retire(retirement, an_entry(kind=EntryKind.EXCHANGES_RETIRED))
    await store.discard()


async def test_exchanges_received_before_a_time_go_with_what_carried_them_and_others_stay(store):
    for month in (OLD, BEFORE, datetime(2027, 2, 1, tzinfo=UTC)):
        await store.make_room(month)
    gone = [old("ankang", at=OLD + timedelta(days=days)) for days in (0, 20, 40)]
    kept = [old("ankang", at=BEFORE), old("ankang", at=datetime(2027, 1, 5, tzinfo=UTC))]
    await taken(store, *gone, *kept)
    await settle_all(store)
    assert await store.stock(BEFORE, 0) == Stock(exchanges=3, deliveries=3, entries=0)

    await discard(store, a_retirement())

    assert await store.stock(EVERYTHING, 0) == Stock(exchanges=2, deliveries=2, entries=0)
    for intake in gone:
        assert await store.taken(intake.exchange.id) is None
        assert await store.history(intake.exchange.subject) == ()
        assert (await store.application(intake.exchange.subject)).exchange == intake.exchange.id
    for intake in kept:
        assert await store.taken(intake.exchange.id) == intake.exchange


async def test_whole_months_go_and_what_comes_later_has_its_place(store):
    month = datetime(2027, 4, 1, tzinfo=UTC)
    await store.make_room(month)
    first, second, third = (old(at=datetime(2027, number, 3, tzinfo=UTC)) for number in (1, 2, 3))
    await taken(store, first, second, third)

    await discard(store, a_retirement(before=datetime(2027, 3, 1, tzinfo=UTC)))

    assert [await store.taken(each.exchange.id) is None for each in (first, second, third)] == [True, True, False]
    later = old("ankang", at=datetime(2027, 1, 4, tzinfo=UTC))
    await taken(store, later)
    await store.make_room(month + timedelta(days=60))
    assert await store.taken(later.exchange.id) == later.exchange


async def test_a_retired_exchange_is_never_taken_anew(store):
    intake = old("ankang")
    await taken(store, intake)
    await settle_all(store)
    await discard(store, a_retirement())
    number = (await store.head()).size

    for again in (intake, replace(intake, exchange=replace(intake.exchange, received_at=NOW, digest="other"))):
        (outcome,) = await store.receive(a_nonce(), [again])
        assert isinstance(outcome, RetiredError)
        assert outcome.code == "exchange_retired"
    assert (await store.head()).size == number
    assert await store.claim("ankang", number=a_claim(), limit=10, now=NOW) == ()


async def test_a_repeat_before_the_retirement_yields_the_first_receipt_and_so_does_one_of_what_stayed(store):
    gone, kept = old(), old(at=BEFORE)
    await taken(store, gone, kept)

    for intake in (gone, kept):
        (again,) = await store.receive(a_nonce(), [intake])
        assert (again.receipt, again.first) == (intake.exchange.receipt, False)
    await discard(store, a_retirement())

    (again,) = await store.receive(a_nonce(), [kept])
    assert (again.receipt, again.first) == (kept.exchange.receipt, False)


@pytest.mark.parametrize("state", ["due", "in_flight", "dead"])
@pytest.mark.parametrize("at", [OLD, datetime(2027, 1, 5, tzinfo=UTC)], ids=["rest", "month"])
async def test_what_is_still_due_in_flight_or_dead_stays_with_its_exchange(store, state, at):
    await store.make_room(datetime(2027, 4, 1, tzinfo=UTC))
    done, still = old("ankang", at=at), old("yichang", at=at)
    await taken(store, done, still)
    await settle_all(store)
    before = at + timedelta(days=60)
    if state != "due":
        claimed = await store.claim("yichang", number=a_claim(), limit=1, now=at)
        await store.conclude([buried(each) for each in claimed] if state == "dead" else [], well("yichang"))

    await discard(store, a_retirement(before=before))

    assert await store.stock(EVERYTHING, 0) == Stock(exchanges=0, deliveries=0, entries=0)
    (delivery,) = await store.deliveries()
    assert (delivery.exchange, delivery.state) == (still.exchange.id, state)
    assert await store.taken(still.exchange.id) == still.exchange
    assert await store.taken(done.exchange.id) is None


async def test_what_stayed_behind_goes_with_the_next_retirement_once_it_is_settled(store):
    intake = old("ankang")
    await taken(store, intake)
    await discard(store, a_retirement())
    await settle_all(store)

    await discard(store, a_retirement())

    assert await store.deliveries() == ()
    assert await store.taken(intake.exchange.id) is None


@pytest.fixture
async def logged(store):
    """A log of 900 entries, whose first 512 are about to be retired."""
    leaves = []
    for _ in range(3):
        entries = [an_entry(salt=b"s" * 16) for _ in range(300)]
        await store.log(entries)
        leaves += [each.entry.leaf() for each in entries]
    return leaves


async def retire_entries(store, size):
    root = root_at(size, await store.tiles(tiles_for_root(size)))
    await store.retire(a_retirement(Retired.ENTRIES, size=size, root=root), an_entry(kind=EntryKind.ENTRIES_RETIRED))
    await store.discard()
    return root


async def test_retired_entries_are_told_as_such_and_all_others_are_where_they_were(store, logged):
    assert await store.stock(OLD, 512) == Stock(exchanges=0, deliveries=0, entries=512)

    await retire_entries(store, 512)

    assert await store.retired_size() == 512
    for start in (0, 511):
        for read in (store.leaves, store.index_rows):
            with pytest.raises(RetiredError) as raised:
                await read(start, 10)
            assert raised.value.code == "entry_retired"
    assert await store.leaves(512, 100) == tuple(logged[512:612])
    assert len(await store.index_rows(512, 1_000)) == 900 + 1 - 512
    assert await store.index_of(index_of(read_entry(logged[0])).id) is None
    assert await store.search(EntryFilter(until=NOW + timedelta(days=1)), limit=1_000) == tuple(range(900, 511, -1))
    assert await store.stock(OLD, 512) == Stock(exchanges=0, deliveries=0, entries=0)


async def test_proofs_of_retired_entries_and_of_growth_from_before_still_verify(store, logged):
    early = await store.head()
    await retire_entries(store, 512)
    await store.log([an_entry() for _ in range(300)])
    head = await store.head()

    for index in (0, 255, 256, 511, 512, 899):
        proof = inclusion_proof(index, head.size, await store.tiles(tiles_for_inclusion(index, head.size)))
        verify_inclusion(leaf_hash(logged[index]), index, head.size, proof, head.root)
    proof = consistency_proof(early.size, head.size, await store.tiles(tiles_for_consistency(early.size, head.size)))
    verify_consistency((early.size, early.root), (head.size, head.root), proof)


async def test_a_log_grows_on_after_a_retirement_also_when_it_is_opened_again(store, opener, logged):
    root = await retire_entries(store, 768)
    assert root != (await store.head()).root
    again = await opener()

    await again.log([an_entry() for _ in range(300)])
    await store.log([an_entry()])

    head = await store.head()
    assert head == await again.head()
    assert head.size == len(logged) + 1 + 300 + 1
    assert head.root == root_at(head.size, await store.tiles(tiles_for_root(head.size)))
    await again.close()


async def test_a_retirement_that_was_cut_off_before_anything_went_is_ended_by_the_next_discarding(
    store, opener, logged
):
    root = root_at(512, await store.tiles(tiles_for_root(512)))
    await store.retire(a_retirement(Retired.ENTRIES, size=512, root=root), an_entry(kind=EntryKind.ENTRIES_RETIRED))
    again = await opener()

    await again.discard()

    assert await again.leaves(512, 1) == (logged[512],)
    assert (await again.stock(OLD, 512)).entries == 0
    await again.close()


async def test_retirements_are_recorded_with_their_entries_in_one_transaction(store, logged):
    assert logged
    first, second = a_retirement(), a_retirement(Retired.ENTRIES, size=256, root=b"x" * 32)
    entry = an_entry(kind=EntryKind.ENTRIES_RETIRED)

    await store.retire(first, an_entry(kind=EntryKind.EXCHANGES_RETIRED))
    await store.retire(second, entry)

    assert await store.retirements() == (first, second)
    assert await store.index_of(entry.entry.id) == 901


async def test_what_is_not_in_the_log_yet_cannot_be_retired(store, logged):
    assert logged
    with pytest.raises(ConflictError) as raised:
        await store.retire(a_retirement(Retired.ENTRIES, size=901), an_entry(kind=EntryKind.ENTRIES_RETIRED))

    assert raised.value.code == "retirement_beyond_log"
    assert await store.retirements() == ()
    assert (await store.head()).size == 900


async def test_discarding_and_making_room_change_nothing_where_there_is_nothing_to_do(store):
    intake = old("ankang")
    await taken(store, intake)

    await store.discard()
    for _ in range(2):
        await store.make_room(NOW)

    assert await store.taken(intake.exchange.id) == intake.exchange
    assert await store.retirements() == ()
