"""Keeps and reads the index of the catalogue: terms to rows in postings, codes and their beginnings in a table."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import orjson

from gateway.core.catalogue.search import ItemFilter, wanted_terms
from gateway.core.model import ServiceItem
from gateway.flow.ports import ItemPage
from gateway.store.index_changes import IndexChanges
from gateway.store.item_rows import as_item
from gateway.store.named import statements
from gateway.store.postings import BLOCK, changed, common
from gateway.store.times import to_us

_SQL = statements(Path(__file__).parent / "statements" / "item_index.sql")
_HIGHEST: Final = "\U0010ffff"  # sorts behind every text, so that a prefix closes its range
_CODES_READ: Final = 4_000  # a beginning that more items share is looked for in what the terms leave
_LOOKED_AT: Final = 1_000  # items of one page at the most: a page may be short, but it is never slow


def write_index(connection: sqlite3.Connection, index: IndexChanges) -> None:
    """Write every set once, in the order in which they are stored."""
    connection.executemany(_SQL["drop_code"], index.gone_codes())
    connection.executemany(_SQL["add_code"], index.new_codes())
    for block, terms in index.blocks():
        for term, (added, removed) in terms.items():
            kept = connection.execute(_SQL["posting"], (term, block)).fetchone()
            rows = changed(b"" if kept is None else kept[0], added, removed)
            connection.execute(_SQL["put_posting"], (term, block, rows))


def find_items(connection: sqlite3.Connection, wanted: ItemFilter, after: int, limit: int) -> ItemPage:
    """Return items asked for in the order in which they came, from behind position `after`."""
    found: list[tuple[int, ServiceItem]] = []
    position, looked_at = after, 0
    candidates = _candidates(connection, wanted, after)
    while chunk := list(islice(candidates, max(0, limit))):
        position, looked_at = chunk[-1], looked_at + len(chunk)
        found += [(at, item) for at, item in _read(connection, chunk, wanted) if wanted.accepts(item)]
        if len(found) >= limit:
            return ItemPage(items=tuple(item for _, item in found[:limit]), after=found[limit - 1][0])
        if looked_at >= _LOOKED_AT:
            return ItemPage(items=tuple(item for _, item in found), after=position)
    return ItemPage(items=tuple(item for _, item in found))


def _candidates(connection: sqlite3.Connection, wanted: ItemFilter, after: int) -> Iterator[int]:
    """Yield positions behind `after` that may be asked for, in order: all that are, and few that are not."""
    coded = _with_code(connection, wanted.code) if wanted.code else None
    asked = sorted(wanted_terms(wanted))
    last: int = connection.execute(_SQL["last_item"]).fetchone()[0]
    first = after + 1
    for block in range(first // BLOCK, last // BLOCK + 1):
        among = None if coded is None else frozenset(coded.get(block, ()))
        if among is not None and not among:
            continue
        sets = _postings(connection, asked, block)
        start = max(0, first - block * BLOCK)
        yield from (block * BLOCK + row for row in common(sets, start=start, among=among))


def _postings(connection: sqlite3.Connection, asked: Iterable[str], block: int) -> list[bytes]:
    """Return the set of each term in a block; as soon as one has no rows, that one only."""
    sets: list[bytes] = []
    for term in asked:
        kept = connection.execute(_SQL["posting"], (term, block)).fetchone()
        if kept is None:
            return [b""]
        sets.append(kept[0])
    return sets


def _with_code(connection: sqlite3.Connection, code: str) -> dict[int, list[int]] | None:
    """Return the rows, by block, of the items that a code or its beginning names; None for too many to list."""
    named = {"code": code, "last": code + _HIGHEST, "limit": _CODES_READ + 1}
    rows = connection.execute(_SQL["coded"], named).fetchall()
    if len(rows) > _CODES_READ:
        return None
    found: defaultdict[int, list[int]] = defaultdict(list)
    for (sequence,) in rows:
        found[sequence // BLOCK].append(sequence % BLOCK)
    return found


def _read(connection: sqlite3.Connection, positions: list[int], wanted: ItemFilter) -> list[tuple[int, ServiceItem]]:
    """Return the items at these positions; of a search at an instant, those that are published then."""
    values: dict[str, object] = {"positions": orjson.dumps(positions).decode()}
    if wanted.at is not None:
        values["at"] = to_us(wanted.at)
    name = "look" if wanted.at is None else "look_published"
    return [(row["sequence"], as_item(row)) for row in connection.execute(_SQL[name], values)]
