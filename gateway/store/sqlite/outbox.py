"""Deliveries in SQLite: lines of one application to one destination, of which only the head ever moves."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from gateway.core.backoff import LONGEST
from gateway.core.model import Backoff, Delivery, DeliveryState
from gateway.flow.ports import Backlog, SaltedEntry, Verdict
from gateway.store.named import statements
from gateway.store.node import Node
from gateway.store.rows import as_delivery, delivery_row, verdict_row
from gateway.store.sqlite.log import add_entries
from gateway.store.times import from_us_or_none, to_us, to_us_or_none

_SQL = statements(Path(__file__).parent / "statements" / "outbox.sql")


# Nearly all deliveries are settled: the others are listed from indexes that hold nothing else.
_LISTINGS = {
    None: "deliveries",
    DeliveryState.SETTLED: "deliveries",
    DeliveryState.DUE: "due_deliveries",
    DeliveryState.IN_FLIGHT: "deliveries_in_hand",
    DeliveryState.DEAD: "deliveries_in_hand",
}


def add_deliveries(connection: sqlite3.Connection, deliveries: Iterable[Delivery]) -> None:
    """Put deliveries at the ends of their lines."""
    for delivery in deliveries:
        sequence = connection.execute(_SQL["add_delivery"], delivery_row(delivery)).lastrowid
        connection.execute(_SQL["add_delivery_body"], {"sequence": sequence, "body": delivery.body})


def backlogs(connection: sqlite3.Connection, now: datetime) -> tuple[Backlog, ...]:
    """Return every destination that has something due by now, with its back-off."""
    return tuple(
        Backlog(
            destination=destination,
            backoff=Backoff(destination=destination, failures=failures, retry_at=from_us_or_none(retry_at)),
        )
        for destination, failures, retry_at in connection.execute(_SQL["backlogs"], {"now": to_us(now)})
    )


def claim(
    connection: sqlite3.Connection, holder: tuple[Node, int], destination: str, limit: int, now: datetime
) -> tuple[Delivery, ...]:
    """Put the heads of lines that have been due the longest in flight; return them in the order taken."""
    node, number = holder
    wanted = {"destination": destination, "limit": max(0, limit), "now": to_us(now), "latest": to_us(now + LONGEST)}
    rows = connection.execute(_SQL["claim"], wanted | {"node": node.id, "number": number}).fetchall()
    return tuple(as_delivery(dict(row)) for row in sorted(rows, key=lambda row: row["sequence"]))


def conclude(connection: sqlite3.Connection, node: Node, verdicts: Sequence[Verdict], backoff: Backoff) -> None:
    """Record what became of deliveries in flight; one that no longer is ours was concluded before, or put back."""
    concluded = [_conclude_one(connection, node, verdict) for verdict in verdicts]
    if verdicts and not any(concluded):
        return
    if backoff.failures:
        row = {"failures": backoff.failures, "retry_at": to_us_or_none(backoff.retry_at)}
        connection.execute(_SQL["put_backoff"], row | {"destination": backoff.destination})
    else:
        connection.execute(_SQL["clear_backoff"], {"destination": backoff.destination})


def hasten(connection: sqlite3.Connection, now: datetime) -> int:
    """Make due by now what is put off for longer than anything ever is."""
    return connection.execute(_SQL["hasten"], {"now": to_us(now), "latest": to_us(now + LONGEST)}).rowcount


def revive(connection: sqlite3.Connection, delivery: str, entry: SaltedEntry) -> bool:
    """Make a dead delivery due again."""
    revived = connection.execute(_SQL["revive"], {"id": delivery}).rowcount == 1
    if revived:
        add_entries(connection, (entry,))
    return revived


def deliveries(
    connection: sqlite3.Connection, state: DeliveryState | None, subject: str, after: str, limit: int
) -> tuple[Delivery, ...]:
    """Return deliveries in order of id, without their bodies."""
    name = "deliveries_of_subject" if subject else _LISTINGS[state]
    wanted = {"state": state or "", "subject": subject, "after": after, "limit": max(0, limit)}
    return tuple(as_delivery(dict(row)) for row in connection.execute(_SQL[name], wanted))


def _conclude_one(connection: sqlite3.Connection, node: Node, verdict: Verdict) -> bool:
    line = connection.execute(_SQL["conclude"], verdict_row(verdict) | {"node": node.id}).fetchone()
    if line is None:
        return False
    if verdict.state is DeliveryState.SETTLED:
        connection.execute(_SQL["promote"], {"destination": line["destination"], "subject": line["subject"]})
    if verdict.entry is not None:
        add_entries(connection, (verdict.entry,))
    return True
