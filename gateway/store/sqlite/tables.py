"""Readings of front-end databases in SQLite: positions, and rejections beside the deliveries they speak of."""

import sqlite3
from pathlib import Path

from gateway.flow.ports import Position, Rejection, SaltedEntry
from gateway.store.named import statements
from gateway.store.rows import rejection_row
from gateway.store.sqlite.log import add_entries

_SQL = statements(Path(__file__).parent / "statements" / "tables.sql")


def position(connection: sqlite3.Connection, partner: str, table: str) -> Position | None:
    """Return how far a table was read."""
    row = connection.execute(_SQL["position"], {"partner": partner, "name": table}).fetchone()
    return None if row is None else Position(at=row["at"], row=row["row"])


def advance(connection: sqlite3.Connection, partner: str, table: str, reached: Position) -> None:
    """Remember how far a table was read."""
    connection.execute(_SQL["advance"], {"partner": partner, "name": table, "at": reached.at, "row": reached.row})


def keep_rejection(connection: sqlite3.Connection, rejection: Rejection, entry: SaltedEntry) -> bool:
    """Keep a rejection and its entry; False, and no entry, where it is known already."""
    fresh = connection.execute(_SQL["keep_rejection"], rejection_row(rejection)).rowcount == 1
    if fresh:
        add_entries(connection, (entry,))
    return fresh
