"""Carries documents through an adapter outside any gateway: one, or as many as a file has lines."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, BinaryIO, Final

from rich.console import Console

from gateway.cli.lines import FaultReport, lines_of
from gateway.core.conversion.adapter import Adapter, Channel, Conversion
from gateway.core.conversion.formats.json_format import read_json
from gateway.core.conversion.formats.table_format import documents, write_table
from gateway.core.conversion.formats.wire import Wire
from gateway.core.conversion.remarks import Problem, fault
from gateway.core.errors import (
    InvalidDocumentError,
    MalformedDocumentError,
    OversizedDocumentError,
    RejectedError,
    UnsupportedFormatError,
)
from gateway.core.forms import Form
from gateway.core.model import DocumentKind
from gateway.flow.records import DOCUMENT_BYTES

_A_LIST: Final = "one row under its header; of a list, `adapter convert --ndjson` makes a document of each row"


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
        converted = self._canonical(body)
        self._require_form(converted.document)
        return converted

    def lines(self, file: BinaryIO) -> Iterator[bytes]:
        """Yield the documents of a file: one a line, or one a row under its header.

        Raises UnsupportedFormatError for layouts whose documents stand on no line.
        """
        if self.wire.format != "json" and not self.wire.table.single:
            whole = "whole tables" if self.wire.format in ("csv", "tsv") else self.wire.format.upper()
            raise UnsupportedFormatError(
                f"documents of this layout are {whole} and stand on no line: convert each file without --ndjson"
            )
        if self.wire.format == "json" or self.way is Way.REGIONAL:
            return (line.strip() for line in lines_of(file))
        return documents(lines_of(file), self.wire, DOCUMENT_BYTES)

    @property
    def channel(self) -> Channel:
        """How documents of this kind travel; raises UnsupportedFormatError where the layout has none."""
        channel = self.adapter.channels.get(self.kind)
        if channel is None:
            raise UnsupportedFormatError("this layout has no such document", code="document_unsupported")
        return channel

    @property
    def wire(self) -> Wire:
        """The format and encoding of documents of this kind."""
        return self.channel.document.wire

    def _canonical(self, body: bytes) -> Conversion:
        """Read a document as a gateway reads one without a charset: it declares its own, or the layout does."""
        try:
            return self.adapter.to_canonical(self.kind, body, self.wire.essence, form=self.forms[self.kind])
        except MalformedDocumentError as error:
            if error.code != "table_not_single":
                raise
            faults = tuple(replace(fault, expected=_A_LIST) for fault in error.faults)
            raise MalformedDocumentError(str(error), code=error.code, faults=faults) from None

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
    rows = converter.wire.format != "json" and converter.way is Way.REGIONAL
    written = Sheet(converter.channel) if rows else _line
    for number, line in enumerate(converter.lines(file), start=1):
        if not line:
            continue
        try:
            body = written(converter(line))
        except RejectedError as error:
            report(number, error.code, error.faults)
        else:
            out.write(body)


def _line(converted: Conversion) -> bytes:
    return converted.body + b"\n"


class Sheet:
    """One table of many documents: a header, then a row for each, in the columns that the first one settles."""

    def __init__(self, channel: Channel) -> None:
        self._wire = channel.document.wire
        self._rows = [row for variant in channel.document.variants for row in variant.rows if row.writes]
        self._columns: tuple[str, ...] = ()

    def __call__(self, converted: Conversion) -> bytes:
        """Return a document's row, the first one's under the header; raises InvalidDocumentError for a new column."""
        style, document = self._wire.table, converted.document
        header = style.header and not self._columns
        columns = self._columns or style.columns or self._found(document)
        try:
            table = replace(style, columns=columns, header=header)
            body = write_table(document, replace(self._wire, table=table))
        except ValueError:
            wanted = "no column that the first document lacks; or name them all in `columns` of adapter.toml"
            raise InvalidDocumentError(
                "a new column", faults=(fault("", Problem("value_unwritable", wanted)),)
            ) from None
        self._columns = columns
        return body

    def _found(self, document: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the columns that the layout's rows write, in their order, then what else the document has."""
        rows = (path[0] for row in self._rows for path in row.regional if path)
        return tuple(dict.fromkeys((*rows, *document)))
