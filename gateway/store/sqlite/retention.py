"""Retirements in SQLite: what is gone is deleted, some hundred rows a transaction, and the file gives their room back.

A part takes the number behind which it goes on, and returns the next one, or None at its end; each is one job.
"""

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Final

from gateway.flow.ports import Retired, Retirement, SaltedEntry, Stock
from gateway.store.named import statements
from gateway.store.rows import as_retirement, beyond_log, retirement_row
from gateway.store.sqlite.log import add_entries, head
from gateway.store.times import to_us

_SQL = statements(Path(__file__).parent / "statements" / "retention.sql")
_ROWS: Final = 500  # in one transaction, so that receipts do not wait long
_ENTRIES: Final = 2_000
_PAGES: Final = 2_000  # given back in one transaction


def stock(connection: sqlite3.Connection, before: datetime, size: int) -> Stock:
    """Count what retiring would take away."""
    return Stock(**connection.execute(_SQL["stock"], {"before": to_us(before), "size": size}).fetchone())


def retire(connection: sqlite3.Connection, retirement: Retirement, entry: SaltedEntry) -> None:
    """Record a retirement and its entry."""
    if retirement.size > head(connection).size:
        raise beyond_log()
    connection.execute(_SQL["add_retirement"], retirement_row(retirement))
    add_entries(connection, (entry,))


def retirements(connection: sqlite3.Connection) -> tuple[Retirement, ...]:
    """Return every retirement, oldest first."""
    return tuple(as_retirement(dict(row)) for row in connection.execute(_SQL["retirements"]))


def discard_exchanges(connection: sqlite3.Connection, *, after: int) -> int | None:
    """Delete what is old among the next exchanges, with what carried it, until none of those that come next is old."""
    latest = _latest(connection, Retired.EXCHANGES)
    if latest is None:
        return None
    before = to_us(latest.before)
    rows = connection.execute(_SQL["next_exchanges"], {"after": after, "limit": _ROWS}).fetchall()
    old = [row for row in rows if row["received_at"] < before]
    for row in old:
        _discard_exchange(connection, row)
    return int(rows[-1]["sequence"]) if old else None


def discard_entries(connection: sqlite3.Connection, *, after: int) -> int | None:
    """Delete the next entries that were retired."""
    latest = _latest(connection, Retired.ENTRIES)
    if latest is None:
        return None
    (first,) = connection.execute(_SQL["first_positions"], {"size": latest.size}).fetchone()
    high = min(max(first, after) + _ENTRIES, latest.size)
    for name in ("discard_leaves", "discard_index", "discard_salts"):
        connection.execute(_SQL[name], {"high": high})
    return high if high < latest.size else None


def give_back(connection: sqlite3.Connection, *, after: int) -> int | None:
    """Give room that is free back to the file system; a file made before it knew how keeps it for what comes."""
    free = connection.execute("PRAGMA freelist_count").fetchone()[0]
    if not free or not connection.execute("PRAGMA auto_vacuum").fetchone()[0]:
        return None
    for _ in range(min(free, _PAGES)):
        connection.execute("PRAGMA incremental_vacuum(1)")  # of more pages, Python's module frees one all the same
    return after + _PAGES if free > _PAGES else None


PARTS: Final = (discard_exchanges, discard_entries, give_back)


def _discard_exchange(connection: sqlite3.Connection, row: sqlite3.Row) -> None:
    """Delete an exchange with what carried it, but for deliveries that are open, and then not the exchange either."""
    carried = connection.execute(_SQL["deliveries_of"], {"subject": row["subject"], "id": row["id"]}).fetchall()
    done = [each for each in carried if each["state"] == "settled"]
    for each in done:
        connection.execute(_SQL["discard_delivery_body"], {"sequence": each["sequence"]})
        connection.execute(_SQL["discard_delivery"], {"sequence": each["sequence"]})
    if len(done) == len(carried):
        connection.execute(_SQL["discard_exchange_body"], {"sequence": row["sequence"]})
        connection.execute(_SQL["discard_exchange"], {"sequence": row["sequence"]})


def _latest(connection: sqlite3.Connection, kind: Retired) -> Retirement | None:
    return next((each for each in reversed(retirements(connection)) if each.kind is kind), None)
