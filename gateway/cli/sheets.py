"""Tables for spreadsheets, a row at a time: CSV that Excel reads as it is meant, and XLSX in constant memory.

Text stays text. In XLSX every text is a string cell. CSV has no types, so Excel would run a text that begins like a
formula, and round a long code: the first gets an apostrophe in front (OWASP, CSV injection), the second a tab.
"""

import csv
import io
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

import click

Cell = str | int | float | None

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_LONG_CODE = re.compile(r"0[0-9]+|[0-9]{12,}")  # Excel keeps 15 digits, and writes 12 as 4.2E+11
_CELL_CHARACTERS: Final = 32_767  # of an XLSX cell
SHEET_ROWS: Final = 1_048_576  # of an XLSX sheet
_WIDTH: Final = 18


class SheetFormat(StrEnum):
    """The formats of a table."""

    CSV = "csv"
    XLSX = "xlsx"


class Sheet(Protocol):
    """A table that is being written."""

    def row(self, cells: Sequence[Cell]) -> None:
        """Write the next row."""
        ...


@contextmanager
def open_sheet(kind: SheetFormat, out: Path | None, header: Sequence[str]) -> Iterator[Sheet]:
    """Begin a table in a file; CSV also goes to stdout. What is written is whole when the block ends."""
    if kind is SheetFormat.XLSX:
        if out is None:
            raise click.UsageError("XLSX needs a file: --out FILE")
        with _xlsx(out, header) as sheet:
            yield sheet
    elif out is None:
        yield CsvSheet(sys.stdout.buffer, header)
    else:
        with out.open("wb") as file:
            yield CsvSheet(file, header)


class CsvSheet:
    """RFC 4180 in UTF-8 with a byte order mark, without which Excel takes Chinese for something else."""

    def __init__(self, out: BinaryIO, header: Sequence[str]) -> None:
        self._text = io.StringIO(newline="")
        self._writer = csv.writer(self._text)
        self._out = out
        out.write("\ufeff".encode())
        self.row(header)

    def row(self, cells: Sequence[Cell]) -> None:
        """Write the next row."""
        self._writer.writerow([safe(cell) if isinstance(cell, str) else cell for cell in cells])
        self._out.write(self._text.getvalue().encode())
        self._text.seek(0)
        self._text.truncate()


class XlsxSheet:
    """One table over as many sheets as its rows need; a text longer than a cell is cut, and ends in an ellipsis."""

    def __init__(self, workbook: Any, header: Sequence[str], *, rows: int = SHEET_ROWS) -> None:
        self._workbook, self._header, self._rows = workbook, header, rows
        self._bold = workbook.add_format({"bold": True})
        self._begin()

    def row(self, cells: Sequence[Cell]) -> None:
        """Write the next row."""
        if self._at == self._rows:
            self._begin()
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                text = cell if len(cell) <= _CELL_CHARACTERS else cell[: _CELL_CHARACTERS - 1] + "…"
                self._sheet.write_string(self._at, column, text)
            elif cell is not None:
                self._sheet.write_number(self._at, column, cell)
        self._at += 1

    def _begin(self) -> None:
        self._sheet = self._workbook.add_worksheet()
        self._sheet.set_column(0, len(self._header) - 1, _WIDTH)
        self._sheet.freeze_panes(1, 0)
        for column, title in enumerate(self._header):
            self._sheet.write_string(0, column, title, self._bold)
        self._at = 1


@contextmanager
def _xlsx(out: Path, header: Sequence[str]) -> Iterator[XlsxSheet]:
    import xlsxwriter  # noqa: PLC0415 - an eighth of a second that no other command need wait

    # Rows go to a temporary file as they come, beside the result, so that a full disk is noticed there.
    options = {"constant_memory": True, "tmpdir": str(out.parent), "strings_to_formulas": False}
    with xlsxwriter.Workbook(str(out), options) as workbook:
        yield XlsxSheet(workbook, header)


def safe(text: str) -> str:
    """Return a text that a spreadsheet takes for that text: neither run as a formula nor rounded as a number."""
    if text.startswith(_FORMULA):
        return f"'{text}"
    return f"\t{text}" if _LONG_CODE.fullmatch(text) else text
