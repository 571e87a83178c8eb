"""Nodes in SQLite: one process at a time relays, and a new one is the end of those before it."""

import sqlite3
from collections.abc import Collection
from pathlib import Path

import orjson

from gateway.store.named import statements
from gateway.store.node import Node

_SQL = statements(Path(__file__).parent / "statements" / "nodes.sql")


def attend(connection: sqlite3.Connection, node: Node, held: Collection[int], lease_s: float) -> bool:
    """Have a lease from now on, and put back what no node holds; return whether the lease never ended."""
    named = {"node": node.id, "lease": int(lease_s * 1_000_000)}
    went_on = connection.execute(_SQL["renew"], named).rowcount == 1
    if not node.known:
        connection.execute(_SQL["succeed"], named)
    # A lease that had ended does not stand yet: what was claimed under it is put back too.
    connection.execute(_SQL["put_back"], {"node": node.id, "held": orjson.dumps(list(held))})
    if not went_on:
        connection.execute(_SQL["forget_ended"])
        connection.execute(_SQL["drop_duties"], {"node": node.id})
        connection.execute(_SQL["join"], named)
    return went_on


def take_duty(connection: sqlite3.Connection, node: Node, duty: str) -> bool:
    """Return whether a duty is this node's; one that nobody has becomes its."""
    named = {"node": node.id, "duty": duty}
    # Asked first: taking again what is ours would be a write.
    return bool(
        connection.execute(_SQL["has_duty"], named).fetchone()
        or connection.execute(_SQL["take_duty"], named).rowcount == 1
    )


def leave(connection: sqlite3.Connection, node: Node) -> None:
    """End the lease, and put back what was claimed under it."""
    connection.execute(_SQL["leave"], {"node": node.id})
    connection.execute(_SQL["put_back"], {"node": node.id, "held": "[]"})
