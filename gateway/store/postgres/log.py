"""The audit log in PostgreSQL: leaves, the tree over them, checkpoints, salts.

Entries are gathered while a transaction runs and written at its end, all at once, under the lock of the tree's one
row. That lock is the sequencer of all nodes: it is held for one statement and one commit, and dies with its connection.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import asyncpg

from gateway.core.audit.entry import IndexRow
from gateway.core.audit.entry import index_of as index_row
from gateway.core.audit.merkle import leaf_hash
from gateway.core.audit.tiles import Appended, Edge, TileId, append, edge_tiles, read_edge
from gateway.core.errors import CorruptedError
from gateway.flow.ports import Checkpoint, SaltedEntry, TreeHead
from gateway.store.postgres.session import RacedError, Session
from gateway.store.postgres.statements import columns, prepared
from gateway.store.rows import as_checkpoint, entry_retired, log_gap
from gateway.store.times import to_us

_SQL = prepared("log")
_RECENT: Final = 1 << 20  # entries behind which nobody comes back with one that is in the log already
_END: Final = 2**63 - 1


class Sequencer:
    """Puts the entries of a transaction into the log, and lets the tree take them in.

    The right edge is remembered between transactions, and believed only while the stored size and root are its own:
    another node may have appended in between, and this one may have rolled back.
    """

    def __init__(self) -> None:
        self._edge = Edge()

    async def seal(self, session: Session) -> None:
        """Put the entries behind the last one; one that is there already is left alone.

        Raises CorruptedError where the same id is there with another leaf, and where leaves and head do not meet.
        """
        since = self._edge.size - _RECENT
        added = await _unknown(session, since=since, until=since + 2 * _RECENT)
        if not added:
            return
        stored = _head(await session.one(_SQL["lock_head"]))
        edge = await self._edge_at(session, stored)
        appended = append(edge, [leaf_hash(leaf) for leaf in added])
        if not await grow(session, appended, added, old=edge.size, since=since):
            self._edge = edge  # the next try looks behind it
            if await _unknown(session, since=since, until=edge.size) != added:
                raise RacedError("another node has logged an entry of these")
            raise CorruptedError("the tree grew while it was being grown", code="log_forked")
        self._edge = appended.edge

    async def _edge_at(self, session: Session, stored: TreeHead) -> Edge:
        if (self._edge.size, self._edge.root) == (stored.size, stored.root):
            return self._edge
        return read_edge(stored.size, stored.root, await tiles(session, edge_tiles(stored.size)))


async def _unknown(session: Session, *, since: int, until: int) -> Mapping[bytes, SaltedEntry]:
    """Return, by their leaves, the entries that are not in the log: whoever sends one again never heard that it is."""
    if not session.entries:
        return {}
    wanted = {"ids": [salted.entry.id for salted in session.entries], "since": since, "until": until}
    known = await _leaves_of(session, await session.rows(_SQL["known_entries"], wanted))
    added = {}
    for salted in session.entries:
        leaf = salted.entry.leaf()
        if known.setdefault(salted.entry.id, leaf) is leaf:
            added[leaf] = salted
        elif known[salted.entry.id] != leaf:
            raise CorruptedError("two entries have one id", code="entry_reused")
    return added


async def _leaves_of(session: Session, found: Sequence[Mapping[str, Any]]) -> dict[str, bytes]:
    """Return the leaves of entries by id."""
    if not found:
        return {}
    rows = await session.rows(_SQL["leaves_at"], {"positions": [row["position"] for row in found]})
    standing = {row["position"]: row["leaf"] for row in rows}
    return {row["id"]: standing[row["position"]] for row in found}


async def grow(
    session: Session, appended: Appended, leaves: Mapping[bytes, SaltedEntry], *, old: int, since: int
) -> bool:
    """Write leaves with all that follows from them; CorruptedError where they do not continue the tree.

    False, and the transaction is of no use, where the tree has another size than `old`, or one of the entries was put
    behind `since` by somebody else.
    """
    new = {
        "leaf": list(leaves),
        **columns([index_row(each.entry)._asdict() for each in leaves.values()], IndexRow._fields),
        "salt": [each.salt for each in leaves.values()],
        "tile_level": [tile.level for tile in appended.tiles],
        "tile_number": [tile.index for tile in appended.tiles],
        "tile_hashes": [tile.hashes for tile in appended.tiles],
    }
    try:
        sizes = {"old": old, "since": since, "size": appended.size}
        return await session.change(_SQL["grow"], new | sizes | {"root": appended.root}) == 1
    except asyncpg.UniqueViolationError as error:
        if (error.table_name or "").startswith("leaves"):
            raise log_gap() from error
        raise


async def head(session: Session) -> TreeHead:
    """Return the size and root of the tree."""
    return _head(await session.one(_SQL["head"]))


def _head(row: Mapping[str, object]) -> TreeHead:
    return TreeHead(**row)  # type: ignore[arg-type]  # the columns of `tree`


async def leaves(session: Session, start: int, count: int) -> tuple[bytes, ...]:
    """Return leaf bytes in order."""
    return tuple(row["leaf"] for row in await _range(session, "leaves", start, count))


async def index_rows(session: Session, start: int, count: int) -> tuple[IndexRow, ...]:
    """Return the derived index of entries, in order, as it is stored."""
    rows = await _range(session, "index_rows", start, count)
    return tuple(IndexRow(**{name: row[name] for name in IndexRow._fields}) for row in rows)


async def _range(session: Session, name: str, start: int, count: int) -> Sequence[Mapping[str, Any]]:
    """Return rows of the log by position; RetiredError where they were retired, CorruptedError where one is missing."""
    rows = await session.rows(_SQL[name], {"start": start, "end": min(start + max(0, count), _END)})
    if rows and rows[0]["position"] == start and rows[-1]["position"] == start + len(rows) - 1:
        return rows
    retired = await retired_size(session)
    if start < retired:
        raise entry_retired(retired)
    if rows:
        raise log_gap()
    return ()


async def retired_size(session: Session) -> int:
    """Return below which position the entries were retired."""
    return int((await session.one(_SQL["retired_size"]))["size"])


async def index_of(session: Session, entry: str) -> int | None:
    """Return where the entry with this id stands."""
    row = await session.row(_SQL["position_of"], {"id": entry})
    return None if row is None else row["position"]


async def tiles(session: Session, wanted: Sequence[TileId]) -> Mapping[TileId, bytes]:
    """Return the hashes of those tiles that are there, each as wide as it is by now."""
    named = {"levels": [tile.level for tile in wanted], "numbers": [tile.index for tile in wanted]}
    rows = await session.rows(_SQL["tiles"], named) if wanted else []
    found = {(row["level"], row["number"]): row["hashes"] for row in rows}
    return {tile: found[tile.level, tile.index] for tile in wanted if (tile.level, tile.index) in found}


async def checkpoint(session: Session, size: int | None) -> Checkpoint | None:
    """Return the checkpoint over a size, or the newest."""
    name = "newest_checkpoint" if size is None else "checkpoint"
    row = await session.row(_SQL[name], {} if size is None else {"size": size})
    return None if row is None else as_checkpoint(row)


async def checkpoints(session: Session, after: int, limit: int) -> tuple[Checkpoint, ...]:
    """Return the checkpoints over sizes above `after`, smallest first."""
    return tuple(map(as_checkpoint, await session.rows(_SQL["checkpoints"], {"after": after, "limit": max(0, limit)})))


async def keep_checkpoint(session: Session, made: Checkpoint) -> Checkpoint:
    """Keep a checkpoint, or return the one kept over the same tree; CorruptedError over another tree of that size."""
    row = {"size": made.size, "root": made.root, "note": made.note, "made_at": to_us(made.made_at)}
    if await session.change(_SQL["add_checkpoint"], row):
        return made
    kept = as_checkpoint(await session.one(_SQL["checkpoint"], {"size": made.size}))
    if kept.root != made.root:
        raise CorruptedError("a checkpoint over this size has another root", code="checkpoint_forked")
    return kept
