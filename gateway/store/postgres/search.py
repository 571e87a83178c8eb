"""Finds entries for auditors: every index ends with the position, so a page is read from the newest down."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from gateway.flow.ports import EntryFilter
from gateway.store.named import statements
from gateway.store.postgres.session import Session
from gateway.store.postgres.statements import Statement, compiled
from gateway.store.rows import asked_entries

_PARTS = statements(Path(__file__).parent / "statements" / "search.sql")
_END = 2**63 - 1  # no position comes after this one


async def search(session: Session, wanted: EntryFilter, before: int | None, limit: int) -> tuple[int, ...]:
    """Return the positions of entries asked for, newest first."""
    asked = asked_entries(wanted)
    values = asked | {"before": _END if before is None else before, "limit": max(0, limit)}
    if not wanted.partner:
        return await _find(session, frozenset(asked), values)
    # Two ordered searches, one for each side a partner may be on, make one page.
    conditions = frozenset(asked.keys() - {"partner"})
    sides = [await _find(session, conditions | {side}, values) for side in ("source", "destination")]
    return tuple(sorted({position for side in sides for position in side}, reverse=True)[: max(0, limit)])


async def _find(session: Session, conditions: frozenset[str], values: Mapping[str, object]) -> tuple[int, ...]:
    return tuple(row["position"] for row in await session.rows(_search(conditions), values))


@cache  # there are few combinations
def _search(conditions: frozenset[str]) -> Statement:
    return compiled("\n".join(_PARTS[part] for part in ("from_all", *sorted(conditions), "newest_first")))
