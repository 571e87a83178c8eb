"""Registered partners in SQLite."""

import sqlite3
from pathlib import Path

import msgspec

from gateway.core.model import Partner, PartnerKind, PartnerStatus
from gateway.core.trust.keys import PublicKey
from gateway.flow.ports import SaltedEntry
from gateway.store.named import statements
from gateway.store.sqlite.log import add_entries

_SQL = statements(Path(__file__).parent / "statements" / "partners.sql")


def put_partner(connection: sqlite3.Connection, partner: Partner, entry: SaltedEntry) -> None:
    """Register a partner, or replace what is registered under its id."""
    row = {
        "id": partner.id,
        "kind": partner.kind,
        "name": partner.name,
        "regions": msgspec.json.encode(partner.regions).decode(),
        "endpoint": partner.endpoint,
        "adapter": partner.adapter,
        "keys": msgspec.json.encode(partner.keys).decode(),
        "status": partner.status,
        "mirrored": partner.mirrored,
    }
    connection.execute(_SQL["put_partner"], row)
    add_entries(connection, (entry,))


def set_status(connection: sqlite3.Connection, partner: str, status: PartnerStatus, entry: SaltedEntry) -> bool:
    """Suspend or resume a partner."""
    known = connection.execute(_SQL["set_status"], {"id": partner, "status": status}).rowcount == 1
    if known:
        add_entries(connection, (entry,))
    return known


def partners(connection: sqlite3.Connection) -> tuple[Partner, ...]:
    """Return everybody registered, in order of id."""
    return tuple(map(_partner, connection.execute(_SQL["partners"])))


def _partner(row: sqlite3.Row) -> Partner:
    return Partner(
        id=row["id"],
        kind=PartnerKind(row["kind"]),
        name=row["name"],
        regions=msgspec.json.decode(row["regions"], type=tuple[str, ...]),
        endpoint=row["endpoint"],
        adapter=row["adapter"],
        keys=msgspec.json.decode(row["keys"], type=tuple[PublicKey, ...]),
        status=PartnerStatus(row["status"]),
        mirrored=bool(row["mirrored"]),
    )
