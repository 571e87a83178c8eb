"""Imports in PostgreSQL: each chunk is one transaction with the cursor that goes behind it, in few statements."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

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
from gateway.store.postgres.catalogue import Change, Key, Offer, Row, find, keep, row_key
from gateway.store.postgres.item_index import write_index
from gateway.store.postgres.session import Session
from gateway.store.postgres.statements import columns, prepared
from gateway.store.rows import as_item_change, as_line_fault, contradicted, line_fault_row
from gateway.store.times import to_us

_SQL = prepared("imports")
_HIGHEST: Final = "\U0010ffff"  # sorts behind every text, so that a prefix closes its range
_ENDED_AT_ONCE: Final = 1_000
_NOTHING: Final = {"position": 0, "line": 0}
_COUNTED: Final = ("added", "changed", "unchanged", "ended", "quarantined", "faulty")
_FAULT: Final = ("import", "line", "position", "length", "code", "faults")
_SIGHTING: Final = ("sequence", "line", "change", "pointers")


async def begin_import(session: Session, job: ImportJob, entry: SaltedEntry, *, restart: bool) -> ImportProgress:
    """Take up the import of this job that was cut off, or begin one."""
    if restart:
        await session.change(_SQL["abandon"], {"job": job.id})
    found = await session.row(_SQL["open_import"], {"job": job.id})
    if found is None:
        named = {"job": job.id, "kind": job.kind, "layout": job.layout}
        (found,) = await session.changed(_SQL["begin"], named)
        session.add_entries((entry,))
    return await _progress(session, found["number"])


async def known_sources(session: Session, kind: DocumentKind, sources: Sequence[bytes]) -> frozenset[bytes]:
    """Return those sources that are known to make an item as it is kept."""
    rows = await session.rows(_SQL["known_sources"], {"kind": kind, "sources": sources})
    return frozenset(row["source"] for row in rows)


async def keep_chunk(session: Session, number: int, chunk: ImportChunk) -> ImportProgress:
    """Keep what changed, note what was seen and what was left out, and how far the import goes."""
    kind, layout = await _kind_and_layout(session, number)
    known = await _known(session, number, kind, chunk.items)
    sorting = _Sorting(known, layout=layout)
    for each in chunk.items:
        sorting.take(each)
    await _keep(session, number, sorting)
    faults = [*chunk.faults, *sorting.contradicted]
    if faults:
        rows = [line_fault_row(number, fault) for fault in faults]
        await session.change(_SQL["add_faults"], columns(rows, _FAULT))
    counts = sorting.counts | Counter(faulty=len(faults))
    await _advance(session, number, counts, position=chunk.position, line=chunk.line)
    return await _progress(session, number)


@dataclass(slots=True)
class _Known:
    """One version as it is kept, or will be once this chunk is."""

    digest: str
    source: bytes | None
    quarantined: bool = False
    line: int | None = None  # in which this import has met it


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """What is known of the versions that a chunk may touch."""

    rows: Mapping[Key, Row]
    versions: dict[Key, _Known]
    by_source: dict[bytes, Key]


class _Sorting:
    """Decides, line after line, what a chunk does to the catalogue: of each version, one thing at most."""

    def __init__(self, known: _Catalogue, *, layout: str) -> None:
        self._known, self._layout = known, layout
        self.rows = known.rows
        self.offers: dict[Key, tuple[Offer, int]] = {}  # to be kept, with the line
        self.met: dict[Key, int] = {}  # known to be as they are, with the line
        self.counts: Counter[str] = Counter()
        self.contradicted: list[LineFault] = []

    def take(self, each: ImportedItem) -> None:
        """Have one item kept, or note that it contradicts one before it in the file."""
        if each.item is None:
            self._take_known(each)
            return
        offer = Offer(item=each.item, layout=self._layout, source=each.source)
        version = self._known.versions.get(offer.key)
        if version is None or version.line is None:
            self._offer(offer, each.line, version)
        elif version.digest == each.item.digest:
            self.counts["unchanged"] += 1
        else:
            self.contradicted.append(contradicted(each, version.line))
            return
        self.counts["quarantined"] += bool(each.item.quarantine)

    def _take_known(self, each: ImportedItem) -> None:
        key = self._known.by_source.get(each.source)
        if key is None:  # a line of this very file has made it otherwise since its source was looked up
            self.contradicted.append(contradicted(each, None))
            return
        version = self._known.versions[key]
        self.counts["quarantined"] += version.quarantined
        self.counts["unchanged"] += 1
        if version.line is None:
            version.line = self.met[key] = each.line

    def _offer(self, offer: Offer, line: int, version: _Known | None) -> None:
        change = "added" if version is None else "unchanged" if version.digest == offer.item.digest else "changed"
        self.counts[change] += 1
        self.offers[offer.key] = offer, line
        if version is not None and version.source is not None:
            self._known.by_source.pop(version.source, None)
        kept = _Known(offer.item.digest, offer.source, bool(offer.item.quarantine), line)
        self._known.versions[offer.key] = kept
        if offer.source is not None:
            self._known.by_source[offer.source] = offer.key


async def _known(session: Session, number: int, kind: DocumentKind, items: Sequence[ImportedItem]) -> _Catalogue:
    """Look up every version that a chunk names, by its key or by its source."""
    rows = await find(session, [Offer(item=each.item).key for each in items if each.item is not None])
    sequences = {row["sequence"]: key for key, row in rows.items()}
    lines = await session.rows(_SQL["sightings"], {"sequences": [*sequences], "import": number})
    met = {sequences[row["sequence"]]: row["line"] for row in lines}
    versions = {key: _Known(row["digest"], row["source"], line=met.get(key)) for key, row in rows.items()}
    wanted = {"kind": kind, "import": number, "sources": [each.source for each in items if each.item is None]}
    by_source = {}
    for row in await session.rows(_SQL["with_sources"], wanted):
        key = row_key(row)
        by_source[row["source"]] = key
        rows[key] = row
        versions[key] = _Known(row["digest"], row["source"], row["quarantined"], row["line"])
    return _Catalogue(rows, versions, by_source)


async def _keep(session: Session, number: int, sorting: _Sorting) -> None:
    index = IndexChanges()
    changes = await keep(session, index, [offer for offer, _ in sorting.offers.values()], sorting.rows)
    await write_index(session, index)
    seen = [
        _sighting(changes[key], line, _pointers(changes[key], offer)) for key, (offer, line) in sorting.offers.items()
    ]
    for key, line in sorting.met.items():
        seen.append(_sighting(Change(sequence=sorting.rows[key]["sequence"], change="unchanged"), line))
    await _sight(session, number, seen)


def _pointers(change: Change, offer: Offer) -> tuple[str, ...]:
    if change.before is None:
        return ()
    return differing(orjson.loads(change.before), orjson.loads(offer.item.document))


async def end_absent(session: Session, number: int, region: str, last_day: date) -> ImportProgress:
    """End some of the items that an import has not seen."""
    kind, layout = await _kind_and_layout(session, number)
    wanted: dict[str, Any] = {"kind": kind, "layout": layout, "region": region, "last_region": region + _HIGHEST}
    wanted |= {"import": number, "ended_at": to_us(end_of(last_day)), "limit": _ENDED_AT_ONCE}
    rows = await session.rows(_SQL["absent"], wanted)
    index = IndexChanges()
    offers = [Offer(item=ended_item(as_item(row), last_day), layout=layout) for row in rows]
    changes = await keep(session, index, offers, {row_key(row): row for row in rows})
    await write_index(session, index)
    ended = [Change(sequence=change.sequence, change="ended") for change in changes.values()]
    await _sight(session, number, [_sighting(change, 0, ("/effectiveTo",)) for change in ended])
    await _advance(session, number, Counter(ended=len(rows)), **_NOTHING)
    return await _progress(session, number)


async def import_faults(session: Session, number: int, after: int, limit: int) -> tuple[LineFault, ...]:
    """Return what was left out, in order of line."""
    rows = await session.rows(_SQL["faults"], {"import": number, "after": after, "limit": max(0, limit)})
    return tuple(map(as_line_fault, rows))


async def import_changes(session: Session, number: int, after: int, limit: int) -> tuple[ItemChange, ...]:
    """Return what an import did to each item."""
    rows = await session.rows(_SQL["changes"], {"import": number, "after": after, "limit": max(0, limit)})
    return tuple(map(as_item_change, rows))


async def finish_import(session: Session, number: int, entry: SaltedEntry) -> None:
    """Note that an import is finished and told."""
    await session.change(_SQL["finish"], {"number": number})
    await session.change(_SQL["forget_faults"], {"number": number})
    session.add_entries((entry,))


def _sighting(change: Change, line: int, pointers: tuple[str, ...] = ()) -> dict[str, Any]:
    told = {"sequence": change.sequence, "line": line, "change": change.change}
    return told | {"pointers": orjson.dumps(pointers).decode()}


async def _sight(session: Session, number: int, seen: Sequence[dict[str, Any]]) -> None:
    if seen:
        await session.change(_SQL["sight"], columns(seen, _SIGHTING) | {"import": number})


async def _advance(session: Session, number: int, counts: Counter[str], *, position: int, line: int) -> None:
    counted = {name: counts[name] for name in _COUNTED}
    await session.change(_SQL["advance"], counted | {"number": number, "position": position, "line": line})


async def _progress(session: Session, number: int) -> ImportProgress:
    return ImportProgress(**await session.one(_SQL["import"], {"number": number}))


async def _kind_and_layout(session: Session, number: int) -> tuple[DocumentKind, str]:
    row = await session.one(_SQL["kind_and_layout"], {"number": number})
    return DocumentKind(row["kind"]), row["layout"]
