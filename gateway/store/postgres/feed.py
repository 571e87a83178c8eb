"""The change feed in PostgreSQL, and the copies of what partners publish."""

from collections.abc import Sequence

from gateway.core.model import ServiceItem
from gateway.flow.ports import FeedPage, ItemCounts, Mirror, MirroredItem, SaltedEntry
from gateway.store.index_changes import IndexChanges
from gateway.store.item_rows import as_item
from gateway.store.postgres.catalogue import put_items
from gateway.store.postgres.item_index import write_index
from gateway.store.postgres.session import Session
from gateway.store.postgres.statements import columns, prepared
from gateway.store.rows import as_mirror
from gateway.store.times import to_us_or_none

_SQL = prepared("feed")


async def feed(session: Session, after: int, limit: int, size: int) -> FeedPage:
    """Return up to `limit` items changed after a change number, of about `size` bytes together; at least one."""
    epoch: str = (await session.one(_SQL["epoch"]))["epoch"]
    items: list[ServiceItem] = []
    last, total = after, 0
    for row in await session.rows(_SQL["changes"], {"after": after, "limit": limit + 1}):
        total += len(row["document"])
        if len(items) == limit or (items and total > size):
            return FeedPage(epoch=epoch, items=tuple(items), last=last, complete=False)
        last = row["change"]
        items.append(as_item(row))
    return FeedPage(epoch=epoch, items=tuple(items), last=last, complete=True)


async def restart(session: Session, entry: SaltedEntry) -> None:
    """Count changes under another name from here on."""
    await session.change(_SQL["rename_feed"], {})
    session.add_entries((entry,))


async def mirrors(session: Session) -> tuple[Mirror, ...]:
    """Return how far every copy goes, in order of owner."""
    return tuple(map(as_mirror, await session.rows(_SQL["mirrors"])))


async def keep_mirrored(
    session: Session, mirror: Mirror, items: Sequence[MirroredItem], entry: SaltedEntry, *, complete: bool
) -> ItemCounts:
    """Keep a page of a partner's items and how far it goes."""
    theirs = await _belonging(session, items, mirror.owner)
    counts = await put_items(session, [each.item for each in theirs], None)
    if theirs:
        await _note_owner(session, mirror, theirs)
    gone = await _forget(session, mirror) if complete else 0
    kept = {"owner": mirror.owner, "epoch": mirror.epoch, "cursor": mirror.cursor}
    await session.change(_SQL["keep_mirror"], kept | {"copied_at": to_us_or_none(mirror.copied_at)})
    if counts.added or counts.changed or gone:
        session.add_entries((entry,))
    return counts


async def _belonging(session: Session, items: Sequence[MirroredItem], owner: str) -> list[MirroredItem]:
    """Return those item versions that are unknown here, or known as this owner's."""
    wanted = {"code": [each.item.code for each in items], "version": [each.item.version for each in items]}
    rows = await session.rows(_SQL["owners"], wanted)
    others = {(row["code"], row["version"]) for row in rows if row["owner"] != owner}
    return [each for each in items if (each.item.code, each.item.version) not in others]


async def _note_owner(session: Session, mirror: Mirror, items: Sequence[MirroredItem]) -> None:
    told = {(each.item.code, each.item.version): each.publication for each in items}
    rows = [
        {"code": code, "version": version, "publication": publication} for (code, version), publication in told.items()
    ]
    named = columns(rows, ("code", "version", "publication"))
    await session.change(_SQL["keep_publications"], named | {"owner": mirror.owner, "epoch": mirror.epoch})
    await session.change(_SQL["not_ours"], named)


async def _forget(session: Session, mirror: Mirror) -> int:
    gone = await session.rows(_SQL["gone"], {"owner": mirror.owner, "epoch": mirror.epoch})
    if gone:
        index = IndexChanges()
        for row in gone:
            index.remove(row["sequence"], as_item(row))
        await session.change(_SQL["forget_items"], {"sequences": [row["sequence"] for row in gone]})
        await write_index(session, index)
    return len(gone)
