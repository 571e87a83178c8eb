"""What is kept no longer than it must be, and that this was done on purpose."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from gateway.flow.ports.log import SaltedEntry


class Retired(StrEnum):
    """What is retired, each by itself."""

    EXCHANGES = "exchanges"  # with what carried them; their ids are remembered for ever
    ENTRIES = "entries"  # of the log; their hashes stay in the tree for ever


@dataclass(frozen=True, kw_only=True, slots=True)
class Retirement:
    """One retirement, as it is recorded beside what it leaves."""

    kind: Retired
    before: datetime  # what was received, or logged, before it
    size: int  # of entries: those below it were retired; of exchanges: that of the log then
    root: bytes  # that the tree has at this size
    entry: str  # id of the entry in the log that says so
    retired_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Stock:
    """What a retirement would take away."""

    exchanges: int
    deliveries: int
    entries: int


class Archive(Protocol):
    """A place for what is about to go."""

    async def put(self, path: str, content: bytes) -> None:
        """Keep a file under a path, durable when it returns; the same again changes nothing.

        Raises ConflictError `archive_unfit` where there is another content under that path.
        """
        ...


class Retention(Protocol):
    """Takes away what is old, whole or not at all as far as anybody can see, and gives the room back."""

    async def make_room(self, now: datetime) -> None:
        """Prepare for what will be kept in the time to come; anybody may, at any time, and nothing depends on it."""
        ...

    async def stock(self, before: datetime, size: int) -> Stock:
        """Count what retiring everything received before a time, and all entries below a size, would take away.

        An exchange of which a delivery is due, in flight or dead stays, and so does that delivery, however old.
        """
        ...

    async def retire(self, retirement: Retirement, entry: SaltedEntry) -> None:
        """Record a retirement and its entry, in one transaction; `discard` then takes away what it names.

        ConflictError `retirement_beyond_log` where the log has not that size.
        """
        ...

    async def discard(self) -> None:
        """Take away what was retired and is still there, a bounded part at a time.

        Cut off at any moment, doing it again ends it. Raises StoreUnavailableError `store_busy` where another node is
        at it, or the others leave no moment for it.
        """
        ...

    async def retirements(self) -> tuple[Retirement, ...]:
        """Return every retirement, oldest first."""
        ...
