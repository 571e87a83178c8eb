"""Service items and base items in SQLite, every version of them, and what each said before."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import orjson

from gateway.core.catalogue.items import facets
from gateway.core.model import DocumentKind, ServiceItem
from gateway.flow.ports import ItemCounts, SaltedEntry
from gateway.store.index_changes import IndexChanges
from gateway.store.item_rows import as_item, encoded, to_row
from gateway.store.named import statements
from gateway.store.sqlite.item_index import write_index
from gateway.store.sqlite.log import add_entries

_SQL = statements(Path(__file__).parent / "statements" / "items.sql")

_IMPLEMENTATION_CODE_LENGTH = 31  # 实施编码; a handling item adds a serial of two digits
_LAST_SERIAL = "99"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What keeping a version did."""

    sequence: int
    change: str  # added, changed or unchanged
    before: bytes | None = None  # the document that was replaced


def put_items(connection: sqlite3.Connection, items: Iterable[ServiceItem], entry: SaltedEntry | None) -> ItemCounts:
    """Keep item versions; the same code, version and digest again changes nothing."""
    index = IndexChanges()
    counts = Counter(keep(connection, index, item).change for item in items)
    write_index(connection, index)
    if entry is not None:
        add_entries(connection, (entry,))
    return ItemCounts(**counts)


def keep(
    connection: sqlite3.Connection,
    index: IndexChanges,
    item: ServiceItem,
    *,
    layout: str = "",
    source: bytes | None = None,
) -> Change:
    """Keep one version; `index` must be written before the transaction ends."""
    return keep_over(connection, index, item, find(connection, item), layout=layout, source=source)


def keep_over(
    connection: sqlite3.Connection,
    index: IndexChanges,
    item: ServiceItem,
    kept: sqlite3.Row | None,
    *,
    layout: str = "",
    source: bytes | None = None,
) -> Change:
    """Keep one version over what `find` said of it."""
    row = to_row(item) | {"layout": layout, "source": source}
    if kept is None:
        sequence = cast("int", connection.execute(_SQL["add_item"], row).lastrowid)
        connection.execute(_SQL["add_document"], {"sequence": sequence, "document": item.document})
        index.add(sequence, item)
        return Change(sequence=sequence, change="added")
    sequence = int(kept["sequence"])
    if kept["digest"] == item.digest:
        if source is not None and kept["source"] != source:
            connection.execute(_SQL["name_source"], {"sequence": sequence, "source": source, "layout": layout})
        return Change(sequence=sequence, change="unchanged")
    old = _in_full(connection, sequence)
    connection.execute(_SQL["add_revision"], {"sequence": sequence})
    connection.execute(_SQL["replace_item"], row | {"sequence": sequence})
    connection.execute(_SQL["replace_document"], {"sequence": sequence, "document": item.document})
    index.remove(sequence, old)
    index.add(sequence, item)
    return Change(sequence=sequence, change="changed", before=old.document)


def find(connection: sqlite3.Connection, item: ServiceItem) -> sqlite3.Row | None:
    """Return where a version is kept, and the digest of what it says."""
    named = {"kind": item.kind, "code": item.code, "version": item.version}
    return connection.execute(_SQL["find_item"], named).fetchone()  # type: ignore[no-any-return]  # a row is Any


def item_versions(connection: sqlite3.Connection, code: str) -> tuple[ServiceItem, ...]:
    """Return every version known under an implementation or handling-item code, newest first."""
    last = code + _LAST_SERIAL if len(code) == _IMPLEMENTATION_CODE_LENGTH else code
    return tuple(map(as_item, connection.execute(_SQL["item_versions"], {"code": code, "last": last})))


def base_item_versions(connection: sqlite3.Connection, code: str) -> tuple[ServiceItem, ...]:
    """Return every version of the base item with this code, newest first."""
    return tuple(map(as_item, connection.execute(_SQL["base_item_versions"], {"code": code})))


def revisions(connection: sqlite3.Connection, kind: DocumentKind, code: str, version: int) -> tuple[bytes, ...]:
    """Return what a version said before it was changed, oldest first."""
    rows = connection.execute(_SQL["revisions"], {"kind": kind, "code": code, "version": version})
    return tuple(document for (document,) in rows)


def derive(connection: sqlite3.Connection) -> None:
    """Fill in what follows from the documents of items that are there already: facets, codes and postings."""
    after = 0
    while rows := connection.execute(_SQL["all_items"], {"after": after, "limit": 1_000}).fetchall():
        index = IndexChanges()
        for row in rows:
            found = facets(orjson.loads(row["document"]))
            connection.execute(_SQL["set_facets"], {"sequence": row["sequence"], "facets": encoded(found)})
            index.add(row["sequence"], as_item({**dict(row), "facets": encoded(found)}))
        write_index(connection, index)
        after = rows[-1]["sequence"]


def _in_full(connection: sqlite3.Connection, sequence: int) -> ServiceItem:
    return as_item(connection.execute(_SQL["item_at"], {"sequence": sequence}).fetchone())
