"""The tree takes in exactly the leaves behind its head, once a transaction, or the transaction does not happen."""

import asyncio
import sqlite3

import pytest

from gateway.core.errors import CorruptedError, StoreUnavailableError
from gateway.store import open_store
from tests.store.proof import assert_sound
from tests.store.samples import an_entry
from tests.store.sqlite.weather import Fault, Weather


@pytest.fixture
def weather():
    return Weather()


@pytest.fixture
async def store(tmp_path, weather):
    opened = await open_store(f"sqlite:///{tmp_path}/gateway.db", create=True, factory=weather.factory())
    yield opened
    await opened.close()


@pytest.fixture
def beneath(tmp_path, store):
    """A connection of somebody who goes around the store."""
    assert store
    connection = sqlite3.connect(tmp_path / "gateway.db", isolation_level=None)
    yield connection
    connection.close()


async def test_a_batch_writes_its_partial_tile_once(store, weather):
    weather.seen.clear()

    await asyncio.gather(*(store.log([an_entry()]) for _ in range(50)))

    assert weather.seen["COMMIT"] == 1
    assert weather.tables_written["tiles"] == 1


async def test_a_head_that_moves_meanwhile_fences_the_append(store, beneath):
    await store.log([an_entry()])
    beneath.execute("CREATE TRIGGER another_sequencer AFTER UPDATE ON tiles BEGIN UPDATE tree SET size = size + 1; END")

    with pytest.raises(CorruptedError) as raised:
        await store.log([an_entry()])

    assert raised.value.code == "log_forked"
    beneath.execute("DROP TRIGGER another_sequencer")
    assert (await store.head()).size == 1
    await store.log([an_entry()])
    await assert_sound(store)


async def test_leaves_that_do_not_continue_the_tree_stop_the_log(store, beneath):
    await store.log([an_entry() for _ in range(3)])
    beneath.execute("INSERT INTO leaves VALUES (10, x'00')")

    with pytest.raises(CorruptedError) as raised:
        await store.log([an_entry(), an_entry()])

    assert raised.value.code == "log_gap"
    assert (await store.head()).size == 3


async def test_a_leaf_that_was_taken_away_is_never_replaced_by_another(store, beneath):
    await store.log([an_entry() for _ in range(3)])
    beneath.execute("DELETE FROM leaves WHERE position = 2")
    beneath.execute("DELETE FROM entry_index WHERE position = 2")
    added = an_entry()

    await store.log([added])

    assert (await store.head()).size == 4
    assert await store.index_of(added.entry.id) == 3
    assert len(await store.leaves(0, 2)) == 2
    for start in (0, 2):
        with pytest.raises(CorruptedError) as raised:
            await store.leaves(start, 10)
        assert raised.value.code == "log_gap"


async def test_tiles_that_do_not_have_the_stored_root_stop_the_log(store, beneath, tmp_path):
    await store.log([an_entry() for _ in range(3)])
    beneath.execute("UPDATE tiles SET hashes = zeroblob(96)")
    again = await open_store(f"sqlite:///{tmp_path}/gateway.db")

    with pytest.raises(CorruptedError) as raised:
        await again.log([an_entry()])

    assert raised.value.code == "log_root_differs"
    await again.close()


@pytest.mark.parametrize("fault", Fault)
async def test_what_was_rolled_back_is_not_remembered(store, weather, fault):
    await store.log([an_entry() for _ in range(3)])
    weather.fault = fault
    with pytest.raises(StoreUnavailableError):
        await store.log([an_entry()])

    await store.log([an_entry()])

    assert (await store.head()).size == (4 if fault is Fault.FAILED else 5)
    await assert_sound(store)


async def test_salts_are_kept_beside_the_log(store, beneath):
    salted, bare = an_entry(salt=b"s" * 16), an_entry()

    await store.log([salted, bare])

    assert beneath.execute("SELECT position, salt FROM entry_salts").fetchall() == [(0, b"s" * 16)]
    assert b"s" * 16 not in b"".join(await store.leaves(0, 10))
