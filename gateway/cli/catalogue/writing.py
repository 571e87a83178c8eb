"""Results written as they come, to stdout or to a file: an array of JSON is never held whole."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Self

import orjson


@contextmanager
def binary_out(out: Path | None) -> Iterator[BinaryIO]:
    """Open the file that was named, else stdout."""
    if out is None:
        yield sys.stdout.buffer
        return
    with out.open("wb") as file:
        yield file


def write_json(out: Path | None, value: object) -> None:
    """Write one document, indented."""
    with binary_out(out) as file:
        file.write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


class JsonArray:
    """An array of JSON that is being written, one element a line."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._separator = b"\n"

    def __enter__(self) -> Self:
        self._out.write(b"[")
        return self

    def __exit__(self, *_: object) -> None:
        self._out.write(b"\n]")

    def add(self, element: object) -> None:
        """Write the next element."""
        self._out.write(self._separator + orjson.dumps(element))
        self._separator = b",\n"
