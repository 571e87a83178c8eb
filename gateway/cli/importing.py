"""What an import leaves behind for its operator: the faulty documents as they stood, why, and what became of each item.

The files are written from what the store holds, whole and at the end: an import that was cut off and taken up again
leaves the very same ones.
"""

import os
import stat
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO, Final

import orjson

from gateway.cli.lines import FaultReport
from gateway.flow.import_items import ItemList, records_in
from gateway.flow.ports import Imports, ItemChange, LineFault

_PAGE: Final = 1_000
_TOLD: Final = 100  # faulty documents on stderr; the file of faults holds them all


@dataclass(frozen=True, kw_only=True, slots=True)
class Aftermath:
    """Tells what an import left out and what it did."""

    imports: Imports
    given: ItemList
    number: int

    async def tell(self, report: FaultReport) -> None:
        """Tell the first faulty documents by number."""
        async for fault in self._faults():
            if report.count == _TOLD:
                return
            report(fault.line, fault.code, fault.faults)

    async def write_faults(self, path: Path) -> None:
        """Write the faulty documents as a file of the region's own format, byte for byte, and the reasons beside it."""
        reasons = path.with_name(path.name + ".reasons.ndjson")
        places: list[tuple[int, int]] = []
        with _private(reasons) as file:
            async for fault in self._faults():
                places.append((fault.position, fault.length))
                told = {"line": fault.line, "at": len(places), "code": fault.code, "faults": fault.faults}
                file.write(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE))
        with _private(path) as file:
            file.writelines(records_in(self.given).write(map(self._bytes, places)))

    async def write_changes(self, path: Path) -> None:
        """Write what became of each item, one a line."""
        with _private(path) as file:
            async for change in self._changes():
                told = {"code": change.code, "version": change.version, "change": change.change}
                if change.line:
                    told["line"] = change.line
                if change.pointers:
                    told["pointers"] = list(change.pointers)
                file.write(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE))

    def _bytes(self, place: tuple[int, int]) -> bytes:
        self.given.file.seek(place[0])
        return self.given.file.read(place[1])

    async def _faults(self) -> AsyncIterator[LineFault]:
        after = 0
        while page := await self.imports.import_faults(self.number, after=after, limit=_PAGE):
            for fault in page:
                yield fault
            after = page[-1].line

    async def _changes(self) -> AsyncIterator[ItemChange]:
        after = 0
        while page := await self.imports.import_changes(self.number, after=after, limit=_PAGE):
            for change in page:
                yield change
            after = page[-1].position


@contextmanager
def seekable(file: BinaryIO) -> Iterator[BinaryIO]:
    """Yield the file, or a copy of it on disk where it is a pipe: an import reads it twice."""
    if file.seekable():
        yield file
        return
    with tempfile.TemporaryFile() as copy:
        copyfileobj(file, copy)
        yield copy


@contextmanager
def _private(path: Path) -> Iterator[BinaryIO]:
    """Yield a file to be written, which only its owner may read: it holds what a region wrote."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, stat.S_IRUSR | stat.S_IWUSR), "wb") as file:
        yield file
