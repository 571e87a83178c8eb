"""The national tables as files: items in the `national` layout, a table of CSV for each of its tables."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, Self

import orjson

from gateway.cli.sheets import CsvSheet
from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.rows import Row
from gateway.core.model import DocumentKind

_TABLE: Final = "TABLE"  # of a document of the layout: which family of tables it belongs to
_KEYS: Final = ("TASKCODE", "TASKHANDLEITEM", "LOCALTASKCODE")  # tie a row of a lesser table to its item
_SEPARATOR: Final = "^"  # of several values in one column


class NationalTables:
    """A folder that gets one CSV a table: the item's own, and one for each array in it, tied by the item's codes.

    An array within an array is flat in its column: the values of its only column, joined with ^.
    """

    def __init__(self, folder: Path, adapter: Adapter) -> None:
        rows = _rows(adapter)
        self._folder = folder
        self._own = _columns(row for row in rows if not row.repeats(regional=True))
        self._lesser = {row.regional[0][0]: _columns(row.rows or ()) for row in rows if row.repeats(regional=True)}
        self._sheets: dict[str, CsvSheet] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._folder.mkdir(exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def add(self, document: Mapping[str, Any]) -> None:
        """Write an item, as the layout has it, to its tables."""
        self._write(document[_TABLE], self._own, document)
        keys = {name: document.get(name) for name in _KEYS}
        for table, columns in self._lesser.items():
            for row in document.get(table) or ():
                self._write(table, (*_KEYS, *columns), keys | row)

    def _write(self, table: str, columns: Sequence[str], row: Mapping[str, Any]) -> None:
        sheet = self._sheets.get(table)
        if sheet is None:
            file = self._stack.enter_context((self._folder / f"{table}.csv").open("wb"))
            sheet = self._sheets[table] = CsvSheet(file, columns)
        sheet.row([_cell(row.get(column)) for column in columns])


def _rows(adapter: Adapter) -> tuple[Row, ...]:
    messages = adapter.channels[DocumentKind.SERVICE_ITEM].messages.values()
    return tuple(row for message in messages for row in message.variant.rows)


def _columns(rows: Iterable[Row]) -> tuple[str, ...]:
    names = (path[0] for row in rows for path in row.regional if path)
    return tuple(name for name in dict.fromkeys(names) if name != _TABLE)


def _cell(value: Any) -> str | int | float | None:
    if isinstance(value, list):
        return _SEPARATOR.join(
            str(each) for row in value for each in (row.values() if isinstance(row, dict) else [row])
        )
    return orjson.dumps(value).decode() if isinstance(value, dict) else value
