"""What every store does with base items and service items: versions, what they said before, and finding them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.catalogue.publication import in_force
from gateway.core.catalogue.search import ItemFilter
from gateway.core.model import DocumentKind, Facets
from gateway.flow.ports import ItemCounts
from tests.store.samples import NOW, an_entry, an_item

IMPLEMENTATION = "11420300MB1234567X4000123001000"


async def found(store, *, size=100, **asked):
    """Return every item asked for, page after page."""
    page = await store.find_items(ItemFilter(**asked), limit=size)
    items = list(page.items)
    while page.after is not None:
        page = await store.find_items(ItemFilter(**asked), after=page.after, limit=size)
        items += page.items
    return items


async def test_an_import_counts_what_it_changed(store):
    kept, changed, new = an_item(), an_item(), an_item()
    assert await store.put_items([kept, changed]) == ItemCounts(added=2)
    edited = replace(changed, digest="sha-256=:other:", name="异地就医备案（新）", document=b"{}", effective_to=NOW)

    counts = await store.put_items([kept, edited, new, new], an_entry())

    assert counts == ItemCounts(added=1, changed=1, unchanged=2)
    assert await store.item_versions(changed.code) == (edited,)
    assert (await store.head()).size == 1


async def test_versions_of_an_item_are_kept_side_by_side_newest_first(store):
    first = an_item(effective_to=NOW)
    second = replace(first, version=2, effective_from=NOW, effective_to=None, digest="sha-256=:2:")
    tenth = replace(first, version=10, effective_from=NOW + timedelta(days=1), digest="sha-256=:10:")

    await store.put_items([second, tenth, first])

    assert await store.item_versions(first.code) == (tenth, second, first)


async def test_an_implementation_code_finds_its_handling_items(store):
    without = an_item(code=IMPLEMENTATION)
    handling = [an_item(code=IMPLEMENTATION + serial) for serial in ("01", "99")]
    neighbours = [an_item(code=IMPLEMENTATION[:-1] + "1"), an_item(code=IMPLEMENTATION[:-1] + "101")]
    await store.put_items([*neighbours, *handling, without])

    assert await store.item_versions(IMPLEMENTATION) == (without, *handling)
    assert await store.item_versions(IMPLEMENTATION + "01") == (handling[0],)
    assert await store.item_versions(IMPLEMENTATION[:20]) == ()


async def test_a_base_item_and_a_service_item_may_have_one_code(store):
    service = an_item(code="000123001000")
    base = replace(service, kind=DocumentKind.BASE_ITEM, digest="sha-256=:base:")
    older = replace(base, version=0)

    assert await store.put_items([service, older, base]) == ItemCounts(added=3)

    assert await store.item_versions("000123001000") == (service,)
    assert await store.base_item_versions("000123001000") == (base, older)
    assert await found(store) == [service]
    assert await found(store, kind=DocumentKind.BASE_ITEM) == [older, base]


async def test_what_a_version_said_before_is_kept(store):
    item = an_item()
    await store.put_items([item])
    for number in (2, 3):
        await store.put_items([replace(item, document=b'{"n":%d}' % number, digest=f"sha-256=:{number}:")])

    assert await store.item_revisions(item.kind, item.code, item.version) == (item.document, b'{"n":2}')
    assert await store.item_revisions(item.kind, item.code, 7) == ()


async def test_items_are_paged_in_the_order_in_which_they_came(store):
    items = [an_item() for _ in range(5)]
    await store.put_items(items[::-1])

    first = await store.find_items(ItemFilter(), limit=2)
    late = an_item()
    await store.put_items([late])
    second = await store.find_items(ItemFilter(), after=first.after, limit=100)

    assert [*first.items, *second.items] == [*items[::-1], late]
    assert second.after is None
    assert (await store.find_items(ItemFilter(), limit=0)).items == ()


async def test_a_region_is_a_prefix_at_every_level(store):
    regions = ("420300000000", "420302000000", "421000000000", "610900000000")
    await store.put_items([an_item(region=region) for region in regions])

    listed = {
        prefix: [item.region for item in await found(store, region=prefix)]
        for prefix in ("", "4", "42", "4203", "42030", "420302", "420302000000", "43", "5001")
    }

    assert listed == {
        "": list(regions),
        "4": list(regions[:3]),
        "42": list(regions[:3]),
        "4203": list(regions[:2]),
        "42030": list(regions[:2]),
        "420302": [regions[1]],
        "420302000000": [regions[1]],
        "43": [],
        "5001": [],
    }


async def test_an_item_is_found_by_what_it_is_now_and_no_longer_by_what_it_was(store):
    item = an_item(name="公证", region="510000000000", facets=Facets(codes=("A1",), modes=("proxy",)))
    await store.put_items([item])
    changed = replace(
        item, name="学历公证", region="420000000000", digest="2", facets=Facets(codes=("B1",), modes=("online",))
    )

    await store.put_items([changed])

    for asked in ({"region": "51"}, {"mode": "proxy"}, {"code": "A"}):
        assert await found(store, **asked) == []
    for asked in ({"region": "42"}, {"mode": "online"}, {"code": "B1"}, {"name": "历公"}, {"code": item.code[:9]}):
        assert await found(store, **asked) == [changed]


@pytest.mark.parametrize("name", ["公", "证", "公证", "ＥＴＣ", "etc", "Etc 公证", "（首次）", "(首次)", "C 办"])
async def test_wide_and_narrow_capital_and_small_are_the_same(store, name):
    item = an_item(name="ETC 办理公证（首次）")
    await store.put_items([item, an_item(name="其他事项")])

    assert await found(store, name=name) == [item]


async def test_all_the_pairs_of_a_name_are_not_yet_that_name(store):
    item = an_item(name="公证公")
    await store.put_items([item])

    assert await found(store, name="公证公") == [item]
    assert await found(store, name="公证公证") == []


SHANGHAI_MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC) - timedelta(hours=8)
INSTANT = timedelta(microseconds=1)


async def test_what_is_published_changes_at_midnight_in_shanghai(store):
    old = an_item(code=IMPLEMENTATION, status="in-use", effective_from=None, effective_to=SHANGHAI_MIDNIGHT)
    new = replace(old, version=2, effective_from=SHANGHAI_MIDNIGHT, effective_to=None, digest="2")
    ended = an_item(status="in-use", effective_from=None, effective_to=SHANGHAI_MIDNIGHT)
    await store.put_items([old, new, ended])

    assert await found(store, at=SHANGHAI_MIDNIGHT - INSTANT) == [old, ended]
    assert await found(store, at=SHANGHAI_MIDNIGHT) == [new]


async def test_of_versions_in_force_together_the_newest_is_published(store):
    first = an_item(code=IMPLEMENTATION, status="in-use", effective_from=None)
    second = replace(first, version=2, effective_from=NOW, digest="2")
    cancelled = replace(first, version=3, status="cancelled", digest="3")
    await store.put_items([cancelled, second, first])

    assert await found(store, at=NOW - INSTANT) == [first]
    assert await found(store, at=NOW) == [second]
    assert await found(store) == [cancelled, second, first]


NAMES = st.text(alphabet="公证登记ＡaA 许", min_size=1, max_size=6).filter(str.strip)
CODES = st.text(alphabet="A1", min_size=1, max_size=3)
REGIONS = st.sampled_from(["510000000000", "511600000000", "511602000000", "420300000000"])
MOMENTS = st.sampled_from([None, *(NOW + timedelta(days=day) for day in range(3))])
ITEMS = st.builds(
    an_item,
    code=CODES,
    version=st.integers(1, 3),
    name=NAMES,
    region=REGIONS,
    status=st.sampled_from(["in-use", "cancelled"]),
    effective_from=MOMENTS,
    effective_to=MOMENTS,
    digest=st.uuids().map(str),
    facets=st.builds(
        Facets,
        codes=st.lists(CODES, max_size=2).map(tuple),
        authority=st.sampled_from(["", "X1"]),
        authority_name=st.sampled_from(["", "司法局", "公安局"]),
        modes=st.sampled_from([(), ("online",), ("online", "proxy")]),
        subjects=st.sampled_from([(), ("1",), ("1", "出行")]),
        levels=st.sampled_from([(), ("4",)]),
        online=st.booleans(),
    ),
)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "name": NAMES,
        "code": CODES,
        "region": st.sampled_from(["5", "51", "5116", "511602000000", "42"]),
        "mode": st.sampled_from(["online", "proxy"]),
        "subject": st.sampled_from(["1", "出行"]),
        "authority": st.sampled_from(["X1", "司法", "局"]),
        "level": st.just("4"),
        "online": st.booleans(),
        "at": MOMENTS,
    },
)


@given(items=st.lists(ITEMS, max_size=12), wanted=FILTERS, size=st.integers(1, 5))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])  # it opens anew
async def test_a_search_answers_as_looking_at_every_item_does(open_new, items, wanted, size):
    store = await open_new()
    kept = {}
    for item in items:
        await store.put_items([item])
        kept[item.code, item.version] = item

    answer = await found(store, size=size, **wanted)

    await store.close()
    assert {(item.code, item.version) for item in answer} == {
        key for key, item in kept.items() if _asked_for(item, kept.values(), **wanted)
    }
    assert all(kept[item.code, item.version] == item for item in answer)


def _asked_for(item, every, *, at=None, name="", code="", region="", mode="", subject="", **more):
    """Judge an item without an index, and without any code of the gateway's but what is published."""
    folded = item.name.replace("Ａ", "a").lower().replace(" ", "")
    parts = name.replace("Ａ", "a").lower().split()
    facets = item.facets
    return (
        all(part in folded for part in parts)
        and any(each.startswith(code) for each in (item.code, *facets.codes))
        and item.region.startswith(region)
        and mode in (*facets.modes, "")
        and subject in (*facets.subjects, "")
        and ("level" not in more or more["level"] in facets.levels)
        and more.get("online", facets.online) == facets.online
        and (
            "authority" not in more
            or (
                more["authority"] == facets.authority
                if more["authority"] == "X1"
                else more["authority"] in facets.authority_name
            )
        )
        and (at is None or in_force([each for each in every if each.code == item.code], at) is item)
    )
