"""The change feed in SQLite, and the copies of what partners publish."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from gateway.core.model import ServiceItem
from gateway.flow.ports import FeedPage, ItemCounts, Mirror, MirroredItem, SaltedEntry
from gateway.store.index_changes import IndexChanges
from gateway.store.item_rows import as_item
from gateway.store.named import statements
from gateway.store.rows import as_mirror
from gateway.store.sqlite.catalogue import put_items
from gateway.store.sqlite.item_index import write_index
from gateway.store.sqlite.log import add_entries
from gateway.store.times import to_us_or_none

_SQL = statements(Path(__file__).parent / "statements" / "feed.sql")


def feed(connection: sqlite3.Connection, after: int, limit: int, size: int) -> FeedPage:
    """Return up to `limit` items changed after a change number, of about `size` bytes together; at least one."""
    epoch = connection.execute(_SQL["epoch"]).fetchone()["epoch"]
    items: list[ServiceItem] = []
    last, total = after, 0
    rows = connection.execute(_SQL["changes"], {"after": after, "limit": limit + 1})
    for row in rows:
        total += len(row["document"])
        if len(items) == limit or (items and total > size):
            return FeedPage(epoch=epoch, items=tuple(items), last=last, complete=False)
        last = row["change"]
        items.append(as_item(row))
    return FeedPage(epoch=epoch, items=tuple(items), last=last, complete=True)


def restart(connection: sqlite3.Connection, entry: SaltedEntry) -> None:
    """Count changes under another name from here on."""
    connection.execute(_SQL["rename_feed"])
    add_entries(connection, (entry,))


def mirrors(connection: sqlite3.Connection) -> tuple[Mirror, ...]:
    """Return how far every copy goes, in order of owner."""
    rows = connection.execute(_SQL["mirrors"])
    return tuple(as_mirror(dict(row)) for row in rows)


def keep_mirrored(
    connection: sqlite3.Connection, mirror: Mirror, items: Sequence[MirroredItem], entry: SaltedEntry, *, complete: bool
) -> ItemCounts:
    """Keep a page of a partner's items and how far it goes."""
    theirs = [each for each in items if _belongs(connection, each, mirror.owner)]
    counts = put_items(connection, [each.item for each in theirs], None)
    for each in theirs:
        key = {"code": each.item.code, "version": each.item.version}
        named = key | {"owner": mirror.owner, "epoch": mirror.epoch, "publication": each.publication}
        connection.execute(_SQL["keep_publication"], named)
        connection.execute(_SQL["not_ours"], key)
    gone = _forget(connection, mirror) if complete else 0
    kept = {"owner": mirror.owner, "epoch": mirror.epoch, "cursor": mirror.cursor}
    connection.execute(_SQL["keep_mirror"], kept | {"copied_at": to_us_or_none(mirror.copied_at)})
    if counts.added or counts.changed or gone:
        add_entries(connection, (entry,))
    return counts


def _belongs(connection: sqlite3.Connection, each: MirroredItem, owner: str) -> bool:
    """Tell whether an item version is unknown here, or known as this owner's."""
    row = connection.execute(_SQL["owner"], {"code": each.item.code, "version": each.item.version}).fetchone()
    return row is None or row["owner"] == owner


def _forget(connection: sqlite3.Connection, mirror: Mirror) -> int:
    gone = connection.execute(_SQL["gone"], {"owner": mirror.owner, "epoch": mirror.epoch}).fetchall()
    index = IndexChanges()
    for row in gone:
        found = connection.execute(_SQL["remembered_item"], {"sequence": row["sequence"]}).fetchone()
        index.remove(row["sequence"], as_item(found))
        connection.execute(_SQL["forget_document"], {"sequence": row["sequence"]})
        connection.execute(_SQL["forget_item"], {"sequence": row["sequence"]})
    write_index(connection, index)
    return len(gone)
