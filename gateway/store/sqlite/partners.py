"""Registered partners in SQLite."""

import sqlite3
from pathlib import Path

from gateway.core.model import Partner, PartnerStatus
from gateway.flow.ports import SaltedEntry
from gateway.store.named import statements
from gateway.store.rows import as_partner, partner_row
from gateway.store.sqlite.log import add_entries

_SQL = statements(Path(__file__).parent / "statements" / "partners.sql")


def put_partner(connection: sqlite3.Connection, partner: Partner, entry: SaltedEntry) -> None:
    """Register a partner, or replace what is registered under its id."""
    connection.execute(_SQL["put_partner"], partner_row(partner))
    add_entries(connection, (entry,))


def set_status(connection: sqlite3.Connection, partner: str, status: PartnerStatus, entry: SaltedEntry) -> bool:
    """Suspend or resume a partner."""
    known = connection.execute(_SQL["set_status"], {"id": partner, "status": status}).rowcount == 1
    if known:
        add_entries(connection, (entry,))
    return known


def partners(connection: sqlite3.Connection) -> tuple[Partner, ...]:
    """Return everybody registered, in order of id."""
    return tuple(as_partner(dict(row)) for row in connection.execute(_SQL["partners"]))
