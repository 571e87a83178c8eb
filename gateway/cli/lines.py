"""Files of one document a line (NDJSON): read in constant memory, and what was wrong with which line."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

from rich.console import Console

from gateway.cli.telling import fault_lines
from gateway.core.errors import Fault
from gateway.flow.records import DOCUMENT_BYTES

_FAULTS_TOLD: Final = 5  # of one line


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a file; of a line longer than any document, its beginning only."""
    while line := file.readline(DOCUMENT_BYTES + 1):
        yield line
        while len(line) > DOCUMENT_BYTES and not line.endswith(b"\n"):
            line = file.readline(DOCUMENT_BYTES + 1)  # the rest of it, a piece at a time


class FaultReport:
    """Tells faulty lines on stderr by number, and counts them."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.count = 0

    def __call__(self, line: int, code: str, faults: Sequence[Fault]) -> None:
        """Tell one faulty line."""
        self.count += 1
        self._tell(f"line {line}: {code}")
        for told in fault_lines(faults, limit=_FAULTS_TOLD):
            self._tell(told)

    def _tell(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)
