"""Versions of adapters in PostgreSQL: what they say stays, what serves changes by compare-and-set."""

from dataclasses import asdict, dataclass
from typing import Literal

from gateway.core.conversion.versions import TRANSITIONS, AdapterVersion, Step, VersionChange, VersionState
from gateway.core.errors import ConflictError
from gateway.flow.ports import SaltedEntry
from gateway.store.postgres.session import Session
from gateway.store.postgres.statements import prepared
from gateway.store.rows import as_version, as_version_change
from gateway.store.times import to_us

_SQL = prepared("adapters")


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """One step with a version, and what must still be so for it to be taken."""

    change: VersionChange
    since: VersionState
    instead_of: str
    report: bytes
    entry: SaltedEntry


async def put_version(
    session: Session, version: AdapterVersion, files: bytes, report: bytes, entry: SaltedEntry
) -> bool:
    """Keep a version; ConflictError where the layout has it with another digest."""
    kept = await _version_of(session, version.layout, version.version)
    if kept is not None:
        if kept.digest != version.digest:
            raise ConflictError("the layout has this version with other files", code="adapter_version_exists")
        return False
    row = asdict(version) | {"put_at": to_us(version.put_at), "files": files, "report": report}
    await session.change(_SQL["add_version"], row)
    session.add_entries((entry,))
    return True


async def move_version(session: Session, move: Move) -> bool:
    """Take one step; nothing is written where what was expected is not so."""
    change = move.change
    kept = await _version_of(session, change.layout, change.version)
    state = TRANSITIONS[move.since].get(change.step)
    if kept is None or state is None or kept.state is not move.since:
        return False
    if await _serving(session, change.layout) != move.instead_of or (state is VersionState.ACTIVE and not kept.passed):
        return False
    await _enter(session, move, state)
    await session.change(_SQL["add_change"], asdict(change) | {"at": to_us(change.at)})
    session.add_entries((move.entry,))
    return True


async def _enter(session: Session, move: Move, state: VersionState) -> None:
    named = {"layout": move.change.layout, "version": move.change.version}
    if state is VersionState.ACTIVE:
        await session.change(_SQL["retire_active"], named)
    name = "pass_check" if move.change.step is Step.CHECK else "set_state"
    await session.change(_SQL[name], named | {"state": state, "report": move.report})


async def adapter_versions(session: Session, layout: str, *, active: bool) -> tuple[AdapterVersion, ...]:
    """Return versions in order of layout and of coming."""
    name = "active_versions" if active else "versions_of_layout" if layout else "versions"
    return tuple(map(as_version, await session.rows(_SQL[name], {"layout": layout})))


async def version_changes(session: Session, layout: str) -> tuple[VersionChange, ...]:
    """Return the history of a layout, oldest first."""
    return tuple(map(as_version_change, await session.rows(_SQL["changes_of_layout"], {"layout": layout})))


async def changes_so_far(session: Session) -> int:
    """Return the number of the last change."""
    number: int = (await session.one(_SQL["changes_so_far"]))["number"]
    return number


async def version_content(
    session: Session, layout: str, version: str, part: Literal["files", "report"]
) -> bytes | None:
    """Return the packed files of a version, or its report."""
    row = await session.row(_SQL[part], {"layout": layout, "version": version})
    return None if row is None else row[part]


async def _serving(session: Session, layout: str) -> str:
    row = await session.row(_SQL["active_version"], {"layout": layout})
    return "" if row is None else row["version"]


async def _version_of(session: Session, layout: str, version: str) -> AdapterVersion | None:
    row = await session.row(_SQL["find_version"], {"layout": layout, "version": version})
    return None if row is None else as_version(row)
