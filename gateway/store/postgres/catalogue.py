"""Service items and base items in PostgreSQL, every version of them, and what each said before."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.core.model import DocumentKind, ServiceItem
from gateway.flow.ports import ItemCounts, SaltedEntry
from gateway.store.index_changes import IndexChanges
from gateway.store.item_rows import as_item, to_row
from gateway.store.postgres.item_index import write_index
from gateway.store.postgres.session import Session
from gateway.store.postgres.statements import columns, prepared

_SQL = prepared("items")

_IMPLEMENTATION_CODE_LENGTH = 31  # 实施编码; a handling item adds a serial of two digits
_LAST_SERIAL = "99"
_KEY = ("kind", "code", "version")
_SAID = ("region", "name", "status", "effective_from", "effective_to", "layout", "digest", "quarantine", "facets")
_COLUMNS = (*_KEY, *_SAID, "source", "document")

Key = tuple[str, str, int]  # kind, code, version
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A version to keep, and where it comes from."""

    item: ServiceItem
    layout: str = ""
    source: bytes | None = None

    @property
    def key(self) -> Key:
        """What makes it the same version as another."""
        return self.item.kind, self.item.code, self.item.version

    def row(self) -> Row:
        """Return every column but its sequence."""
        return to_row(self.item) | {
            "layout": self.layout,
            "source": self.source,
            "document": self.item.document,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What keeping a version did."""

    sequence: int
    change: str  # added, changed or unchanged
    before: bytes | None = None  # the document that was replaced


async def put_items(session: Session, items: Sequence[ServiceItem], entry: SaltedEntry | None) -> ItemCounts:
    """Keep item versions; the same code, version and digest again changes nothing."""
    counts: Counter[str] = Counter()
    index = IndexChanges()
    for offers in _without_repeats([Offer(item=item) for item in items]):
        changes = await keep(session, index, offers, await find(session, [offer.key for offer in offers]))
        counts.update(change.change for change in changes.values())
    await write_index(session, index)
    if entry is not None:
        session.add_entries((entry,))
    return ItemCounts(**counts)


async def find(session: Session, keys: Sequence[Key]) -> dict[Key, Row]:
    """Return where versions are kept, with their digests and sources."""
    wanted = columns([dict(zip(_KEY, key, strict=True)) for key in keys], _KEY)
    return {row_key(row): row for row in await session.rows(_SQL["find_items"], wanted)}


async def keep(
    session: Session, index: IndexChanges, offers: Sequence[Offer], kept: Mapping[Key, Row]
) -> dict[Key, Change]:
    """Keep versions, none of them twice, over what `find` said of them; `index` must be written afterwards."""
    new = [offer for offer in offers if offer.key not in kept]
    changed = [offer for offer in offers if offer.key in kept and kept[offer.key]["digest"] != offer.item.digest]
    same = [offer for offer in offers if offer.key in kept and kept[offer.key]["digest"] == offer.item.digest]
    return {
        **await _add(session, index, new),
        **await _replace(session, index, changed, kept),
        **await _leave(session, same, kept),
    }


async def _add(session: Session, index: IndexChanges, offers: Sequence[Offer]) -> dict[Key, Change]:
    if not offers:
        return {}
    rows = await session.changed(_SQL["add_items"], columns([offer.row() for offer in offers], _COLUMNS))
    sequences = {row_key(row): row["sequence"] for row in rows}
    for offer in offers:
        index.add(sequences[offer.key], offer.item)
    return {key: Change(sequence=sequence, change="added") for key, sequence in sequences.items()}


async def _replace(
    session: Session, index: IndexChanges, offers: Sequence[Offer], kept: Mapping[Key, Row]
) -> dict[Key, Change]:
    if not offers:
        return {}
    sequences = {offer.key: kept[offer.key]["sequence"] for offer in offers}
    before = {row_key(row): as_item(row) for row in await items_at(session, [*sequences.values()])}
    await session.change_each(
        _SQL["replace_item"], [offer.row() | {"sequence": sequences[offer.key]} for offer in offers]
    )
    for offer in offers:
        index.remove(sequences[offer.key], before[offer.key])
        index.add(sequences[offer.key], offer.item)
    return {
        key: Change(sequence=sequence, change="changed", before=before[key].document)
        for key, sequence in sequences.items()
    }


async def _leave(session: Session, offers: Sequence[Offer], kept: Mapping[Key, Row]) -> dict[Key, Change]:
    named = [
        {"sequence": kept[offer.key]["sequence"], "source": offer.source, "layout": offer.layout}
        for offer in offers
        if offer.source is not None and kept[offer.key]["source"] != offer.source
    ]
    if named:
        await session.change(_SQL["name_sources"], columns(named, ("sequence", "source", "layout")))
    return {offer.key: Change(sequence=kept[offer.key]["sequence"], change="unchanged") for offer in offers}


async def items_at(session: Session, sequences: Sequence[int]) -> list[Row]:
    """Return versions in full."""
    return await session.rows(_SQL["items_at"], {"sequences": sequences})


async def item_versions(session: Session, code: str) -> tuple[ServiceItem, ...]:
    """Return every version known under an implementation or handling-item code, newest first."""
    last = code + _LAST_SERIAL if len(code) == _IMPLEMENTATION_CODE_LENGTH else code
    return tuple(map(as_item, await session.rows(_SQL["item_versions"], {"code": code, "last": last})))


async def base_item_versions(session: Session, code: str) -> tuple[ServiceItem, ...]:
    """Return every version of the base item with this code, newest first."""
    return tuple(map(as_item, await session.rows(_SQL["base_item_versions"], {"code": code})))


async def revisions(session: Session, kind: DocumentKind, code: str, version: int) -> tuple[bytes, ...]:
    """Return what a version said before it was changed, oldest first."""
    rows = await session.rows(_SQL["revisions"], {"kind": kind, "code": code, "version": version})
    return tuple(row["document"] for row in rows)


def row_key(row: Row) -> Key:
    """Return what makes the version of a row the same as another."""
    return row["kind"], row["code"], row["version"]


def _without_repeats(offers: Sequence[Offer]) -> Iterator[list[Offer]]:
    """Yield offers in order, by as many as name no version twice: what comes later is kept over what came before."""
    together: dict[Key, Offer] = {}
    for offer in offers:
        if offer.key in together:
            yield [*together.values()]
            together = {}
        together[offer.key] = offer
    if together:
        yield [*together.values()]
