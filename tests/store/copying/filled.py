"""Stores in which something of everything happened: at least one row in every table, and numbers that have gaps."""

from dataclasses import replace
from datetime import timedelta

from gateway.core.audit.entry import EntryKind
from gateway.core.audit.tiles import root_at, tiles_for_root
from gateway.core.catalogue.items import service_item
from gateway.core.errors import Fault
from gateway.core.model import Backoff, DocumentKind
from gateway.flow.ports import (
    Checkpoint,
    ImportChunk,
    ImportedItem,
    ImportJob,
    LineFault,
    Mirror,
    MirroredItem,
    Position,
    Rejection,
    Retired,
    Retirement,
    Store,
)
from tests.store.samples import (
    LATER,
    NOW,
    a_change,
    a_claim,
    a_delivery,
    a_nonce,
    a_partner,
    a_submission,
    a_version,
    an_entry,
    an_event,
    an_id,
    an_item,
    buried,
    postponed,
    settled,
)

FAULT = Fault(pointer="/TYPE", code="code_unknown", message="unknown", message_zh="未知", expected="1")
LARGE = bytes(range(256)) * 1_600  # 400 kB, and not text


async def fill(store: Store, *, applications: int = 3) -> None:
    """Put something into every table."""
    await store.put_partner(a_partner(), an_entry(kind=EntryKind.PARTNER_REGISTERED))
    await store.put_partner(replace(a_partner(), id="yichang", mirrored=True), an_entry())
    await _exchanges(store, applications)
    await _adapters(store)
    await _catalogue(store)
    await store.advance_table("ankang", "UP_PRO_RESULT", Position(at="2026-11-20 09:00:00", row="b"))
    rejection = Rejection(partner="ankang", row="r1", exchange="", code="rejected", faults=(FAULT,), found_at=NOW)
    await store.keep_rejection(rejection, an_entry(kind=EntryKind.DELIVERY_REJECTED))
    await sign(store)
    await store.log([an_entry(salt=b"s" * 16) for _ in range(300)])  # more than a tile
    await retire(store)


async def retire(store: Store) -> None:
    """Take away the first tile's entries, and what was received before anything was."""
    root = root_at(256, await store.tiles(tiles_for_root(256)))
    retirement = Retirement(kind=Retired.ENTRIES, before=NOW, size=256, root=root, entry=an_id(), retired_at=NOW)
    await store.retire(retirement, an_entry(kind=EntryKind.ENTRIES_RETIRED))
    long_ago = replace(retirement, kind=Retired.EXCHANGES, before=NOW - timedelta(days=9999))
    await store.retire(long_ago, an_entry(kind=EntryKind.EXCHANGES_RETIRED))
    await store.discard()


async def sign(store: Store) -> None:
    """Keep a checkpoint over the log as it stands."""
    head = await store.head()
    await store.keep_checkpoint(Checkpoint(size=head.size, root=head.root, note=f"note {head.size}\n", made_at=NOW))


async def _exchanges(store: Store, applications: int) -> None:
    submissions = [a_submission("ankang", "yichang") for _ in range(applications)]
    await store.receive(a_nonce(), submissions)
    number = submissions[0].exchange.subject
    large = an_event(number, "accepted", "shiyan", body=LARGE)
    await store.receive(a_nonce(), [replace(large, deliveries=(a_delivery(large.exchange, "shiyan", body=LARGE),))])
    first, second, *_ = await store.claim("ankang", number=a_claim(), limit=3, now=NOW)
    await store.conclude([settled(first)], Backoff(destination="ankang"))
    await store.conclude([buried(second, faults=(FAULT,))], Backoff(destination="ankang"))
    (third,) = await store.claim("yichang", number=a_claim(), limit=1, now=NOW)
    away = Backoff(destination="yichang", failures=3, retry_at=LATER)
    await store.conclude([postponed(third, retry_at=LATER)], away)
    await store.claim("shiyan", number=a_claim(), limit=1, now=NOW)


async def _adapters(store: Store) -> None:
    for version in ("1.0.0", "1.1.0"):
        await store.put_version(a_version(version), b"\x00files", b"{}", an_entry())
    await store.move_version(
        a_change(), since=a_version().state, instead_of="", report=b'{"again":true}', entry=an_entry()
    )


async def _catalogue(store: Store) -> None:
    items = [an_item() for _ in range(5)]
    await store.put_items(items)
    await store.put_items([replace(items[0], document=b'{"name":"b"}', digest="other")])
    begun = await store.begin_import(ImportJob(id="a", kind=DocumentKind.SERVICE_ITEM, layout="sichuan"), an_entry())
    listed = service_item({"localImplementationCode": "A1", "name": "公证", "region": "511602000000", "type": "01"})
    met = ImportedItem(line=1, position=0, length=10, source=b"s" * 16, item=listed)
    left_out = LineFault(line=2, position=10, length=5, code="code_unknown", faults=(FAULT,))
    await store.keep_chunk(begun.number, ImportChunk(position=15, line=2, items=[met], faults=[left_out]))
    last = an_item()
    await store.put_items([last])
    await store.put_items([replace(last, document=b'{"name":"c"}', digest="changed")])  # its number is given anew
    # Its number in the feed is taken back at once: the highest that was given is not there any more.
    mirror = Mirror(owner="yichang", epoch="e1", cursor="e1-1", copied_at=NOW)
    offered = [MirroredItem(item=an_item(region="420500000000"), publication="signed")]
    await store.keep_mirrored(mirror, offered, an_entry(kind=EntryKind.ITEMS_MIRRORED), complete=True)


async def use(store: Store) -> None:
    """Go on as a gateway would: take, deliver, register, change."""
    await store.receive(a_nonce(), [a_submission("ankang")])
    await store.put_items([an_item()])
    assert await store.claim("ankang", number=a_claim(), limit=1, now=NOW + timedelta(hours=2))
    await store.begin_import(ImportJob(id="b", kind=DocumentKind.SERVICE_ITEM, layout="sichuan"), an_entry())
    await store.put_version(a_version("2.0.0"), b"files", b"{}", an_entry())
