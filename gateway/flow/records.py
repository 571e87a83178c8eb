"""Cuts a file of many documents into its documents, in constant memory and from wherever an import was cut off.

A document a line (NDJSON), one alone over several lines, the elements of one JSON array, the rows of a table under a
header (RFC 4180), or the elements of an XML file's root. Each is handed on as the very bytes that stand in the file,
with where they stand, so that a faulty one can be given back; with what the file says for all of them before it, where
its format has that.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from io import SEEK_END
from typing import BinaryIO, Final, Protocol

from gateway.core.conversion.formats.wire import Wire
from gateway.flow.xml_marks import children, head_bytes

DOCUMENT_BYTES: Final = 1 << 20  # of one document; a longer one is left out, and never held
_PIECE: Final = 1 << 16
_TABLES: Final = {"csv": "text/csv", "tsv": "text/tab-separated-values"}
_BLANK: Final = b" \t\r\n"
_BOM: Final = b"\xef\xbb\xbf"
_NOTHING: Final = (b"", _BOM)  # between the separators of an array, or before it
_STRUCTURE: Final = re.compile(rb'\\.|["\[\]{},]', re.DOTALL)
_OPENING: Final = (b"[", b"{")
_CLOSING: Final = (b"]", b"}")
_COUNTED: Final = (*_OPENING, *_CLOSING, b",")
_HEAD_BYTES: Final = 1 << 14  # of an XML declaration and the root's tag; of a longer one, its elements get nothing
_DECLARATION: Final = re.compile(rb"(?:\xef\xbb\xbf)?(<\?xml\s[^>]{0,200}\?>)")
_START: Final = re.compile(rb"<([^\s<>/!?\"'=]+)(?:\"[^\"]*\"|'[^']*'|[^\"'>])*>")
_NAMESPACE: Final = re.compile(rb"\s(xmlns(?::[^\s=]+)?)\s*=\s*(?:\"[^\"]*\"|'[^']*')")


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One document of a file; `line` counts lines, elements or rows from 1."""

    line: int
    position: int  # of its first byte
    length: int  # in bytes, in the file
    body: bytes = field(repr=False)  # as an adapter reads it; only the beginning of one that is too long


