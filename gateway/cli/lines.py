"""Files of one document a line (NDJSON): read in constant memory, and what was wrong with which line."""

import os
import stat
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, Final, Self

import orjson
from rich.console import Console

from gateway.cli.telling import fault_lines
from gateway.flow.import_items import LINE_BYTES, LineFault

_FAULTS_TOLD: Final = 5  # of one line; the file of faults holds them all


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file; of a line longer than any document, its beginning only."""
    while line := file.readline(LINE_BYTES + 1):
        yield line
        while len(line) > LINE_BYTES and not line.endswith(b"\n"):
            line = file.readline(LINE_BYTES + 1)  # the rest of it, a piece at a time


class FaultReport:
    """Tells faulty lines on stderr as they are found, and keeps them in a file where one is named.

    The file is NDJSON: the number of the line, why it was left out, and the line itself, as the region wrote it
    (`document`; `document_base64` where it is no JSON), so that it can be put right and given in again.
    """

    def __init__(self, console: Console, path: Path | None = None) -> None:
        self._console, self._path = console, path
        self._file: BinaryIO | None = None
        self._stack = ExitStack()
        self.count = 0

    def __enter__(self) -> Self:
        if self._path is not None:
            # Only its owner may read what a region wrote.
            self._file = self._stack.enter_context(os.fdopen(_private(self._path), "wb"))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __call__(self, fault: LineFault) -> None:
        """Tell one faulty line."""
        self.count += 1
        self._tell(f"line {fault.line}: {fault.code}")
        for line in fault_lines(fault.faults, limit=_FAULTS_TOLD):
            self._tell(line)
        if self._file is not None:
            self._file.write(_record(fault))

    def _tell(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


def _private(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, stat.S_IRUSR | stat.S_IWUSR)


def _record(fault: LineFault) -> bytes:
    kept = {"line": fault.line, "code": fault.code, "faults": fault.faults}
    return orjson.dumps(kept | _kept(fault.source), option=orjson.OPT_APPEND_NEWLINE)


def _kept(source: bytes) -> dict[str, object]:
    try:
        orjson.loads(source)
    except orjson.JSONDecodeError:
        return {"document_base64": b64encode(source).decode()}
    return {"document": orjson.Fragment(source)}
