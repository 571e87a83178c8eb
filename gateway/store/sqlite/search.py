"""Finds entries for auditors: each search starts from the one index that leaves the fewest entries to look at."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from gateway.flow.ports import EntryFilter
from gateway.store.named import statements
from gateway.store.rows import asked_entries

_SQL = statements(Path(__file__).parent / "statements" / "search.sql")
_END = 2**63 - 1  # no position comes after this one

# From what few entries share to what many do. The order is ours to know: SQLite would have to be told by statistics.
_SELECTIVE = ("exchange", "number", "item_code", "source", "destination", "time", "kind", "outcome")


def search(connection: sqlite3.Connection, wanted: EntryFilter, before: int | None, limit: int) -> tuple[int, ...]:
    """Return the positions of entries asked for, newest first."""
    asked = asked_entries(wanted)
    values = asked | {"before": _END if before is None else before, "limit": max(0, limit)}
    if not wanted.partner:
        return _find(connection, set(asked), values)
    # Two ordered searches, one for each side a partner may be on, make one page.
    sides = (_find(connection, asked.keys() - {"partner"} | {side}, values) for side in ("source", "destination"))
    return tuple(sorted({position for side in sides for position in side}, reverse=True)[: max(0, limit)])


def _find(connection: sqlite3.Connection, conditions: set[str], values: Mapping[str, object]) -> tuple[int, ...]:
    indexes = conditions | ({"time"} if "since" in conditions else set())
    start = next((name for name in _SELECTIVE if name in indexes), "all")
    parts = (f"from_{start}", *sorted(conditions), "newest_first")
    rows = connection.execute("\n".join(_SQL[part] for part in parts), values)
    return tuple(position for (position,) in rows)
