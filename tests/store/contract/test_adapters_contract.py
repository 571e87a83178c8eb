"""What every store does with versions of adapters: what they say stays, what serves changes by compare-and-set."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from gateway.core.conversion.versions import Origin, Step, VersionState
from gateway.core.errors import ConflictError
from tests.store.samples import a_change, a_version, an_entry

DRAFT: dict[str, Any] = {"state": VersionState.DRAFT, "passed": False}


async def keep(store, *versions):
    for version in versions:
        assert await store.put_version(version, b"files of " + version.version.encode(), b"{}", an_entry())


async def activate(store, version, *, instead_of="", since=VersionState.CHECKED, step=Step.ACTIVATE):
    return await store.move_version(
        a_change(version, step), since=since, instead_of=instead_of, report=b"", entry=an_entry()
    )


async def states(store):
    return {each.version: each.state.value for each in await store.adapter_versions(layout="henan")}


async def test_versions_come_back_as_put_in_order_of_layout_and_of_coming(store):
    second, first = a_version("1.0.0"), a_version("0.9.0", origin=Origin.SHIPPED, **DRAFT)
    elsewhere = a_version(layout="anhui")
    await keep(store, second, first, elsewhere)

    assert await store.adapter_versions() == (elsewhere, second, first)
    assert await store.adapter_versions(layout="henan") == (second, first)
    assert await store.adapter_versions(layout="nowhere") == ()
    assert await store.adapter_versions(active=True) == ()
    assert (await store.head()).size == 3


async def test_files_and_report_are_kept_byte_for_byte(store):
    await store.put_version(a_version(), b"\x00\xff files", b'{"passed": true}', an_entry())

    assert await store.version_files("henan", "1.0.0") == b"\x00\xff files"
    assert await store.version_report("henan", "1.0.0") == b'{"passed": true}'
    assert await store.version_files("henan", "2.0.0") is None
    assert await store.version_report("anhui", "1.0.0") is None


async def test_the_same_version_again_changes_nothing(store):
    await keep(store, a_version())
    await activate(store, "1.0.0")

    again = await store.put_version(a_version(put_by="another"), b"other", b"other", an_entry())

    assert not again
    assert await store.adapter_versions() == (a_version(state=VersionState.ACTIVE),)
    assert await store.version_files("henan", "1.0.0") == b"files of 1.0.0"
    assert (await store.head()).size == 2


async def test_a_version_never_changes(store):
    await keep(store, a_version())

    with pytest.raises(ConflictError) as raised:
        await store.put_version(a_version(digest="sha-256=:other:"), b"other", b"", an_entry())

    assert raised.value.code == "adapter_version_exists"
    assert await store.adapter_versions() == (a_version(),)
    assert (await store.head()).size == 1


async def test_one_version_serves_and_the_one_it_replaces_is_retired(store):
    await keep(store, a_version("1.0.0"), a_version("2.0.0"), a_version(layout="anhui"))

    assert await activate(store, "1.0.0")
    assert await activate(store, "2.0.0", instead_of="1.0.0")

    assert await states(store) == {"1.0.0": "retired", "2.0.0": "active"}
    assert [each.version for each in await store.adapter_versions(active=True)] == ["2.0.0"]
    assert [each.version for each in await store.adapter_versions(layout="henan", active=True)] == ["2.0.0"]
    assert await store.adapter_versions(layout="anhui", active=True) == ()
    assert (await store.head()).size == 5


async def test_a_retired_version_may_come_back(store):
    await keep(store, a_version("1.0.0"), a_version("2.0.0"))
    await activate(store, "1.0.0")
    await activate(store, "2.0.0", instead_of="1.0.0")

    back = await activate(store, "1.0.0", instead_of="2.0.0", since=VersionState.RETIRED, step=Step.ROLL_BACK)

    assert back
    assert await states(store) == {"1.0.0": "active", "2.0.0": "retired"}


async def test_a_layout_may_be_left_without_a_version_in_service(store):
    await keep(store, a_version())
    await activate(store, "1.0.0")

    retired = await activate(store, "1.0.0", instead_of="1.0.0", since=VersionState.ACTIVE, step=Step.RETIRE)

    assert retired
    assert await store.adapter_versions(active=True) == ()


@pytest.mark.parametrize(
    ("version", "instead_of", "since"),
    [
        ("2.0.0", "", VersionState.CHECKED),  # another was activated meanwhile
        ("2.0.0", "3.0.0", VersionState.CHECKED),
        ("2.0.0", "1.0.0", VersionState.RETIRED),  # it is not in that state any more
        ("2.0.0", "1.0.0", VersionState.ACTIVE),  # no such step from there
        ("9.0.0", "1.0.0", VersionState.CHECKED),  # it is not there
    ],
)
async def test_what_was_overtaken_changes_nothing(store, version, instead_of, since):
    await keep(store, a_version("1.0.0"), a_version("2.0.0"))
    await activate(store, "1.0.0")
    size, changes = (await store.head()).size, await store.changes_so_far()

    assert not await activate(store, version, instead_of=instead_of, since=since)

    assert await states(store) == {"1.0.0": "active", "2.0.0": "checked"}
    assert (await store.head()).size == size
    assert await store.changes_so_far() == changes


async def test_of_many_that_activate_at_once_exactly_one_replaces_what_they_all_saw(store):
    await keep(store, a_version("1.0.0"), *[a_version(f"2.0.{number}") for number in range(20)])
    await activate(store, "1.0.0")

    won = await asyncio.gather(*[activate(store, f"2.0.{number}", instead_of="1.0.0") for number in range(20)])

    assert won.count(True) == 1
    assert [each.version for each in await store.adapter_versions(active=True)] == [f"2.0.{won.index(True)}"]
    assert (await store.head()).size == 23


async def test_two_stores_over_the_same_data_never_both_win(opener):
    first, second = await opener(), await opener()
    await keep(first, a_version("1.0.0"), a_version("2.0.0"))

    won = await asyncio.gather(activate(first, "1.0.0"), activate(second, "2.0.0"))

    assert sorted(won) == [False, True]
    assert len(await second.adapter_versions(active=True)) == 1
    await first.close()
    await second.close()


async def test_a_draft_never_serves_even_once_it_is_retired(store):
    await keep(store, a_version(**DRAFT))

    assert not await activate(store, "1.0.0", since=VersionState.DRAFT)
    assert await activate(store, "1.0.0", since=VersionState.DRAFT, step=Step.RETIRE)
    assert not await activate(store, "1.0.0", since=VersionState.RETIRED)

    assert await states(store) == {"1.0.0": "retired"}


async def test_a_draft_that_passes_a_later_check_may_serve(store):
    await keep(store, a_version(**DRAFT))
    check = a_change(step=Step.CHECK)

    checked = await store.move_version(
        check, since=VersionState.DRAFT, instead_of="", report=b"later", entry=an_entry()
    )

    assert checked
    assert await store.adapter_versions() == (a_version(),)
    assert await store.version_report("henan", "1.0.0") == b"later"
    assert await activate(store, "1.0.0")


async def test_the_history_says_what_was_done_in_order_and_counts_up(store):
    await keep(store, a_version("1.0.0"), a_version("2.0.0"))
    assert await store.changes_so_far() == 0
    counts = []
    for version, instead_of, since, step in (
        ("1.0.0", "", VersionState.CHECKED, Step.ACTIVATE),
        ("2.0.0", "1.0.0", VersionState.CHECKED, Step.ACTIVATE),
        ("1.0.0", "2.0.0", VersionState.RETIRED, Step.ROLL_BACK),
    ):
        await activate(store, version, instead_of=instead_of, since=since, step=step)
        counts.append(await store.changes_so_far())

    assert counts == sorted(set(counts))
    assert await store.version_changes("anhui") == ()
    assert await store.version_changes("henan") == (
        a_change("1.0.0"),
        a_change("2.0.0"),
        replace(a_change("1.0.0"), step=Step.ROLL_BACK),
    )
