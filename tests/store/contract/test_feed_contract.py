"""What every store promises of the change feed and of copies of partners' items."""

from gateway.core.audit.entry import EntryKind
from gateway.flow.ports import EntryFilter, Mirror, MirroredItem
from tests.store.samples import NOW, an_entry, an_item

OWNER = "gateway.ankang"


def mirror(**changes):
    return Mirror(**{"owner": OWNER, "epoch": "e1", "cursor": "e1-1", "copied_at": NOW, **changes})


async def keep(store, *items, complete=True, **changes):
    offered = [MirroredItem(item=item, publication="signed") for item in items]
    entry = an_entry(kind=EntryKind.ITEMS_MIRRORED)
    return await store.keep_mirrored(mirror(**changes), offered, entry, complete=complete)


async def offered(store, after=0, *, limit=100, size=1 << 20):
    return await store.feed(after, limit=limit, size=size)


async def test_items_are_offered_in_the_order_of_their_last_change(store):
    first, second = an_item(), an_item()
    await store.put_items([first, second])
    changed = an_item(code=first.code, version=first.version, document=b'{"a":2}', digest="other")
    await store.put_items([changed])

    page = await offered(store)

    assert page.items == (second, changed)
    assert page.complete


async def test_what_did_not_change_is_not_offered_again(store):
    item = an_item()
    await store.put_items([item])
    last = (await offered(store)).last
    await store.put_items([item])

    page = await offered(store, last)

    assert (page.items, page.last, page.complete) == ((), last, True)


async def test_a_feed_that_is_restarted_counts_under_another_name_and_says_so_in_the_log(store):
    await store.put_items([an_item()])
    before = await offered(store)

    await store.restart_feed(an_entry(kind=EntryKind.STORE_RESTORED, log_size=0, log_signed=7))

    after = await offered(store)
    assert after.epoch not in ("", before.epoch)
    assert after.items == before.items
    assert len(await store.search(EntryFilter(kind=EntryKind.STORE_RESTORED))) == 1


async def test_pages_follow_each_other_without_a_gap(store):
    items = [an_item() for _ in range(7)]
    await store.put_items(items)

    after, seen, pages = 0, [], 0
    while True:
        page = await offered(store, after, limit=3)
        seen += page.items
        after, pages = page.last, pages + 1
        if page.complete:
            break

    assert (seen, pages) == (items, 3)


async def test_a_page_is_bounded_in_bytes_and_holds_one_item_at_least(store):
    items = [an_item(document=b'{"a":"' + b"x" * 1000 + b'"}') for _ in range(3)]
    await store.put_items(items)

    assert len((await offered(store, size=2500)).items) == 2
    assert len((await offered(store, size=10)).items) == 1


async def test_another_store_counts_under_another_name(open_new):
    one, other = await open_new(), await open_new()

    assert (await offered(one)).epoch != (await offered(other)).epoch

    await one.close()
    await other.close()


async def test_the_name_under_which_changes_are_counted_stays(opener):
    before = await opener()
    epoch = (await offered(before)).epoch
    await before.close()
    after = await opener()

    assert (await offered(after)).epoch == epoch
    await after.close()


async def test_a_copied_item_is_in_the_catalogue_and_not_in_our_feed(store):
    item = an_item()

    counts = await keep(store, item)

    assert counts.added == 1
    assert await store.item_versions(item.code) == (item,)
    assert (await offered(store)).items == ()


async def test_how_far_a_copy_goes_is_kept_with_what_it_brought(store):
    await keep(store, an_item(), an_item(), complete=False, cursor="e1-7")

    assert await store.mirrors() == (mirror(cursor="e1-7", items=2),)


async def test_a_copy_that_changes_nothing_leaves_no_entry(store):
    item = an_item()
    await keep(store, item)
    size = (await store.head()).size
    await keep(store, item, cursor="e1-2")

    assert (await store.head()).size == size
    assert len(await store.search(EntryFilter(kind=EntryKind.ITEMS_MIRRORED))) == 1


async def test_an_item_of_our_own_or_of_another_partner_is_left_as_it_is(store):
    ours, theirs = an_item(), an_item()
    await store.put_items([ours])
    await keep(store, theirs, owner="gateway.jiuquan")
    forged = [an_item(code=each.code, version=each.version, digest="forged") for each in (ours, theirs)]

    counts = await keep(store, *forged)

    assert (counts.added, counts.changed) == (0, 0)
    assert await store.item_versions(ours.code) == (ours,)
    assert await store.item_versions(theirs.code) == (theirs,)


async def test_at_the_end_of_a_copy_begun_anew_what_is_no_longer_offered_is_forgotten(store):
    gone, stays = an_item(), an_item()
    others = an_item()
    await keep(store, gone, stays)
    await keep(store, others, owner="gateway.jiuquan")

    await keep(store, stays, epoch="e2", cursor="e2-1", complete=False)
    assert await store.item_versions(gone.code) == (gone,)
    await keep(store, epoch="e2", cursor="e2-2")

    assert await store.item_versions(gone.code) == ()
    assert await store.item_versions(stays.code) == (stays,)
    assert await store.item_versions(others.code) == (others,)


async def test_an_item_that_we_publish_ourselves_from_now_on_is_ours(store):
    item = an_item()
    await keep(store, item)
    ours = an_item(code=item.code, version=item.version, digest="ours")
    await store.put_items([ours])

    counts = await keep(store, item)

    assert counts.changed == 0
    assert (await offered(store)).items == (ours,)
