"""Rows under a header, as RFC 4180 writes them with commas (CSV) or, in the same way, with tabs (TSV).

The document is `{"rows": [{column: text}]}`, or the only row where the layout says so, which is how one line of a
long file becomes one document: the header's bytes and the row's.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from gateway.core.conversion.formats.charset import as_text, malformed
from gateway.core.conversion.formats.form_format import scalar_text
from gateway.core.conversion.formats.wire import TableStyle, Wire
from gateway.core.errors import MalformedDocumentError

ROWS: Final = "rows"
COLUMN_LIMIT: Final = 512
_FIELD_LIMIT: Final = 131_072  # characters, the csv module's own
_FAULTS_TOLD: Final = 20
_QUOTE: Final = '"'
_SPECIAL: Final = re.compile(r'[",\t\r\n]')
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")  # not str.splitlines: a form feed ends no row
_BOM: Final = "\ufeff"  # spreadsheets write one to say that this is UTF-8


def read_table(body: bytes, charset: str, wire: Wire) -> dict[str, Any]:
    """Read rows; raises MalformedDocumentError with a stable code, naming each row of another length."""
    text = as_text(body, charset).removeprefix(_BOM)
    if not text.strip():
        raise malformed("empty_document")
    lines = _lines(text, wire)
    names = (lines.pop(0) if lines else []) if wire.table.header else list(wire.table.columns)
    if not 0 < len(names) <= COLUMN_LIMIT or len(set(names)) != len(names) or not all(map(str.strip, names)):
        raise malformed("table_header", f"1 to {COLUMN_LIMIT} columns, each with a name of its own")
    _require_even(lines, len(names))
    rows = [dict(zip(names, line, strict=True)) for line in lines]
    if not wire.table.single:
        return {ROWS: rows}
    if len(rows) != 1:
        raise malformed("table_not_single", "one row")
    return rows[0]


def write_table(document: dict[str, Any], wire: Wire) -> bytes:
    """Write rows, with CRLF as RFC 4180 asks; raises ValueError for what a row cannot carry."""
    rows = [document] if wire.table.single else document.get(ROWS)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("rows are objects")
    if not wire.table.single and len(document) != 1:
        raise ValueError("nothing stands beside the rows")
    columns = _columns(rows, wire.table)
    lines = [list(columns)] if wire.table.header else []
    lines += [[scalar_text(row.get(name)) for name in columns] for row in rows]
    return "".join(_line(fields, _delimiter(wire)) for fields in lines).encode(wire.charset)


def documents(lines: Iterable[bytes], wire: Wire, most: int) -> Iterator[bytes]:
    """Yield each row of a long table as a document of its own, for layouts whose document is the only row."""
    rows = _records(lines, most)
    header = next(rows, b"") if wire.table.header else b""
    for row in rows:
        yield header + row


def _records(lines: Iterable[bytes], most: int) -> Iterator[bytes]:
    """Join the lines of each record, whose quoted fields may hold line breaks; blank lines are left out.

    In UTF-8, GBK and GB 18030 a quotation mark's byte is nothing else. A record is given up beyond `most` bytes, so
    that a quotation mark too many costs no more than that.
    """
    record = b""
    for line in lines:
        record += line
        if record.count(b'"') % 2 and len(record) <= most:
            continue
        if record.strip():
            yield record
        record = b""
    if record.strip():
        yield record


def _lines(text: str, wire: Wire) -> list[list[str]]:
    try:
        reader = csv.reader(_LINE.findall(text), delimiter=_delimiter(wire), strict=True)
        return [line for line in reader if line]
    except csv.Error:
        raise malformed(
            "table_syntax", f"quotation marks in pairs, fields of at most {_FIELD_LIMIT} characters"
        ) from None


def _delimiter(wire: Wire) -> str:
    return "\t" if wire.format == "tsv" else ","


def _require_even(lines: list[list[str]], width: int) -> None:
    ragged = [number for number, line in enumerate(lines) if len(line) != width]
    if ragged:
        told = [malformed("table_ragged", f"{width} fields", f"/{ROWS}/{number}") for number in ragged[:_FAULTS_TOLD]]
        faults = tuple(fault for one in told for fault in one.faults)
        raise MalformedDocumentError(str(told[0]), code="table_ragged", faults=faults)


def _columns(rows: list[dict[str, Any]], style: TableStyle) -> tuple[str, ...]:
    used = tuple(dict.fromkeys(name for row in rows for name in row))
    columns = style.columns or used
    if not 0 < len(columns) <= COLUMN_LIMIT or not all(map(str.strip, columns)) or not set(used) <= set(columns):
        raise ValueError("columns have names, and no more than the layout has")
    return columns


def _line(fields: list[str], delimiter: str) -> str:
    if any(len(field) > _FIELD_LIMIT for field in fields):
        raise ValueError("a field longer than is read")
    quoted = [f'"{field.replace(_QUOTE, _QUOTE * 2)}"' if _SPECIAL.search(field) else field for field in fields]
    return (delimiter.join(quoted) or _QUOTE * 2) + "\r\n"  # a line of nothing would be no row
