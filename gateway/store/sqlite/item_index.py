"""Keeps and reads the index of the catalogue: terms to rows in postings, codes and their beginnings in a table."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

import orjson

from gateway.core.catalogue.search import ItemFilter, terms, wanted_terms
from gateway.core.model import ServiceItem
from gateway.flow.ports import ItemPage
from gateway.store.named import statements
from gateway.store.postings import BLOCK, changed, common
from gateway.store.sqlite.item_rows import as_item
from gateway.store.sqlite.times import to_us

_SQL = statements(Path(__file__).parent / "statements" / "item_index.sql")
_HIGHEST: Final = "\U0010ffff"  # sorts behind every text, so that a prefix closes its range
_CODES_READ: Final = 4_000  # a beginning that more items share is looked for in what the terms leave
_LOOKED_AT: Final = 1_000  # items of one page at the most: a page may be short, but it is never slow

_Sets = defaultdict[int, defaultdict[str, set[int]]]  # block, term, rows


def _no_sets() -> _Sets:
    return defaultdict(lambda: defaultdict(set))


@dataclass(frozen=True, slots=True)
class IndexChanges:
    """What a transaction changes in the index, gathered so that each set is written once."""

    _added: _Sets = field(default_factory=_no_sets)
    _removed: _Sets = field(default_factory=_no_sets)
    _new: set[tuple[str, int]] = field(default_factory=set)
    _gone: set[tuple[str, int]] = field(default_factory=set)

    def add(self, sequence: int, item: ServiceItem) -> None:
        """Have an item found."""
        _note(sequence, terms(item), self._added, self._removed)
        codes = {(code, sequence) for code in _codes(item)}
        self._new.update(codes)
        self._gone.difference_update(codes)

    def remove(self, sequence: int, item: ServiceItem) -> None:
        """Have an item not found any more by what it was."""
        _note(sequence, terms(item), self._removed, self._added)
        codes = {(code, sequence) for code in _codes(item)}
        self._gone.update(codes)
        self._new.difference_update(codes)

    def write(self, connection: sqlite3.Connection) -> None:
        """Write every set once, in the order in which they are stored."""
        connection.executemany(_SQL["drop_code"], sorted(self._gone))
        connection.executemany(_SQL["add_code"], sorted(self._new))
        for block in sorted(self._added.keys() | self._removed.keys()):
            added, removed = self._added[block], self._removed[block]
            for term in sorted(added.keys() | removed.keys()):
                kept = connection.execute(_SQL["posting"], (term, block)).fetchone()
                rows = changed(b"" if kept is None else kept[0], added[term], removed[term])
                connection.execute(_SQL["put_posting"], (term, block, rows))


def _note(sequence: int, found: set[str], in_these: _Sets, no_longer_in: _Sets) -> None:
    block, row = divmod(sequence, BLOCK)
    sets = in_these[block]
    for term in found:
        sets[term].add(row)
    if no_longer_in:
        sets = no_longer_in[block]
        for term in found & sets.keys():
            sets[term].discard(row)


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


def _codes(item: ServiceItem) -> list[str]:
    codes = sorted({item.code, *item.facets.codes}, reverse=True)
    return [code for number, code in enumerate(codes) if not any(each.startswith(code) for each in codes[:number])]
