"""The two ends of a copy, as what copies needs them: a store at rest, held by nobody else."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from gateway.core.errors import SettingsError
from gateway.flow.ports import TreeHead
from gateway.store.copying.shape import Key, Row, Table

BATCH_ROWS: Final = 1_000
BATCH_BYTES: Final = 4 << 20  # of bodies and the like; a batch ends with the row that passes this


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """By what a store at rest is known again: another one, or the same one after a gateway has used it, differs."""

    epoch: str  # the name under which it counts changes of its catalogue
    head: TreeHead


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """What stands in a store that is being copied, or was: none in one that is in service."""

    copy: str  # names the copy, at both ends
    moved: bool  # a store that was copied away, and not an unfinished copy
    place: str  # of the other end, without its password
    origin: Origin
    table: str = ""  # of an unfinished copy: the one that is being filled, …
    after: Key = ()  # … and the key of its last row here


class End(Protocol):
    """A store that this process alone has open, until it is let go."""

    async def mark(self) -> Mark | None:
        """Return the mark that stands in the store."""
        ...

    async def origin(self) -> Origin:
        """Return what the store is known by."""
        ...

    async def count(self, table: Table) -> int:
        """Return how many rows a table has."""
        ...

    def rows(self, table: Table, after: Key = ()) -> AsyncGenerator[list[Row], None]:
        """Yield the rows behind a key in batches of bounded size, ordered by their key."""
        ...

    async def counters(self) -> Mapping[str, int]:
        """Return, for every counted table, the highest number ever given."""
        ...

    async def begin(self, mark: Mark) -> None:
        """Make the store an unfinished copy: from here on no gateway opens it; durable when it returns."""
        ...

    async def put(self, table: Table, rows: Sequence[Row], mark: Mark) -> None:
        """Keep rows of a table with the mark of how far they go, in one transaction.

        Where the mark stood in another table before, this one is emptied first: a new store is born with a few rows,
        and others were made by the triggers of tables that came before.
        """
        ...

    async def finish(self, counters: Mapping[str, int]) -> None:
        """Have numbers go on above the highest given, and take the mark away: gateways may open the store."""
        ...

    async def leave(self, mark: Mark) -> None:
        """Mark the store as moved, so that no gateway opens it or lets its log grow; durable when it returns."""
        ...

    async def close(self) -> None:
        """Let go of the store."""
        ...


def require_in_service(mark: Mark | None) -> None:
    """Return only for a store without a mark.

    Raises SettingsError `store_moved` for one that was copied away, `store_unfinished` for a copy that has no end yet.
    """
    if mark is None:
        return
    if mark.moved:
        raise SettingsError(
            f"the store was moved to {mark.place}: use that one. If it was given up and nothing was ever served from "
            "it, `tongban store reopen` takes this one into service again",
            code="store_moved",
        )
    raise SettingsError(
        f"the store is an unfinished copy of {mark.place}: run the same `tongban store copy` again",
        code="store_unfinished",
    )


def in_use() -> SettingsError:
    """Return what is said of a store that somebody else has open."""
    return SettingsError(
        "the store is in use: stop every gateway and command on it first, and nobody else may copy it",
        code="store_in_use",
    )
