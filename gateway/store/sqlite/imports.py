"""Imports in SQLite: each chunk is one transaction with the cursor that goes behind it."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

import orjson

from gateway.core.catalogue.differences import differing
from gateway.core.catalogue.items import end_of, ended_item
from gateway.core.model import DocumentKind
from gateway.flow.ports import (
    ImportChunk,
    ImportedItem,
    ImportJob,
    ImportProgress,
    ItemChange,
    LineFault,
    SaltedEntry,
)
from gateway.store.index_changes import IndexChanges
from gateway.store.item_rows import as_item
from gateway.store.named import statements
from gateway.store.rows import as_item_change, as_line_fault, contradicted, line_fault_row
from gateway.store.sqlite.catalogue import Change, find, keep, keep_over
from gateway.store.sqlite.item_index import write_index
from gateway.store.sqlite.log import add_entries
from gateway.store.times import to_us

_SQL = statements(Path(__file__).parent / "statements" / "imports.sql")
_HIGHEST: Final = "\U0010ffff"  # sorts behind every text, so that a prefix closes its range
_ENDED_AT_ONCE: Final = 1_000
_NOTHING: Final = {"position": 0, "line": 0}
_COUNTED: Final = ("added", "changed", "unchanged", "ended", "quarantined", "faulty")


def begin_import(connection: sqlite3.Connection, job: ImportJob, entry: SaltedEntry, restart: bool) -> ImportProgress:  # noqa: FBT001 - of a lambda
    """Take up the import of this job that was cut off, or begin one."""
    named = {"job": job.id, "kind": job.kind, "layout": job.layout}
    if restart:
        connection.execute(_SQL["abandon"], {"job": job.id})
    found = connection.execute(_SQL["open_import"], {"job": job.id}).fetchone()
    if found is None:
        found = connection.execute(_SQL["begin"], named).fetchone()
        add_entries(connection, (entry,))
    return _progress(connection, found["number"])


def known_sources(connection: sqlite3.Connection, kind: DocumentKind, sources: Sequence[bytes]) -> frozenset[bytes]:
    """Return those sources that are known to make an item as it is kept."""

    def known(source: bytes) -> bool:
        return connection.execute(_SQL["with_source"], {"kind": kind, "source": source}).fetchone() is not None

    return frozenset(filter(known, sources))


def keep_chunk(connection: sqlite3.Connection, number: int, chunk: ImportChunk) -> ImportProgress:
    """Keep what changed, note what was seen and what was left out, and how far the import goes."""
    kind, layout = _kind_and_layout(connection, number)
    keeping = _Keeping(connection, number, kind=kind, layout=layout)
    for each in chunk.items:
        keeping.take(each)
    write_index(connection, keeping.index)
    faults = [*chunk.faults, *keeping.contradicted]
    connection.executemany(_SQL["add_fault"], [line_fault_row(number, fault) for fault in faults])
    counts = keeping.counts | Counter(faulty=len(faults))
    _advance(connection, number, counts, position=chunk.position, line=chunk.line)
    return _progress(connection, number)


class _Keeping:
    """What one chunk does to the catalogue."""

    def __init__(self, connection: sqlite3.Connection, number: int, *, kind: DocumentKind, layout: str) -> None:
        self._connection, self._number, self._kind, self._layout = connection, number, kind, layout
        self.index = IndexChanges()
        self.counts: Counter[str] = Counter()
        self.contradicted: list[LineFault] = []

    def take(self, each: ImportedItem) -> None:
        """Keep one item, or note that it contradicts one before it in the file."""
        if each.item is None:
            self._take_known(each)
            return
        kept = find(self._connection, each.item)
        first = None if kept is None else self._met(kept["sequence"])
        if kept is None or first is None:
            change = keep_over(self._connection, self.index, each.item, kept, layout=self._layout, source=each.source)
            self._sight(each.line, change, each.item.document)
        elif kept["digest"] == each.item.digest:
            self.counts["unchanged"] += 1
        else:
            self.contradicted.append(contradicted(each, first))
            return
        self.counts["quarantined"] += bool(each.item.quarantine)

    def _take_known(self, each: ImportedItem) -> None:
        found = self._connection.execute(_SQL["with_source"], {"kind": self._kind, "source": each.source}).fetchone()
        if found is None:  # a line of this very file has made it otherwise since its source was looked up
            self.contradicted.append(contradicted(each, None))
            return
        self.counts["quarantined"] += found["quarantined"]
        if self._met(found["sequence"]) is None:
            self._sight(each.line, Change(sequence=found["sequence"], change="unchanged"))
        else:
            self.counts["unchanged"] += 1

    def _met(self, sequence: int) -> int | None:
        found = self._connection.execute(_SQL["sighting"], {"sequence": sequence, "import": self._number}).fetchone()
        return None if found is None else found["line"]

    def _sight(self, line: int, change: Change, document: bytes = b"") -> None:
        self.counts[change.change] += 1
        pointers: tuple[str, ...] = ()
        if change.before is not None:
            pointers = differing(orjson.loads(change.before), orjson.loads(document))
        _sight(self._connection, self._number, change, line=line, pointers=pointers)


def end_absent(connection: sqlite3.Connection, number: int, region: str, last_day: date) -> ImportProgress:
    """End some of the items that an import has not seen."""
    kind, layout = _kind_and_layout(connection, number)
    wanted: dict[str, object] = {"kind": kind, "layout": layout, "region": region, "last_region": region + _HIGHEST}
    wanted |= {"import": number, "ended_at": to_us(end_of(last_day)), "limit": _ENDED_AT_ONCE}
    index = IndexChanges()
    rows = connection.execute(_SQL["absent"], wanted).fetchall()
    for row in rows:
        change = keep(connection, index, ended_item(as_item(row), last_day), layout=layout)
        _sight(connection, number, Change(sequence=change.sequence, change="ended"), pointers=("/effectiveTo",))
    write_index(connection, index)
    _advance(connection, number, Counter(ended=len(rows)), **_NOTHING)
    return _progress(connection, number)


def import_faults(connection: sqlite3.Connection, number: int, after: int, limit: int) -> tuple[LineFault, ...]:
    """Return what was left out, in order of line."""
    rows = connection.execute(_SQL["faults"], {"import": number, "after": after, "limit": max(0, limit)})
    return tuple(as_line_fault(dict(row)) for row in rows)


def import_changes(connection: sqlite3.Connection, number: int, after: int, limit: int) -> tuple[ItemChange, ...]:
    """Return what an import did to each item."""
    rows = connection.execute(_SQL["changes"], {"import": number, "after": after, "limit": max(0, limit)})
    return tuple(as_item_change(dict(row)) for row in rows)


def finish_import(connection: sqlite3.Connection, number: int, entry: SaltedEntry) -> None:
    """Note that an import is finished and told."""
    connection.execute(_SQL["finish"], {"number": number})
    connection.execute(_SQL["forget_faults"], {"number": number})
    add_entries(connection, (entry,))


def _sight(
    connection: sqlite3.Connection, number: int, change: Change, *, line: int = 0, pointers: tuple[str, ...] = ()
) -> None:
    seen = {"sequence": change.sequence, "import": number, "line": line, "change": change.change}
    connection.execute(_SQL["sight"], seen | {"pointers": orjson.dumps(pointers).decode()})


def _advance(connection: sqlite3.Connection, number: int, counts: Counter[str], *, position: int, line: int) -> None:
    counted = {name: counts[name] for name in _COUNTED}
    connection.execute(_SQL["advance"], counted | {"number": number, "position": position, "line": line})


def _progress(connection: sqlite3.Connection, number: int) -> ImportProgress:
    return ImportProgress(**dict(connection.execute(_SQL["import"], {"number": number}).fetchone()))


def _kind_and_layout(connection: sqlite3.Connection, number: int) -> tuple[DocumentKind, str]:
    row = connection.execute(_SQL["kind_and_layout"], {"number": number}).fetchone()
    return DocumentKind(row["kind"]), row["layout"]
