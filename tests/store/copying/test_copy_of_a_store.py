"""A copy is the store it was made of, in whichever database: byte for byte, and going on where that one ended."""

import sqlite3
from contextlib import closing

import asyncpg
import pytest

from gateway.core.errors import CorruptedError, SettingsError, StoreUnavailableError
from gateway.flow.ports import Position
from gateway.store import Progress, copy_store, open_store, reopen_store
from gateway.store.copying.comparing import content_of
from gateway.store.copying.ends import End, Mark
from gateway.store.copying.shape import TABLES
from gateway.store.postgres.end import DatabaseEnd
from gateway.store.postgres.server import SCHEME, Server
from gateway.store.sqlite.end import FileEnd
from gateway.store.sqlite.file import StoreFile, file_of
from tests.store.copying.filled import LARGE, fill, use
from tests.store.proof import assert_sound
from tests.store.samples import an_entry


def silent(*_):
    """Tell nobody."""


async def end_of(url, *, target=False) -> End:
    if url.startswith(SCHEME):
        return await DatabaseEnd.open(Server(url=url), target=target)
    return await FileEnd.open(StoreFile(path=file_of(url)), target=target)


async def contents(url):
    """Return what every table of a store holds."""
    end = await end_of(url)
    try:
        return {table.name: await content_of(end, table) for table in TABLES}, await end.counters()
    finally:
        await end.close()


async def execute(url, sql):
    """Do something to a store that the store itself would not."""
    if url.startswith(SCHEME):
        connection = await asyncpg.connect(url)
        await connection.execute(sql)
        await connection.close()
        return
    with closing(sqlite3.connect(file_of(url))) as file, file:
        file.execute(sql)


async def opened_code(url):
    with pytest.raises(SettingsError) as refused:
        await open_store(url)
    return refused.value.code


async def test_every_table_is_copied_as_it_is(any_ends):
    source, target = any_ends
    before, numbers = await contents(source)

    done = await copy_store(source, target, silent)

    after, continued = await contents(target)
    assert after == before
    assert min(content.rows for content in before.values()) >= 1, "fill every table, or nobody knows that it is copied"
    assert done.tables == {name: content.rows for name, content in before.items()}
    assert done.source == done.target
    assert done.source.size > 300
    assert {name: continued[name] for name in numbers} == numbers


async def test_a_copy_holds_together_and_goes_on(ends):
    source, target = ends
    await copy_store(source, target, silent)

    store = await open_store(target)
    size = (await store.head()).size
    await assert_sound(store)
    await use(store)

    await assert_sound(store)
    assert (await store.head()).size > size
    found = [await store.taken(each.exchange) for each in await store.deliveries()]
    assert LARGE in [each.body for each in found if each]
    await store.close()


async def test_partners_cursors_stay_valid_the_copy_counts_on_under_the_same_name(ends):
    source, target = ends
    store = await open_store(source)
    told = await store.feed(0, limit=100, size=1 << 20)
    await store.close()
    await copy_store(source, target, silent)

    store = await open_store(target)
    nothing = await store.feed(told.last, limit=100, size=1 << 20)
    await use(store)
    more = await store.feed(told.last, limit=100, size=1 << 20)
    again = await store.feed(0, limit=100, size=1 << 20)
    await store.close()

    assert (nothing.epoch, nothing.items, nothing.last) == (told.epoch, (), told.last)
    assert len(more.items) == 1
    assert again.items == (*told.items, *more.items)


async def test_after_a_copy_only_one_of_the_two_is_in_service(ends):
    source, target = ends
    await copy_store(source, target, silent)

    assert await opened_code(source) == "store_moved"
    with pytest.raises(SettingsError) as again:
        await copy_store(source, target, silent)
    assert again.value.code == "store_moved"
    await (await open_store(target)).close()


async def test_a_moved_store_is_taken_back_on_purpose_only(ends):
    source, target = ends
    await copy_store(source, target, silent)

    assert await reopen_store(source)
    store = await open_store(source)
    await use(store)
    await assert_sound(store)
    await store.close()
    assert await reopen_store(source) == ""


