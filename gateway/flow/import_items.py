"""Bring a region's service items into the catalogue, line by line, keeping the good ones."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from gateway.core.audit.entry import EntryKind
from gateway.core.catalogue.items import service_item
from gateway.core.conversion.adapter import Adapter
from gateway.core.errors import Fault, InvalidDocumentError, OversizedDocumentError, RejectedError
from gateway.core.forms import Form
from gateway.core.model import DocumentKind, ServiceItem
from gateway.flow.entries import WriteEntries
from gateway.flow.ports import ItemCounts, Items

LINE_BYTES: Final = 1 << 20  # of one document; a longer line is left out
_CHUNK: Final = 1_000  # lines held at once: memory stays the same however long the file is


@dataclass(frozen=True, kw_only=True, slots=True)
class LineFault:
    """Why one line was left out; `line` counts from 1, and `source` is what stood there."""

    line: int
    code: str
    faults: tuple[Fault, ...]
    source: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportProgress:
    """How far an import has come."""

    lines: int
    kept: ItemCounts
    quarantined: int
    faulty: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportItems:
    """Convert, check and keep service items in a region's own format, one document a line (NDJSON)."""

    items: Items
    form: Form
    entries: WriteEntries

    async def __call__(
        self,
        lines: Iterable[bytes],
        adapter: Adapter,
        *,
        on_fault: Callable[[LineFault], None],
        on_progress: Callable[[ImportProgress], None] = lambda _: None,
    ) -> ImportProgress:
        """Keep every line that is right, report every line that is not, and return the totals.

        Each chunk is durable on its own, so an import that is cut off is begun again from the start at the cost
        of time only: what is known already is left as it is.
        """
        progress = ImportProgress(lines=0, kept=ItemCounts(), quarantined=0, faulty=0)
        numbered = ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
        while chunk := list(islice(numbered, _CHUNK)):
            good = list(self._converted(chunk, adapter, on_fault))
            kept = await self.items.put_items(good, self.entries.administered(EntryKind.ITEMS_IMPORTED))
            progress = _after(progress, chunk, good, kept)
            on_progress(progress)
        return progress

    def _converted(
        self, chunk: Iterable[tuple[int, bytes]], adapter: Adapter, on_fault: Callable[[LineFault], None]
    ) -> Iterator[ServiceItem]:
        for number, line in chunk:
            try:
                yield self._item(line, adapter)
            except RejectedError as error:
                on_fault(LineFault(line=number, code=error.code, faults=error.faults, source=line.strip()))

    def _item(self, line: bytes, adapter: Adapter) -> ServiceItem:
        if len(line) > LINE_BYTES:
            raise OversizedDocumentError(f"a line has at most {LINE_BYTES} bytes")
        document = adapter.to_canonical(DocumentKind.SERVICE_ITEM, line, "application/json").document
        if faults := self.form.faults(document):
            raise InvalidDocumentError("the item breaks its canonical form", faults=faults)
        return service_item(document)


def _after(
    progress: ImportProgress, chunk: list[tuple[int, bytes]], good: list[ServiceItem], kept: ItemCounts
) -> ImportProgress:
    total = progress.kept
    return ImportProgress(
        lines=progress.lines + len(chunk),
        kept=ItemCounts(
            added=total.added + kept.added,
            changed=total.changed + kept.changed,
            unchanged=total.unchanged + kept.unchanged,
        ),
        quarantined=progress.quarantined + sum(1 for item in good if item.quarantine),
        faulty=progress.faulty + len(chunk) - len(good),
    )
