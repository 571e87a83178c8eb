"""The statements of a copy, made from the list of tables: one reading, adding, emptying for all, in words both know.

Written out they would be three for each table and database, all alike, and each a place where a column is forgotten.
No value ever stands in one: the names are those of `shape.py`, which are ours.
"""
# ruff: noqa: S608 - see above: only names of ours are put together

from collections.abc import Sequence

from gateway.store.copying.shape import Table


def reading(table: Table, values: Sequence[str], *, joined: bool) -> str:
    """Return what selects the rows behind a key, `values` being the places of its values; all rows without.

    `joined` reads what is kept beside from there.
    """
    key = _names(table.key)
    beside = f" LEFT JOIN {_names([table.beside])} USING ({key})" if joined and table.beside else ""
    behind = f" WHERE ({key}) > ({', '.join(values)})" if values else ""
    return f"SELECT {_names(table.columns)} FROM {_names([table.name])}{beside}{behind} ORDER BY {key}"


def adding(name: str, columns: Sequence[str]) -> str:
    """Return what adds one row."""
    return f"INSERT INTO {_names([name])} ({_names(columns)}) VALUES ({', '.join('?' * len(columns))})"


def emptying(name: str) -> str:
    """Return what deletes every row."""
    return f"DELETE FROM {_names([name])}"


def counting(table: Table) -> str:
    """Return what tells the number of rows."""
    return f"SELECT count(*) FROM {_names([table.name])}"


def highest(table: Table) -> str:
    """Return what tells the highest number of a counted table, 0 where it is empty."""
    return f"SELECT coalesce(max({_names(table.key)}), 0) FROM {_names([table.name])}"


def _names(names: Sequence[str]) -> str:
    """Return names in quotes: some are words of SQL."""
    return ", ".join(f'"{name}"' for name in names)
