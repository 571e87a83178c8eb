"""The mark that stands in a file that is being copied, or was."""

import sqlite3
from pathlib import Path

from gateway.store.copying.ends import Mark
from gateway.store.copying.marks import as_mark
from gateway.store.named import statements

_SQL = statements(Path(__file__).parent / "statements" / "copying.sql")


def mark(connection: sqlite3.Connection) -> Mark | None:
    """Return the mark, None in a file that is in service."""
    row = connection.execute(_SQL["mark"]).fetchone()
    return None if row is None else as_mark(row)
