"""The audit log in PostgreSQL: leaves, the tree over them, checkpoints, salts.

Entries are gathered while a transaction runs and written at its end, all at once, under the lock of the tree's one
row. That lock is the sequencer of all nodes: it is held for one statement and one commit, and dies with its connection.
"""

from collections.abc import Mapping, Sequence

import asyncpg

from gateway.core.audit.entry import IndexRow
from gateway.core.audit.entry import index_of as index_row
from gateway.core.audit.merkle import leaf_hash
from gateway.core.audit.tiles import Appended, Edge, TileId, append, edge_tiles, read_edge
from gateway.core.errors import CorruptedError
from gateway.flow.ports import Checkpoint, SaltedEntry, TreeHead
from gateway.store.postgres.session import Session
from gateway.store.postgres.statements import columns, prepared
from gateway.store.rows import as_checkpoint
from gateway.store.times import to_us

_SQL = prepared("log")


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
        added = await _unknown(session)
        if not added:
            return
        stored = _head(await session.one(_SQL["lock_head"]))
        edge = await self._edge_at(session, stored)
        appended = append(edge, [leaf_hash(leaf) for leaf in added])
        await grow(session, edge, appended, added)
        self._edge = appended.edge

    async def _edge_at(self, session: Session, stored: TreeHead) -> Edge:
        if (self._edge.size, self._edge.root) == (stored.size, stored.root):
            return self._edge
        return read_edge(stored.size, stored.root, await tiles(session, edge_tiles(stored.size)))


async def _unknown(session: Session) -> Mapping[bytes, SaltedEntry]:
    """Return, by their leaves, the entries that are not in the log: whoever sends one again never heard that it is."""
    if not session.entries:
        return {}
    found = await session.rows(_SQL["known_entries"], {"ids": [salted.entry.id for salted in session.entries]})
    known: dict[str, bytes] = {row["id"]: row["leaf"] for row in found}
    added = {}
    for salted in session.entries:
        leaf = salted.entry.leaf()
        if known.setdefault(salted.entry.id, leaf) is leaf:
            added[leaf] = salted
        elif known[salted.entry.id] != leaf:
            raise CorruptedError("two entries have one id", code="entry_reused")
    return added


async def grow(session: Session, edge: Edge, appended: Appended, leaves: Mapping[bytes, SaltedEntry]) -> None:
    """Write leaves with all that follows from them; CorruptedError where they do not continue the tree."""
    salted = [each for each in leaves.values() if each.salt]
    new = {
        "leaf": list(leaves),
        **columns([index_row(each.entry)._asdict() for each in leaves.values()], IndexRow._fields),
        "salted": [each.entry.id for each in salted],
        "salt": [each.salt for each in salted],
        "tile_level": [tile.level for tile in appended.tiles],
        "tile_number": [tile.index for tile in appended.tiles],
        "tile_hashes": [tile.hashes for tile in appended.tiles],
    }
    try:
        grown = await session.change(
            _SQL["grow"], new | {"old": edge.size, "size": appended.size, "root": appended.root}
        )
    except asyncpg.UniqueViolationError as error:
        if error.table_name == "leaves":
            raise CorruptedError("the leaves do not continue the tree", code="log_gap") from error
        raise
    if grown != 1:
        raise CorruptedError("the tree grew while it was being grown", code="log_forked")


async def head(session: Session) -> TreeHead:
    """Return the size and root of the tree."""
    return _head(await session.one(_SQL["head"]))


def _head(row: Mapping[str, object]) -> TreeHead:
    return TreeHead(**row)  # type: ignore[arg-type]  # the columns of `tree`


async def leaves(session: Session, start: int, count: int) -> tuple[bytes, ...]:
    """Return leaf bytes in order."""
    rows = await session.rows(_SQL["leaves"], {"start": start, "count": max(0, count)})
    return tuple(row["leaf"] for row in rows)


async def index_rows(session: Session, start: int, count: int) -> tuple[IndexRow, ...]:
    """Return the derived index of entries, in order, as it is stored."""
    rows = await session.rows(_SQL["index_rows"], {"start": start, "count": max(0, count)})
    return tuple(IndexRow(**row) for row in rows)


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
