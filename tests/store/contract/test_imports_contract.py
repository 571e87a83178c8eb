"""What every store does with imports: nothing twice, nothing lost, and every item told what became of it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from gateway.core.catalogue.items import service_item
from gateway.core.catalogue.search import ItemFilter
from gateway.core.errors import Fault
from gateway.core.model import DocumentKind
from gateway.flow.ports import ImportChunk, ImportedItem, ImportJob, ImportProgress, LineFault
from tests.store.samples import an_entry

JOB = ImportJob(id="a", kind=DocumentKind.SERVICE_ITEM, layout="sichuan")
FAULT = Fault(pointer="/TYPE", code="code_unknown", message="unknown", message_zh="未知", expected="1")


def an_item(code, **changes):
    document = {"localImplementationCode": code, "name": "公证", "region": "511602000000", "type": "01"}
    return service_item(document | changes)


def a_line(line, item, source=None):
    source = b"%16d" % line if source is None else source
    return ImportedItem(line=line, position=line * 10, length=10, source=source, item=item)


def a_chunk(*lines, faults=()):
    last = max([*(each.line for each in lines), *(each.line for each in faults)])
    return ImportChunk(position=last * 10 + 10, line=last, items=lines, faults=faults)


async def begin(store, job=JOB, **more):
    return await store.begin_import(job, an_entry(), **more)


@pytest.fixture
async def first(store):
    """A store that has imported A1, A2 and A3 in one list."""
    begun = await begin(store)
    await store.keep_chunk(begun.number, a_chunk(*(a_line(line, an_item(f"A{line}")) for line in (1, 2, 3))))
    await store.finish_import(begun.number, an_entry())
    return store


async def test_an_import_that_was_cut_off_is_taken_up_behind_its_last_chunk(store):
    begun = await begin(store)
    kept = await store.keep_chunk(begun.number, a_chunk(a_line(1, an_item("A1")), a_line(2, an_item("A2"))))

    again = await begin(store)

    assert again == kept == ImportProgress(number=begun.number, position=30, line=2, added=2, quarantined=0)
    assert (await store.head()).size == 1


async def test_a_finished_import_and_one_begun_anew_start_at_the_beginning(first):
    second = await begin(first)
    assert (second.position, second.added) == (0, 0)

    restarted = await begin(first, restart=True)

    assert restarted.number > second.number
    assert (await begin(first)).number == restarted.number


async def test_another_job_is_another_import(store):
    begun = await begin(store)

    assert (await begin(store, replace(JOB, id="b"))).number != begun.number


async def test_each_item_is_told_what_became_of_it(first):
    begun = await begin(first)
    lines = (a_line(1, an_item("A1")), a_line(2, an_item("A2", name="学历公证")), a_line(3, an_item("B1")))
    done = await first.keep_chunk(begun.number, a_chunk(*lines))

    told = await first.import_changes(begun.number)

    assert (done.added, done.changed, done.unchanged) == (1, 1, 1)
    assert [(each.code, each.change, each.line, each.pointers) for each in told] == [
        ("A1", "unchanged", 1, ()),
        ("A2", "changed", 2, ("/name",)),
        ("B1", "added", 3, ()),
    ]
    assert await first.import_changes(begun.number, after=told[0].position, limit=1) == told[1:2]


async def test_a_source_is_known_as_long_as_it_makes_the_item_that_is_kept(first):
    sources = [b"%16d" % line for line in (1, 2, 9)]
    assert await first.known_sources(JOB.kind, sources) == frozenset(sources[:2])
    assert await first.known_sources(DocumentKind.BASE_ITEM, sources) == frozenset()
    begun = await begin(first)

    done = await first.keep_chunk(
        begun.number, a_chunk(a_line(1, None), a_line(2, an_item("A2", name="学历公证"), b"another source"))
    )

    assert (done.unchanged, done.changed) == (1, 1)
    assert await first.known_sources(JOB.kind, sources) == frozenset(sources[:1])


async def test_an_item_that_stands_twice_and_says_two_things_is_kept_as_it_was_said_first(store):
    begun = await begin(store)
    await store.keep_chunk(begun.number, a_chunk(a_line(1, an_item("A1"))))

    done = await store.keep_chunk(
        begun.number, a_chunk(a_line(2, an_item("A1")), a_line(3, an_item("A1", name="另一个名称")))
    )

    (fault,) = await store.import_faults(begun.number)
    assert (done.added, done.unchanged, done.faulty) == (1, 1, 1)
    assert (fault.line, fault.position, fault.code) == (3, 30, "item_contradicted")
    assert [item.name for item in (await store.find_items(ItemFilter())).items] == ["公证"]


async def test_what_was_left_out_is_kept_until_it_has_been_told(store):
    begun = await begin(store)
    faults = tuple(
        LineFault(line=line, position=line * 10, length=5, code="document_invalid", faults=(FAULT,)) for line in (2, 4)
    )
    await store.keep_chunk(begun.number, a_chunk(a_line(1, an_item("A1")), faults=faults))

    assert await store.import_faults(begun.number) == faults
    assert await store.import_faults(begun.number, after=2) == faults[1:]
    await store.finish_import(begun.number, an_entry())
    assert await store.import_faults(begun.number) == ()


async def test_what_a_complete_list_does_not_hold_ends_with_the_day_before(first):
    other = replace(JOB, id="other", layout="zhejiang")
    elsewhere = await begin(first, other)
    await first.keep_chunk(elsewhere.number, a_chunk(a_line(1, an_item("Z1"))))
    begun = await begin(first)
    await first.keep_chunk(begun.number, a_chunk(a_line(1, an_item("A1"))))

    nowhere = await first.end_absent(begun.number, region="42", last_day=date(2026, 3, 31))
    done = await first.end_absent(begun.number, region="5116", last_day=date(2026, 3, 31))

    assert (nowhere.ended, done.ended) == (0, 2)
    assert await first.end_absent(begun.number, region="5116", last_day=date(2026, 3, 31)) == done
    before, after = (datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC), datetime(2026, 3, 31, 16, tzinfo=UTC))
    published = {
        at: [item.code for item in (await first.find_items(ItemFilter(at=at))).items] for at in (before, after)
    }
    assert published == {before: ["A1", "A2", "A3", "Z1"], after: ["A1", "Z1"]}
    assert len(await first.item_revisions(JOB.kind, "A2", 1)) == 1
    assert [each.change for each in await first.import_changes(begun.number)] == ["unchanged", "ended", "ended"]


async def test_an_item_that_was_ended_is_back_with_the_list_that_holds_it(first):
    begun = await begin(first)
    await first.keep_chunk(begun.number, a_chunk(a_line(1, an_item("A1"))))
    await first.end_absent(begun.number, region="5116", last_day=date(2026, 3, 31))
    await first.finish_import(begun.number, an_entry())
    assert await first.known_sources(JOB.kind, [b"%16d" % 2]) == frozenset()

    third = await begin(first)
    done = await first.keep_chunk(third.number, a_chunk(a_line(2, an_item("A2"))))

    assert done.changed == 1
    assert (await first.item_versions("A2"))[0].effective_to is None
