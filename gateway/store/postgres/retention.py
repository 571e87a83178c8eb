"""Retirements in PostgreSQL: partitions for what comes, and whole partitions dropped of what is gone.

What lies beyond the last whole partition is deleted, some thousand rows at a time. All of it happens on a connection of
its own, by one node at a time; a step that does not get its locks at once lets everybody pass and tries again.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg

from gateway.core.errors import SettingsError, StoreUnavailableError
from gateway.flow.ports import Retired, Retirement, SaltedEntry, Stock
from gateway.store.postgres.failures import promised
from gateway.store.postgres.server import Server, unreachable
from gateway.store.postgres.session import Session
from gateway.store.postgres.statements import Statement, prepared
from gateway.store.rows import as_retirement, beyond_log, retirement_row
from gateway.store.times import to_us

_SQL = prepared("retention")
_LOG_SQL = prepared("log")
_SCHEMA_SQL = prepared("schema")

_EXCHANGES: Final = "taken_exchanges"
_LOG: Final = (  # its tables, and how each is kept to oneself, and rid of rows
    ("leaves", "hold_leaves", "discard_leaves"),
    ("entry_index", "hold_index", "discard_index"),
    ("entry_salts", "hold_salts", "discard_salts"),
)
WIDTH: Final = 1 << 20  # entries of a partition, at least; as many as come in a week, if those are more
_GROWTH: Final = timedelta(days=7)
_ROWS: Final = 5_000  # deleted in one transaction
_PAGES: Final = 500
_TRIES: Final = 100
_PAUSE_S: Final = 0.1
_PATIENCE_S: Final = 600.0  # whoever counts or deletes may read a whole table


async def retire(session: Session, retirement: Retirement, entry: SaltedEntry) -> None:
    """Record a retirement and its entry."""
    if retirement.size > (await session.one(_LOG_SQL["head"]))["size"]:
        raise beyond_log()
    await session.change(_SQL["add_retirement"], retirement_row(retirement))
    session.add_entries((entry,))


async def retirements(session: Session) -> tuple[Retirement, ...]:
    """Return every retirement, oldest first."""
    return tuple(map(as_retirement, await session.rows(_SQL["retirements"])))


@dataclass(frozen=True, kw_only=True, slots=True)
class Housekeeper:
    """Makes partitions and takes away what was retired."""

    server: Server

    async def make_room(self, now: datetime) -> None:
        """Make the partitions of this month and the next two, and two of the log ahead of its head."""
        async with self._alone() as session:
            if session is not None:
                await self._make_months(session, now)
                size = (await session.one(_LOG_SQL["head"]))["size"]
                then = (await session.one(_SQL["size_then"], {"moment": to_us(now - _GROWTH)}))["size"]
                await make_log_room(session, size, size - then)

    async def stock(self, before: datetime, size: int) -> Stock:
        """Count what retiring would take away."""
        async with self._connected() as session:
            return Stock(**await session.one(_SQL["stock"], {"before": to_us(before), "size": size}))

    async def discard(self) -> None:
        """Take away what was retired and is still there."""
        async with self._alone() as session:
            if session is None:
                raise StoreUnavailableError("another node takes away what was retired", code="store_busy")
            latest = {each.kind: each for each in await retirements(session)}
            if (exchanges := latest.get(Retired.EXCHANGES)) is not None:
                await self._discard_exchanges(session, to_us(exchanges.before))
            if (entries := latest.get(Retired.ENTRIES)) is not None:
                await self._discard_entries(session, entries.size)

    async def _make_months(self, session: Session, now: datetime) -> None:
        end, moment = _end(await session.rows(_SQL["partitions"]), _EXCHANGES), to_us(now)
        for _ in range(3):
            moment = (await session.one(_SQL["month_after"], {"moment": moment}))["begins"]
        while end is not None and end < moment:
            await _do(session, _SQL["make_month"], {"low": end}, hold=_SQL["hold_exchanges"])
            end = (await session.one(_SQL["month_after"], {"moment": end}))["begins"]

    async def _discard_exchanges(self, session: Session, before: int) -> None:
        await _discard_deliveries(session, before)
        parts = await session.rows(_SQL["partitions"])
        for part in parts:
            if part["parent"] != _EXCHANGES:
                continue
            if _may_go(part, parts, before):
                await _do(session, _SQL["drop_exchanges"], {"part": part["part"]})
            elif part["low"] in {None, "MINVALUE"} or int(part["low"]) < before:
                for page in range(0, part["pages"] + 1, _PAGES):
                    wanted = {"part": part["part"], "before": before, "page": page, "pages": _PAGES}
                    await _do(session, _SQL["discard_exchanges"], wanted)

    async def _discard_entries(self, session: Session, size: int) -> None:
        parts = await session.rows(_SQL["partitions"])
        for part in parts:
            if part["parent"] != _EXCHANGES and _may_go(part, parts, size):
                await _do(session, _SQL["drop_entries"], {"part": part["part"]})
        first = await session.one(_SQL["first_positions"])
        for table, _, name in _LOG:
            low = first[table.removeprefix("entry_")]
            for at in range(size if low is None else low, size, _ROWS):
                await _do(session, _SQL[name], {"low": at, "high": min(at + _ROWS, size)})

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[Session | None]:
        """Keep house while nobody else does; None where somebody is at it."""
        async with self._connected() as session:
            yield session if (await session.one(_SQL["housekeep_alone"]))["alone"] else None

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Session]:
        try:
            connection = await self.server.connect(_PATIENCE_S)
            try:
                with promised():
                    yield Session(connection)
            finally:
                connection.terminate()
        except SettingsError as error:  # it was right when the store was opened, and what serves goes on without this
            raise unreachable(error) from error


async def make_log_room(session: Session, size: int, growth: int) -> None:
    """Make partitions of the log until two lie ahead of a size, each for as many entries as are said to come."""
    partitions = await session.rows(_SQL["partitions"])
    width = -(-max(growth, 1) // WIDTH) * WIDTH
    for parent, hold, _ in _LOG:
        end = _end(partitions, parent)
        while end is not None and end < size + 2 * width:
            wanted = {"parent": parent, "low": end, "high": end + width}
            await _do(session, _SQL["make_entries"], wanted, hold=_SQL[hold])
            end += width


async def _discard_deliveries(session: Session, before: int) -> None:
    """Go through deliveries as they came, until none of those that come next is old."""
    after, old = 0, True
    while old:
        wanted = {"after": after, "before": before, "limit": _ROWS}
        (told,) = await session.changed(_SQL["discard_deliveries"], wanted)
        after, old = told["last"] or after, told["old"]


async def _do(
    session: Session, statement: Statement, named: Mapping[str, Any], *, hold: Statement | None = None
) -> None:
    """Do something in a transaction that waits for no lock: whoever waits keeps all that come later waiting.

    `hold` keeps everybody off a table meanwhile. Rows are moved when a partition is made, and whoever had chosen the
    old one by then, and waited for it, would look where they are no more, or write where they may not stand.
    """
    for _ in range(_TRIES):
        try:
            async with session.transaction():
                await session.rows(_SCHEMA_SQL["hurry"])
                if hold is not None:
                    await session.rows(hold)
                await session.rows(statement, named)
                return
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            await asyncio.sleep(_PAUSE_S)
    raise StoreUnavailableError("the nodes left no moment for it", code="store_busy")


def _may_go(part: Mapping[str, Any], partitions: Sequence[Mapping[str, Any]], before: int) -> bool:
    """Tell whether a partition is all old; the last of its table stays, for the next one begins where it ends."""
    return part["high"] is not None and part["high"] <= before and part["high"] != _end(partitions, part["parent"])


def _end(partitions: Sequence[Mapping[str, Any]], parent: str) -> int | None:
    """Return where the last partition of a table ends; None of one that has none yet."""
    ends = [part["high"] for part in partitions if part["parent"] == parent and part["high"] is not None]
    return max(ends, default=None)
