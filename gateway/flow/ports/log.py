"""The audit log as it stands, and what is appended to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.core.audit.entry import Entry, IndexRow
from gateway.core.audit.tiles import TileId


@dataclass(frozen=True, kw_only=True, slots=True)
class SaltedEntry:
    """An audit entry and the salt of its commitments; the salt is kept beside the log, where it can be erased."""

    entry: Entry
    salt: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class TreeHead:
    """The size and root hash of the audit tree."""

    size: int
    root: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryFilter:
    """Which entries an auditor asks for; empty fields ask for nothing in particular."""

    kind: str = ""
    outcome: str = ""
    exchange: str = ""
    number: str = ""
    partner: str = ""  # as source or destination
    item_code: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """A signed note over one tree size, as released."""

    size: int
    root: bytes
    note: str
    made_at: datetime


class Log(Protocol):
    """The audit log as it stands, and the checkpoints released over it."""

    async def head(self) -> TreeHead:
        """Return the size and root of the tree."""
        ...

    async def leaves(self, start: int, count: int) -> tuple[bytes, ...]:
        """Return leaf bytes in order, fewer where the log ends.

        Raises RetiredError `entry_retired` where the first was retired, CorruptedError `log_gap` where one is missing.
        """
        ...

    async def retired_size(self) -> int:
        """Return how many entries, from the first on, were retired: of these only the hashes are left."""
        ...

    async def search(self, wanted: EntryFilter, *, before: int | None = None, limit: int = 100) -> tuple[int, ...]:
        """Return the indexes of entries asked for, newest first, below `before`."""
        ...

    async def index_of(self, entry: str) -> int | None:
        """Return where the entry with this id stands."""
        ...

    async def tiles(self, wanted: Iterable[TileId]) -> Mapping[TileId, bytes]:
        """Return the hashes of tiles, each at least as wide as asked for."""
        ...

    async def checkpoint(self, size: int | None = None) -> Checkpoint | None:
        """Return the checkpoint over a size, or the newest."""
        ...

    async def checkpoints(self, *, after: int = -1, limit: int = 1_000) -> tuple[Checkpoint, ...]:
        """Return the checkpoints over sizes above `after`, smallest first."""
        ...

    async def index_rows(self, start: int, count: int) -> tuple[IndexRow, ...]:
        """Return the derived index of entries, in order, as it is stored: for checking it against the leaves.

        Raises as `leaves`.
        """
        ...

    async def keep_checkpoint(self, checkpoint: Checkpoint) -> Checkpoint:
        """Make a checkpoint durable before anybody sees it; return the one kept.

        One size never has two: a second for the same size and root yields the first,
        and one with another root raises CorruptedError.
        """
        ...


class LastSigned(Protocol):
    """What this node signed last, remembered outside the store."""

    async def read(self) -> TreeHead | None:
        """Return the greatest tree that was signed, None where nothing was."""
        ...

    async def keep(self, checkpoint: Checkpoint) -> None:
        """Remember a checkpoint durably, unless it is over no greater size than the one that is remembered."""
        ...
