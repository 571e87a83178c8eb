"""Published service items in SQLite, every version of them."""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from gateway.core.model import ServiceItem
from gateway.flow.ports import ItemCounts, SaltedEntry
from gateway.store.named import statements
from gateway.store.sqlite.log import add_entries
from gateway.store.sqlite.times import from_us_or_none, to_us_or_none

_SQL = statements(Path(__file__).parent / "statements" / "items.sql")

_IMPLEMENTATION_CODE_LENGTH = 31  # 实施编码; a handling item adds a serial of two digits
_LAST_SERIAL = "99"
_CITY_PREFIX_LENGTH = 4  # of a division code: below a province, a region has few enough items to sort them
_HIGHEST = "\U0010ffff"  # sorts behind every text, so that a prefix closes its range


def put_items(connection: sqlite3.Connection, items: Sequence[ServiceItem], entry: SaltedEntry | None) -> ItemCounts:
    """Keep item versions; the same code, version and digest again changes nothing."""
    counts = Counter(_put(connection, item) for item in items)
    if entry is not None:
        add_entries(connection, (entry,))
    return ItemCounts(**counts)


def item_versions(connection: sqlite3.Connection, code: str) -> tuple[ServiceItem, ...]:
    """Return every version known under an implementation or handling-item code, newest first."""
    last = code + _LAST_SERIAL if len(code) == _IMPLEMENTATION_CODE_LENGTH else code
    return tuple(map(item_of, connection.execute(_SQL["item_versions"], {"code": code, "last": last})))


def page_items(
    connection: sqlite3.Connection, region: str, after: tuple[str, int], limit: int
) -> tuple[ServiceItem, ...]:
    """Return item versions in order of (code, version), from after `after`."""
    name = "page_items" if len(region) < _CITY_PREFIX_LENGTH else "page_items_of_region"
    wanted = {"region": region, "last_region": region + _HIGHEST, "limit": max(0, limit)}
    rows = connection.execute(_SQL[name], wanted | {"code": after[0], "version": after[1]})
    return tuple(map(item_of, rows))


def _put(connection: sqlite3.Connection, item: ServiceItem) -> str:
    """Keep one version; return which count it belongs to."""
    kept = connection.execute(_SQL["find_item"], {"code": item.code, "version": item.version}).fetchone()
    if kept is None:
        sequence = connection.execute(_SQL["add_item"], _row(item)).lastrowid
        connection.execute(_SQL["add_document"], {"sequence": sequence, "document": item.document})
        return "added"
    if kept["digest"] == item.digest:
        return "unchanged"
    connection.execute(_SQL["replace_item"], _row(item) | {"sequence": kept["sequence"]})
    connection.execute(_SQL["replace_document"], {"sequence": kept["sequence"], "document": item.document})
    return "changed"


def _row(item: ServiceItem) -> dict[str, object]:
    return {
        "code": item.code,
        "version": item.version,
        "region": item.region,
        "name": item.name,
        "status": item.status,
        "effective_from": to_us_or_none(item.effective_from),
        "effective_to": to_us_or_none(item.effective_to),
        "digest": item.digest,
        "quarantine": msgspec.json.encode(item.quarantine).decode(),
    }


def item_of(row: sqlite3.Row | Mapping[str, Any]) -> ServiceItem:
    """Return the item that a row holds."""
    read = {
        "effective_from": from_us_or_none(row["effective_from"]),
        "effective_to": from_us_or_none(row["effective_to"]),
        "quarantine": msgspec.json.decode(row["quarantine"], type=tuple[str, ...]),
    }
    return ServiceItem(**{**dict(row), **read})
