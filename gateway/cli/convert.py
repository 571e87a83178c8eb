"""Carries documents through an adapter outside any gateway: one, or as many as a file has lines."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from rich.console import Console

from gateway.cli.lines import FaultReport, lines_of
from gateway.core.conversion.adapter import Adapter, Conversion
from gateway.core.conversion.formats.json_format import read_json
from gateway.core.conversion.formats.table_format import documents
from gateway.core.conversion.formats.wire import Wire
from gateway.core.errors import InvalidDocumentError, OversizedDocumentError, RejectedError, UnsupportedFormatError
from gateway.core.forms import Form
from gateway.core.model import DocumentKind
from gateway.flow.records import DOCUMENT_BYTES


class Way(StrEnum):
    """Which form a document is carried to."""

    CANONICAL = "canonical"
    REGIONAL = "regional"


@dataclass(frozen=True, kw_only=True, slots=True)
class Converter:
    """One adapter, one document kind, one direction; what is canonical is held to its form on either side."""

    adapter: Adapter
    kind: DocumentKind
    way: Way
    forms: Mapping[DocumentKind, Form]

    def __call__(self, body: bytes) -> Conversion:
        """Convert one document; raises a RejectedError with every fault."""
        if len(body) > DOCUMENT_BYTES:
            raise OversizedDocumentError(f"a document has at most {DOCUMENT_BYTES} bytes")
        if self.way is Way.REGIONAL:
            canonical = read_json(body)
            self._require_form(canonical)
            return self.adapter.to_regional(self.kind, canonical)
        converted = self.adapter.to_canonical(self.kind, body, self._media_type)
        self._require_form(converted.document)
        return converted

    def lines(self, file: BinaryIO) -> Iterator[bytes]:
        """Yield the documents of a file: one a line, or one a row under its header.

        Raises UnsupportedFormatError for XML and forms, which stand on no line, and for tables written as canonical.
        """
        if self._wire.format == "json":
            return (line.strip() for line in lines_of(file))
        if self._wire.table.single and self.way is Way.CANONICAL:
            return documents(lines_of(file), self._wire, DOCUMENT_BYTES)
        raise UnsupportedFormatError("this layout's documents stand on no line: convert one at a time")

    @property
    def _media_type(self) -> str:
        return self._wire.media_type

    @property
    def _wire(self) -> Wire:
        channel = self.adapter.channels.get(self.kind)
        if channel is None:
            raise UnsupportedFormatError("this layout has no such document", code="document_unsupported")
        return channel.document.wire

    def _require_form(self, document: object) -> None:
        if faults := self.forms[self.kind].faults(document):
            raise InvalidDocumentError("the document breaks its canonical form", faults=faults)


def convert_one(converter: Converter, file: BinaryIO, out: BinaryIO, errors: Console) -> None:
    """Write the converted document; what it lost on the way is told by pointer."""
    converted = converter(file.read(DOCUMENT_BYTES + 1))
    out.write(converted.body)
    if converted.media_type.startswith("application/json"):
        out.write(b"\n")
    for pointer in converted.losses:
        errors.print(f"lost 未能表达: {pointer}", markup=False, highlight=False, soft_wrap=True)


def convert_lines(converter: Converter, file: BinaryIO, out: BinaryIO, report: FaultReport) -> None:
    """Write the converted lines in their order, leaving out and reporting the faulty ones."""
    for number, line in enumerate(converter.lines(file), start=1):
        if not line:
            continue
        try:
            converted = converter(line)
        except RejectedError as error:
            report(number, error.code, error.faults)
        else:
            out.write(converted.body + b"\n")
