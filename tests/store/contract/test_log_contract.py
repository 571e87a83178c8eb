"""What every store does with the audit log: it grows, it is found again, and one size never has two roots."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.core.audit.entry import EntryKind, Outcome, Party, index_of, read_entry
from gateway.core.audit.merkle import EMPTY_ROOT, leaf_hash, root_of, verify_consistency, verify_inclusion
from gateway.core.audit.tiles import (
    TileId,
    consistency_proof,
    inclusion_proof,
    tiles_for_consistency,
    tiles_for_inclusion,
)
from gateway.core.errors import CorruptedError
from gateway.flow.ports import Checkpoint, EntryFilter, TreeHead
from tests.store.samples import NOW, an_entry, an_id


def a_checkpoint(**changes: Any) -> Checkpoint:
    return replace(Checkpoint(size=7, root=b"r" * 32, note="tongban\n7\n", made_at=NOW), **changes)


async def test_a_new_log_is_the_empty_tree(store):
    assert await store.head() == TreeHead(size=0, root=EMPTY_ROOT)
    assert await store.leaves(0, 10) == ()


async def test_entries_stand_in_the_order_logged_as_their_exact_bytes(store):
    entries = [an_entry() for _ in range(5)]
    await store.log(entries[:2])
    await store.log(entries[2:])

    leaves = await store.leaves(0, 100)

    assert leaves == tuple(salted.entry.leaf() for salted in entries)
    assert await store.leaves(1, 2) == leaves[1:3]
    assert await store.leaves(4, 10) == leaves[4:]
    assert await store.leaves(5, 10) == ()
    assert [await store.index_of(salted.entry.id) for salted in entries] == [0, 1, 2, 3, 4]
    assert await store.index_of(an_id()) is None


@pytest.mark.parametrize("batches", [[1, 1, 1], [255, 1, 1], [256], [257], [300, 300], [100] * 7])
async def test_the_head_is_the_tree_over_the_leaves_however_they_came(store, batches):
    for size in batches:
        await store.log([an_entry() for _ in range(size)])

    leaves = await store.leaves(0, 10_000)

    assert await store.head() == TreeHead(size=sum(batches), root=root_of(map(leaf_hash, leaves)))


async def test_every_entry_is_proved_from_the_tiles(store):
    await store.log([an_entry() for _ in range(300)])
    await store.log([an_entry() for _ in range(301)])
    head = await store.head()
    leaves = await store.leaves(0, head.size)

    for index in (0, 1, 255, 256, 299, 300, 511, 512, 600):
        tiles = await store.tiles(tiles_for_inclusion(index, head.size))
        proof = inclusion_proof(index, head.size, tiles)
        verify_inclusion(leaf_hash(leaves[index]), index, head.size, proof, head.root)


async def test_a_later_tree_is_proved_to_begin_with_an_earlier_one(store):
    await store.log([an_entry() for _ in range(200)])
    old = await store.head()
    await store.log([an_entry() for _ in range(400)])
    new = await store.head()

    tiles = await store.tiles(tiles_for_consistency(old.size, new.size))

    proof = consistency_proof(old.size, new.size, tiles)
    verify_consistency((old.size, old.root), (new.size, new.root), proof)


async def test_tiles_that_are_not_there_are_left_out(store):
    await store.log([an_entry() for _ in range(3)])

    tiles = await store.tiles(iter([TileId(0, 0, 2), TileId(0, 1, 1), TileId(1, 0, 1)]))

    leaves = await store.leaves(0, 2)
    assert list(tiles) == [TileId(0, 0, 2)]
    assert tiles[TileId(0, 0, 2)].startswith(b"".join(map(leaf_hash, leaves)))


async def test_entries_logged_at_the_same_time_all_find_their_place(store):
    entries = [an_entry() for _ in range(100)]

    await asyncio.gather(*(store.log([entry]) for entry in entries))

    positions = [await store.index_of(salted.entry.id) for salted in entries]
    leaves = await store.leaves(0, 1000)
    assert sorted(positions) == list(range(100))
    assert [leaves[position] for position in positions] == [salted.entry.leaf() for salted in entries]
    assert await store.head() == TreeHead(size=100, root=root_of(map(leaf_hash, leaves)))


async def test_a_log_opened_again_goes_on_where_it_stood(store, opener):
    await store.log([an_entry() for _ in range(300)])
    await store.close()

    again = await opener()
    await again.log([an_entry() for _ in range(300)])

    leaves = await again.leaves(0, 1000)
    assert await again.head() == TreeHead(size=600, root=root_of(map(leaf_hash, leaves)))
    await again.close()


async def test_two_openings_of_one_log_grow_one_tree(store, opener):
    other = await opener()

    for _ in range(5):
        await store.log([an_entry() for _ in range(60)])
        await other.log([an_entry() for _ in range(60)])

    leaves = await store.leaves(0, 1000)
    assert await store.head() == await other.head() == TreeHead(size=600, root=root_of(map(leaf_hash, leaves)))
    await other.close()


@pytest.fixture
async def searched(store):
    """A log of twelve entries in which each filter finds some."""
    exchange = an_id()
    described: list[dict[str, Any]] = [
        {"kind": EntryKind.EXCHANGE_REFUSED, "outcome": Outcome.REFUSED, "code": "token_replayed"},
        {"exchange": exchange, "number": "XT00000001"},
        {"number": "XT00000001", "source": Party(partner="ankang"), "destination": Party(partner="shiyan")},
        {"item_code": "11420300MB1234567X4000123001000", "destination": None},
        {"recorded_at": NOW + timedelta(days=1), "source": Party(partner="jiuquan"), "destination": None},
        {"recorded_at": NOW - timedelta(days=1), "source": None, "destination": Party(partner="jiuquan")},
    ]
    await store.log([an_entry(**changes) for changes in described * 2])
    return exchange


async def test_the_derived_index_can_be_compared_with_the_leaves(store, searched):
    assert searched
    leaves = await store.leaves(0, 100)

    rows = await store.index_rows(0, 100)

    assert rows == tuple(index_of(read_entry(leaf)) for leaf in leaves)
    assert await store.index_rows(3, 2) == rows[3:5]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, range(12)),
        ({"kind": "exchange_refused"}, [0, 6]),
        ({"outcome": "refused"}, [0, 6]),
        ({"kind": "exchange_received", "outcome": "refused"}, []),
        ({"number": "XT00000001"}, [1, 2, 7, 8]),
        ({"number": "XT00000001", "partner": "ankang"}, [1, 2, 7, 8]),
        ({"item_code": "11420300MB1234567X4000123001000"}, [3, 9]),
        ({"partner": "jiuquan"}, [4, 5, 10, 11]),
        ({"partner": "shiyan"}, [0, 1, 2, 3, 6, 7, 8, 9]),
        ({"partner": "nobody"}, []),
        ({"since": NOW + timedelta(hours=1)}, [4, 10]),
        ({"until": NOW - timedelta(hours=1)}, [5, 11]),
        ({"since": NOW - timedelta(days=1, milliseconds=1), "until": NOW}, [0, 1, 2, 3, 5, 6, 7, 8, 9, 11]),
        ({"since": NOW, "kind": "exchange_received"}, [4, 10]),
        ({"partner": "jiuquan", "since": NOW}, [4, 10]),
    ],
)
async def test_entries_are_found_by_what_auditors_ask(store, searched, wanted, found):
    assert searched
    positions = await store.search(EntryFilter(**wanted))

    assert positions == tuple(sorted(found, reverse=True))


async def test_entries_are_found_by_exchange(store, searched):
    assert await store.search(EntryFilter(exchange=searched)) == (7, 1)


async def test_a_search_goes_on_below_the_last_of_a_page(store, searched):
    assert searched
    for wanted in (EntryFilter(), EntryFilter(partner="shiyan"), EntryFilter(kind="exchange_received")):
        whole = await store.search(wanted)
        first = await store.search(wanted, limit=3)
        second = await store.search(wanted, before=first[-1], limit=100)
        assert (*first, *second) == whole


async def test_a_time_is_kept_to_the_millisecond_and_since_includes_it(store):
    at = NOW.replace(microsecond=500_000)
    await store.log([an_entry(recorded_at=at)])

    assert await store.search(EntryFilter(since=at)) == (0,)
    assert await store.search(EntryFilter(since=at + timedelta(microseconds=1))) == ()
    assert await store.search(EntryFilter(until=at)) == ()
    assert await store.search(EntryFilter(until=at + timedelta(microseconds=1))) == (0,)


async def test_a_new_log_has_no_checkpoint(store):
    assert await store.checkpoint() is None
    assert await store.checkpoint(7) is None


async def test_checkpoints_are_found_by_size_and_the_newest_is_the_largest(store):
    small, large = a_checkpoint(size=7), a_checkpoint(size=9, root=b"s" * 32)
    for made in (large, small):
        assert await store.keep_checkpoint(made) == made

    assert await store.checkpoints() == (small, large)
    assert await store.checkpoints(after=7) == (large,)
    assert await store.checkpoints(limit=1) == (small,)
    assert await store.checkpoint(7) == small
    assert await store.checkpoint() == large
    assert await store.checkpoint(8) is None


async def test_a_second_checkpoint_over_one_size_and_root_yields_the_first(store):
    first = a_checkpoint()
    await store.keep_checkpoint(first)

    assert await store.keep_checkpoint(a_checkpoint(note="another note", made_at=NOW + timedelta(days=1))) == first
    assert await store.checkpoint(7) == first


async def test_a_second_root_for_one_size_is_corruption(store):
    first = a_checkpoint()
    await store.keep_checkpoint(first)

    with pytest.raises(CorruptedError):
        await store.keep_checkpoint(a_checkpoint(root=b"x" * 32))

    assert await store.checkpoint(7) == first


async def test_an_entry_logged_again_by_a_caller_that_never_got_its_answer_is_there_once(store):
    first, second = an_entry(salt=b"s" * 16), an_entry()
    await store.log([first])

    await store.log([first, second])

    assert await store.leaves(0, 10) == (first.entry.leaf(), second.entry.leaf())


async def test_two_entries_under_one_id_are_corruption(store):
    first = an_entry()
    await store.log([first])

    with pytest.raises(CorruptedError):
        await store.log([an_entry(id=first.entry.id, outcome=Outcome.FAILED)])

    assert await store.leaves(0, 10) == (first.entry.leaf(),)
