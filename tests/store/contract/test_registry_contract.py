"""What every store does with partners and service items."""

from dataclasses import replace
from datetime import timedelta

from gateway.core.model import PartnerStatus
from gateway.flow.ports import ItemCounts
from tests.store.samples import NOW, a_partner, an_entry, an_item

IMPLEMENTATION = "11420300MB1234567X4000123001000"


async def test_partners_come_back_as_registered_in_order_of_id(store):
    second, first = a_partner(id="shiyan"), a_partner(id="ankang", keys=(), regions=())
    for partner in (second, first):
        await store.put_partner(partner, an_entry())

    assert await store.partners() == (first, second)
    assert (await store.head()).size == 2


async def test_registering_again_replaces(store):
    await store.put_partner(a_partner(), an_entry())
    changed = a_partner(endpoint="http://127.0.0.1:9000", status=PartnerStatus.SUSPENDED, keys=())

    await store.put_partner(changed, an_entry())

    assert await store.partners() == (changed,)


async def test_a_partner_is_suspended_and_resumed(store):
    await store.put_partner(a_partner(), an_entry())

    assert await store.set_status("ankang", PartnerStatus.SUSPENDED, an_entry())
    suspended = await store.partners()
    assert await store.set_status("ankang", PartnerStatus.ACTIVE, an_entry())

    assert suspended == (a_partner(status=PartnerStatus.SUSPENDED),)
    assert await store.partners() == (a_partner(),)
    assert (await store.head()).size == 3


async def test_a_partner_that_is_not_registered_cannot_be_suspended(store):
    assert not await store.set_status("nobody", PartnerStatus.SUSPENDED, an_entry())
    assert (await store.head()).size == 0


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


async def test_items_are_paged_in_order_of_code_and_version(store):
    items = [an_item() for _ in range(4)]
    items.insert(1, replace(items[0], version=2))
    await store.put_items(items[::-1])

    first = await store.page_items(limit=2)
    second = await store.page_items(after=(first[-1].code, first[-1].version), limit=10)

    assert [*first, *second] == items


async def test_a_region_is_a_prefix_at_every_level(store):
    regions = ("420300000000", "420302000000", "421000000000", "610900000000")
    items = [an_item(region=region) for region in regions]
    await store.put_items(items)

    found = {
        prefix: [item.region for item in await store.page_items(region=prefix)]
        for prefix in ("", "4", "42", "4203", "420302", "420302000000", "43", "5001")
    }

    assert found == {
        "": list(regions),
        "4": list(regions[:3]),
        "42": list(regions[:3]),
        "4203": list(regions[:2]),
        "420302": [regions[1]],
        "420302000000": [regions[1]],
        "43": [],
        "5001": [],
    }


async def test_a_page_of_a_region_goes_on_after_the_last(store):
    items = [an_item(region="420300000000") for _ in range(5)]
    await store.put_items(items)

    for region in ("42", "4203"):
        page = await store.page_items(region=region, after=(items[1].code, 1), limit=2)
        assert page == tuple(items[2:4])
