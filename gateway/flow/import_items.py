"""Bring a region's list of items into the catalogue: what is right is kept, what is not is told, what is known skipped.

1. The file's digest and the adapter's make a job; where one was cut off, it goes on behind its last chunk.
2. Documents whose source is known to make the item that is kept are not converted again.
3. The others are converted, a few chunks ahead of what is written.
4. Each chunk is durable together with its faults, with what it did to each item, and with how far it goes.
5. Where the list is complete for a region and no document of it was left out, what it does not hold has ended.
6. The log says that it was begun, and what came of it.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta, timezone
from functools import cached_property
from hashlib import file_digest, sha256
from typing import BinaryIO, Final

from gateway.core.conversion.adapter import Adapter
from gateway.core.errors import UnsupportedFormatError
from gateway.core.model import DocumentKind
from gateway.flow.convert_records import Convert
from gateway.flow.entries import ListRead, WriteEntries
from gateway.flow.ports import Clock, ImportChunk, ImportedItem, ImportJob, ImportProgress, Imports, LineFault
from gateway.flow.records import Record, Records, records_of

_CHUNK: Final = 4_000  # documents in one transaction, which the gateway beside it waits for
_CHUNK_BYTES: Final = 16 << 20  # or fewer: memory stays the same however long the file is
_AHEAD: Final = 2  # chunks converted before the one that is written
_SHARE: Final = 500  # documents handed to one worker
_RULES: Final = b"1"  # raise it where an unchanged document makes another item than before
_CHINA: Final = timezone(timedelta(hours=8))


@dataclass(frozen=True, kw_only=True)  # without slots: the digest is kept once made
class ItemList:
    """A file of items, and how it is to be understood."""

    file: BinaryIO  # seekable
    adapter: Adapter
    kind: DocumentKind = DocumentKind.SERVICE_ITEM
    complete: str | None = None  # a region prefix of which the file holds every item; "" is everywhere
    restart: bool = False  # from the beginning, and converting everything again

    @cached_property
    def read(self) -> ListRead:
        """What the log says of the file, which is read once for it."""
        self.file.seek(0)
        digest = file_digest(self.file, "sha256").hexdigest()  # type: ignore[arg-type]  # typeshed asks for more than it uses
        return ListRead(adapter=self.adapter, digest=digest, size=self.file.tell())


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportItems:
    """Bring a list of items into the catalogue."""

    imports: Imports
    entries: WriteEntries
    clock: Clock

    async def __call__(
        self, given: ItemList, convert: Convert, *, on_progress: Callable[[ImportProgress], None] = lambda _: None
    ) -> ImportProgress:
        """Keep every document that is right, note every one that is not, and return the totals.

        Cut off at any moment, the same call goes on where the last chunk ended. The import stays open, and its faults
        stay readable, until `finish`. Raises UnsupportedFormatError where the layout's files hold one document each.
        """
        records = records_in(given)
        job = ImportJob(id=_job(given), kind=given.kind, layout=given.adapter.name)
        entry = self.entries.import_begun(given.read)
        done = await self.imports.begin_import(job, entry, restart=given.restart)
        async for chunk in self._chunks(given, records, done, convert):
            done = await self.imports.keep_chunk(done.number, chunk)
            on_progress(done)
        if given.complete is not None and not done.faulty:
            done = await self._end(done, given.complete)
        return done

    async def finish(self, given: ItemList, done: ImportProgress) -> None:
        """Note that an import is done and told: its faults are forgotten, and the log says what it did."""
        await self.imports.finish_import(done.number, self.entries.import_finished(given.read, done))

    async def _chunks(
        self, given: ItemList, records: Records, begun: ImportProgress, convert: Convert
    ) -> AsyncIterator[ImportChunk]:
        """Yield chunks in their order, while later ones are converted already."""
        found = _cut(records.read(begun.position, begun.line))
        under_way: deque[asyncio.Task[ImportChunk]] = deque()
        try:
            for chunk in found:
                work = self._convert(given, chunk, records.media_type, convert)
                under_way.append(asyncio.ensure_future(work))
                if len(under_way) > _AHEAD:
                    yield await under_way.popleft()
            while under_way:
                yield await under_way.popleft()
        finally:
            for task in under_way:
                task.cancel()

    async def _convert(self, given: ItemList, records: list[Record], media_type: str, convert: Convert) -> ImportChunk:
        sources = [_source(given, record) for record in records]
        known = frozenset() if given.restart else await self.imports.known_sources(given.kind, sources)
        unknown = [record for record, source in zip(records, sources, strict=True) if source not in known]
        shares = [unknown[start : start + _SHARE] for start in range(0, len(unknown), _SHARE)]
        answers = await asyncio.gather(*(convert(share, media_type) for share in shares))
        made = iter([each for answer in answers for each in answer])
        items: list[ImportedItem] = []
        faults: list[LineFault] = []
        for record, source in zip(records, sources, strict=True):
            each = None if source in known else next(made)
            if isinstance(each, LineFault):
                faults.append(each)
                continue
            place = {"line": record.line, "position": record.position, "length": record.length}
            items.append(ImportedItem(**place, source=source, item=each))
        last = records[-1]
        return ImportChunk(position=last.position + last.length, line=last.line, items=items, faults=faults)

    async def _end(self, done: ImportProgress, region: str) -> ImportProgress:
        last_day = self.clock.now().astimezone(_CHINA).date() - timedelta(days=1)
        while True:
            ended = await self.imports.end_absent(done.number, region=region, last_day=last_day)
            if ended.ended == done.ended:
                return ended
            done = ended


def records_in(given: ItemList) -> Records:
    """Return the file cut into documents; raises UnsupportedFormatError where it holds one."""
    channel = given.adapter.channels.get(given.kind)
    if channel is None:
        raise UnsupportedFormatError("this layout has no such document", code="document_unsupported")
    records = records_of(given.file, channel.document.wire)
    if records is None:
        raise UnsupportedFormatError(
            f"a file of this layout is one document: {channel.document.wire.format}", code="list_unsupported"
        )
    return records


def _cut(records: Iterator[Record]) -> Iterator[list[Record]]:
    chunk: list[Record] = []
    held = 0
    for record in records:
        chunk.append(record)
        held += len(record.body)
        if len(chunk) == _CHUNK or held > _CHUNK_BYTES:
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk


def _source(given: ItemList, record: Record) -> bytes:
    return sha256(b"\n".join((_RULES, given.kind.encode(), given.adapter.digest.encode(), record.body))).digest()[:16]


def _job(given: ItemList) -> str:
    region = "-" if given.complete is None else given.complete
    parts = (given.read.digest, given.adapter.digest, given.kind, region)
    return sha256("\n".join(parts).encode()).hexdigest()
