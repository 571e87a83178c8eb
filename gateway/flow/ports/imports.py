"""Imports of whole lists: how far each has come, and what it did to every item."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from gateway.core.errors import Fault
from gateway.core.model import DocumentKind, ServiceItem
from gateway.flow.ports.log import SaltedEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportJob:
    """What makes an import the same as one that was begun before: the file, how it is read, and what for."""

    id: str  # digest over all that matters
    kind: DocumentKind
    layout: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportProgress:
    """How far an import has come, durably, and what it did so far."""

    number: int = 0
    position: int = 0  # in the file: what stands before is done
    line: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    ended: int = 0
    quarantined: int = 0
    faulty: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class LineFault:
    """Why one document was left out, and where in the file it stands."""

    line: int
    position: int
    length: int
    code: str
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportedItem:
    """An item, where it stood, and the digest of what it was converted from and by."""

    line: int
    position: int
    length: int
    source: bytes
    item: ServiceItem | None  # None where this source is known to make the item that is kept


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportChunk:
    """The next documents of an import, in their order."""

    position: int  # behind them
    line: int
    items: Sequence[ImportedItem]
    faults: Sequence[LineFault]


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemChange:
    """What an import did to one item."""

    position: int  # of the item in the catalogue
    code: str
    version: int
    change: str  # added, changed, unchanged or ended
    line: int  # 0 for one that it ended
    pointers: tuple[str, ...] = ()  # to what differs in the canonical document


class Imports(Protocol):
    """Imports of whole lists, each chunk of which is durable together with how far it goes."""

    async def begin_import(self, job: ImportJob, entry: SaltedEntry, *, restart: bool = False) -> ImportProgress:
        """Take up the import of this job that was cut off, or begin one; `restart` never takes one up."""
        ...

    async def known_sources(self, kind: DocumentKind, sources: Sequence[bytes]) -> frozenset[bytes]:
        """Return those sources that are known to make an item as it is kept."""
        ...

    async def keep_chunk(self, number: int, chunk: ImportChunk) -> ImportProgress:
        """Keep what changed, note what was seen and what was left out, and how far the import goes; all or nothing.

        An item that stands in the file twice, and the second time otherwise, is left as the first made it, and the
        second is a fault `item_contradicted`.
        """
        ...

    async def end_absent(self, number: int, *, region: str, last_day: date) -> ImportProgress:
        """End some of the items of a region prefix and the import's layout that it has not seen.

        They are in force up to and including `last_day`. Call it until `ended` grows no more.
        """
        ...

    async def import_faults(self, number: int, *, after: int = 0, limit: int = 1_000) -> tuple[LineFault, ...]:
        """Return what was left out, in order of line; until the import is finished."""
        ...

    async def import_changes(self, number: int, *, after: int = 0, limit: int = 1_000) -> tuple[ItemChange, ...]:
        """Return what an import did to each item, in order of position, from behind `after`.

        An item that a later import has met is told by that one only.
        """
        ...

    async def finish_import(self, number: int, entry: SaltedEntry) -> None:
        """Note that an import is finished and told; it cannot be taken up again."""
        ...