class Records(Protocol):
    """A file as documents."""

    @property
    def media_type(self) -> str:
        """What each document is to an adapter."""
        ...

    def read(self, position: int, line: int) -> Iterator[Record]:
        """Yield the documents behind a position, the first of them behind number `line`."""
        ...

    def write(self, bodies: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the bytes of a file of the same kind that holds these pieces of this one."""
        ...


def records_of(file: BinaryIO, wire: Wire) -> Records | None:
    """Return a seekable file cut into documents of a wire format; None for a format that has one a file."""
    if wire.format in _TABLES and wire.table.single:
        return Rows(file=file, media_type=_TABLES[wire.format], headed=wire.table.header)
    if wire.format == "xml":
        return Children(file=file)
    if wire.format != "json":
        return None
    file.seek(0)
    begun = file.read(_PIECE).removeprefix(_BOM).lstrip(_BLANK)
    if begun.startswith(b"["):
        return Elements(file=file)
    return Single(file=file) if begun.partition(b"\n")[0].strip() == b"{" else Lines(file=file)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lines:
    """A document a line."""

    file: BinaryIO
    media_type: str = "application/json"

    def read(self, position: int, line: int) -> Iterator[Record]:
        """Yield what stands on each line; empty ones count, and hold nothing."""
        self.file.seek(position)
        for body, length in _lines(self.file):
            line += 1
            if body.strip():
                yield Record(line=line, position=position, length=length, body=body)
            position += length

    def write(self, bodies: Iterator[bytes]) -> Iterator[bytes]:
        """Yield each on a line of its own, byte for byte."""
        for body in bodies:
            yield body if body.endswith(b"\n") else body + b"\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Single:
    """One document over several lines, as people lay it out."""

    file: BinaryIO
    media_type: str = "application/json"

    def read(self, position: int, line: int) -> Iterator[Record]:
        """Yield the whole file, once."""
        length = self.file.seek(0, SEEK_END)
        if position < length:
            self.file.seek(position)
            body = self.file.read(DOCUMENT_BYTES + 1)
            yield Record(line=line + 1, position=position, length=length - position, body=body)

    def write(self, bodies: Iterator[bytes]) -> Iterator[bytes]:
        """Yield it byte for byte."""
        yield from bodies


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """A row of a table, under the header of the file; a quoted field may hold line breaks."""

    file: BinaryIO
    media_type: str
    headed: bool = True

    def read(self, position: int, line: int) -> Iterator[Record]:
        """Yield each row with the header before it; blank ones are left out."""
        header = self._header()
        position = max(position, len(header))
        self.file.seek(position)
        body, length = b"", 0
        for piece, piece_length in _lines(self.file):
            body, length = body + piece, length + piece_length
            # In UTF-8, GBK and GB 18030 the byte of a quotation mark is nothing else.
            if body.count(b'"') % 2 and length <= DOCUMENT_BYTES:
                continue
            if body.strip():
                line += 1
                yield Record(line=line, position=position, length=length, body=header + body)
            position += length
            body, length = b"", 0
        if body.strip():
            yield Record(line=line + 1, position=position, length=length, body=header + body)

    def write(self, bodies: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the header, then each row byte for byte."""
        yield self._header()
        for body in bodies:
            yield body if body.endswith((b"\n", b"\r")) else body + b"\r\n"

    def _header(self) -> bytes:
        self.file.seek(0)
        return self.file.readline(DOCUMENT_BYTES) if self.headed else b""


@dataclass(frozen=True, kw_only=True, slots=True)
class Elements:
    """An element of the one JSON array that the file is."""

    file: BinaryIO
    media_type: str = "application/json"

    def read(self, position: int, line: int) -> Iterator[Record]:
        """Yield each element, judged only by its quotation marks and brackets; the rest of a torn array is one more."""
        for start, body, length in _elements(self.file, position):
            if body.strip(_BLANK) not in _NOTHING:
                line += 1
                yield Record(line=line, position=start, length=length, body=body)

    def write(self, bodies: Iterator[bytes]) -> Iterator[bytes]:
        """Yield an array of them, each byte for byte."""
        before = b"[\n"
        for body in bodies:
            yield before + body.strip(_BLANK)
            before = b",\n"
        yield b"[]\n" if before == b"[\n" else b"\n]\n"


@dataclass(frozen=True, kw_only=True)  # without slots: the head of the file is read once
class Children:
    """An element of the root that the XML file has."""

    file: BinaryIO
    media_type: str = "application/xml"

    def read(self, position: int, line: int) -> Iterator[Record]:
        """Yield each with what is declared around it; text between them, and the rest of a torn file, is one more."""
        for start, end in children(self.file, position, piece=_PIECE):
            line += 1
            self.file.seek(start)
            body = self._by_itself(self.file.read(min(end - start, DOCUMENT_BYTES + 1)))
            yield Record(line=line, position=start, length=end - start, body=body)

    def write(self, bodies: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the same root with these in it, each byte for byte."""
        root = _START.search(self._head)
        yield self._head
        for body in bodies:
            yield b"\n" + body
        yield b"\n</" + root[1] + b">\n" if root else b"\n"

    def _by_itself(self, element: bytes) -> bytes:
        """Return an element as a document: what the file declares goes with it, but for what it declares itself."""
        tag = _START.match(element)
        if tag is None:
            return self._declaration + element
        own = {name for name, _ in _namespaces(tag[0])}
        around = b"".join(written for name, written in self._around if name not in own)
        return self._declaration + element[: tag.end(1)] + around + element[tag.end(1) :]

    @cached_property
    def _head(self) -> bytes:
        size = head_bytes(self.file, piece=_PIECE)
        self.file.seek(0)
        return self.file.read(size) if size <= _HEAD_BYTES else b""

    @cached_property
    def _declaration(self) -> bytes:
        found = _DECLARATION.match(self._head)
        return found[1] if found else b""

    @cached_property
    def _around(self) -> tuple[tuple[bytes, bytes], ...]:
        root = _START.search(self._head)
        return tuple(_namespaces(root[0])) if root else ()


def _namespaces(tag: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the names that a tag declares for namespaces, and how it does."""
    for found in _NAMESPACE.finditer(tag):
        yield found[1], found[0]


def _elements(file: BinaryIO, start: int) -> Iterator[tuple[int, bytes, int]]:
    """Yield where each element begins, its bytes and its length; what stands between separators, blank or not."""
    depth = 1 if start else 0  # an import is cut off behind an element, within the array
    quoted, body, length, position = False, bytearray(), 0, start
    file.seek(start)
    for piece in _pieces(file):
        taken = 0
        for match in _STRUCTURE.finditer(piece):
            token = match[0]
            quoted ^= token == b'"'
            if quoted or token not in _COUNTED:
                continue
            depth += (token in _OPENING) - (token in _CLOSING)
            if depth == (0 if token in _CLOSING else 1):
                _take(body, piece[taken : match.start()])
                yield start, bytes(body), length + match.start() - taken
                taken, start, length = match.end(), position + match.end(), 0
                body.clear()
        _take(body, piece[taken:])
        length, position = length + len(piece) - taken, position + len(piece)
    yield start, bytes(body), length


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    """Yield a file piece by piece, none of which ends within an escape."""
    while piece := file.read(_PIECE):
        while piece.endswith(b"\\") and (more := file.read(1)):
            piece += more
        yield piece


def _take(body: bytearray, piece: bytes) -> None:
    body += piece[: max(0, DOCUMENT_BYTES + 1 - len(body))]


def _lines(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yield each line and its length; of one that is too long its beginning only, the rest a piece at a time."""
    while line := file.readline(DOCUMENT_BYTES + 1):
        length, last = len(line), line
        while len(last) > DOCUMENT_BYTES and not last.endswith(b"\n"):
            last = file.readline(DOCUMENT_BYTES + 1)
            length += len(last)
        yield line, length