async def test_who_had_the_store_open_all_the_same_cannot_let_its_log_grow(ends):
    source, target = ends
    await copy_store(source, target, silent)
    await execute(source, "DELETE FROM copying")
    store = await open_store(source)
    flag, nothing = ("true", "''") if source.startswith(SCHEME) else (1, "x''")
    await execute(source, f"INSERT INTO copying VALUES (1, 'c', {flag}, 'there', 'e', 0, {nothing}, '', '[]', 0)")
    head = await store.head()

    with pytest.raises(StoreUnavailableError) as refused:
        await fill(store)

    assert refused.value.code == "store_moved"
    assert await store.head() == head
    await store.close()


async def test_a_store_that_somebody_has_open_is_not_copied(ends):
    source, target = ends
    store = await open_store(source)
    await store.head()

    with pytest.raises(SettingsError) as refused:
        await copy_store(source, target, silent)
    await store.close()

    assert refused.value.code == "store_in_use"
    assert (await copy_store(source, target, silent)).resumed is False


@pytest.mark.parametrize("gone", [False, True])
async def test_a_target_on_which_a_gateway_has_begun_meanwhile_is_not_made_a_copy(places, gone):
    target = await places("postgresql").new_store()
    end = await DatabaseEnd.open(Server(url=target), target=True)  # from here on the source may be read for hours
    store = await open_store(target)
    await store.log([an_entry()])
    if gone:
        await store.close()

    with pytest.raises(SettingsError) as refused:
        await end.begin(Mark(copy="a copy", moved=False, place="elsewhere", origin=await end.origin()))

    assert (refused.value.code, await end.mark()) == ("store_in_use", None)
    await end.close()
    await store.close()


async def test_nothing_is_copied_over_a_store_in_which_something_happened(ends):
    source, target = ends
    store = await open_store(target, create=True)
    await store.advance_table("ankang", "UP_PRO_RESULT", Position(at="2026-11-20 09:00:00", row="b"))
    await store.close()

    with pytest.raises(SettingsError) as refused:
        await copy_store(source, target, silent)

    assert refused.value.code == "store_not_empty"
    await (await open_store(target)).close()
    await (await open_store(source)).close()


async def test_nothing_is_copied_onto_itself(ends):
    with pytest.raises(SettingsError) as refused:
        await copy_store(ends[0], ends[0], silent)

    assert refused.value.code == "copy_onto_itself"


async def test_a_log_that_does_not_hold_is_not_carried_on(ends):
    source, target = ends
    await execute(source, "DELETE FROM leaves WHERE position = 270")

    with pytest.raises(CorruptedError) as refused:
        await copy_store(source, target, silent)

    assert refused.value.code == "log_gap"


class CutOffError(Exception):
    """The copy ends here, as when somebody pulls the plug."""


def cut_off_after(batches):
    left = [batches]

    def tell(*_):
        left[0] -= 1
        if left[0] < 0:
            raise CutOffError

    return tell


@pytest.mark.parametrize("batches", [0, 12, 40])
async def test_a_copy_that_was_cut_off_is_opened_by_nobody_and_goes_on_where_it_was(ends, batches):
    source, target = ends
    before, _ = await contents(source)
    with pytest.raises(CutOffError):
        await copy_store(source, target, cut_off_after(batches))

    assert await opened_code(target) == "store_unfinished"
    steps: list[Progress] = []
    done = await copy_store(source, target, steps.append)

    assert done.resumed
    assert len([step for step in steps if not step.compared]) <= max(0, len(TABLES) - batches)
    after, _ = await contents(target)
    assert after == before


async def test_a_source_that_was_used_meanwhile_is_not_mixed_with_what_was_copied_of_it(ends):
    source, target = ends
    with pytest.raises(CutOffError):
        await copy_store(source, target, cut_off_after(8))
    store = await open_store(source)
    await use(store)
    await store.close()

    with pytest.raises(SettingsError) as refused:
        await copy_store(source, target, silent)

    assert refused.value.code == "copy_source_changed"
    assert await opened_code(target) == "store_unfinished"


async def test_what_differs_is_found_and_the_source_stays_in_service(ends):
    source, target = ends
    with pytest.raises(CutOffError):
        await copy_store(source, target, cut_off_after(len(TABLES) + 2))
    await execute(target, "UPDATE applications SET state = 'granted'")

    with pytest.raises(CorruptedError) as refused:
        await copy_store(source, target, silent)

    assert refused.value.code == "copy_differs"
    await (await open_store(source)).close()
    assert await opened_code(target) == "store_unfinished"
