"""Versions of adapters in SQLite: what they say stays, what serves changes by compare-and-set."""

import sqlite3
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from gateway.core.conversion.versions import TRANSITIONS, AdapterVersion, Step, VersionChange, VersionState
from gateway.core.errors import ConflictError
from gateway.flow.ports import SaltedEntry
from gateway.store.named import statements
from gateway.store.rows import as_version, as_version_change
from gateway.store.sqlite.log import add_entries
from gateway.store.times import to_us

_SQL = statements(Path(__file__).parent / "statements" / "adapters.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """One step with a version, and what must still be so for it to be taken."""

    change: VersionChange
    since: VersionState
    instead_of: str
    report: bytes
    entry: SaltedEntry


def put_version(
    connection: sqlite3.Connection, version: AdapterVersion, files: bytes, report: bytes, entry: SaltedEntry
) -> bool:
    """Keep a version; ConflictError where the layout has it with another digest."""
    kept = _version_of(connection, version.layout, version.version)
    if kept is not None:
        if kept.digest != version.digest:
            raise ConflictError("the layout has this version with other files", code="adapter_version_exists")
        return False
    row = asdict(version) | {"put_at": to_us(version.put_at)}
    sequence = connection.execute(_SQL["add_version"], row).lastrowid
    connection.execute(_SQL["add_content"], {"sequence": sequence, "files": files, "report": report})
    add_entries(connection, (entry,))
    return True


def move_version(connection: sqlite3.Connection, move: Move) -> bool:
    """Take one step; nothing is written where what was expected is not so."""
    change = move.change
    kept = _version_of(connection, change.layout, change.version)
    state = TRANSITIONS[move.since].get(change.step)
    if (
        kept is None
        or state is None
        or (kept.state, _serving(connection, change.layout))
        != (
            move.since,
            move.instead_of,
        )
    ):
        return False
    if state is VersionState.ACTIVE and not kept.passed:
        return False
    _enter(connection, move, state)
    connection.execute(_SQL["add_change"], asdict(change) | {"at": to_us(change.at)})
    add_entries(connection, (move.entry,))
    return True


def _enter(connection: sqlite3.Connection, move: Move, state: VersionState) -> None:
    named = {"layout": move.change.layout, "version": move.change.version}
    if state is VersionState.ACTIVE:
        connection.execute(_SQL["retire_active"], named)
    connection.execute(_SQL["pass_check" if move.change.step is Step.CHECK else "set_state"], named | {"state": state})
    if move.change.step is Step.CHECK:
        connection.execute(_SQL["replace_report"], named | {"report": move.report})


def adapter_versions(connection: sqlite3.Connection, layout: str, *, active: bool) -> tuple[AdapterVersion, ...]:
    """Return versions in order of layout and of coming."""
    name = "active_versions" if active else "versions_of_layout" if layout else "versions"
    return tuple(as_version(dict(row)) for row in connection.execute(_SQL[name], {"layout": layout}))


def version_changes(connection: sqlite3.Connection, layout: str) -> tuple[VersionChange, ...]:
    """Return the history of a layout, oldest first."""
    return tuple(
        as_version_change(dict(row)) for row in connection.execute(_SQL["changes_of_layout"], {"layout": layout})
    )


def changes_so_far(connection: sqlite3.Connection) -> int:
    """Return the number of the last change."""
    number: int = connection.execute(_SQL["changes_so_far"]).fetchone()[0]
    return number


def version_content(
    connection: sqlite3.Connection, layout: str, version: str, part: Literal["files", "report"]
) -> bytes | None:
    """Return the packed files of a version, or its report."""
    row = connection.execute(_SQL[part], {"layout": layout, "version": version}).fetchone()
    return None if row is None else row[part]


def _serving(connection: sqlite3.Connection, layout: str) -> str:
    row = connection.execute(_SQL["active_version"], {"layout": layout}).fetchone()
    return "" if row is None else row["version"]


def _version_of(connection: sqlite3.Connection, layout: str, version: str) -> AdapterVersion | None:
    row = connection.execute(_SQL["find_version"], {"layout": layout, "version": version}).fetchone()
    return None if row is None else as_version(dict(row))
