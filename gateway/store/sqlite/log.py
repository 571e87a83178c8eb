"""The audit log in SQLite: leaves, the tree over them, checkpoints, salts.

Leaves are put behind the last one as their transactions come; before each transaction ends, the tree takes in what
was added, so leaves and tree are never seen apart and a batch rewrites a partial tile once.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from gateway.core.audit.entry import IndexRow
from gateway.core.audit.entry import index_of as index_row
from gateway.core.audit.merkle import leaf_hash
from gateway.core.audit.tiles import Appended, Edge, TileId, append, edge_tiles, read_edge
from gateway.core.errors import CorruptedError
from gateway.flow.ports import Checkpoint, SaltedEntry, TreeHead
from gateway.store.named import statements
from gateway.store.rows import as_checkpoint, entry_retired, log_gap
from gateway.store.times import to_us

_SQL = statements(Path(__file__).parent / "statements" / "log.sql")


def add_entries(connection: sqlite3.Connection, entries: Iterable[SaltedEntry]) -> None:
    """Put entries behind the last one; `Sequencer.seal` must end the transaction.

    One that is there already is left alone: its caller never heard that it had been kept, and tries again.
    Raises CorruptedError where the same id is there with another leaf.
    """
    for salted in entries:
        leaf = salted.entry.leaf()
        indexed = connection.execute(_SQL["add_index_row"], index_row(salted.entry))
        if indexed.rowcount == 0:
            _require_same(connection, salted.entry.id, leaf)
            continue
        connection.execute(_SQL["add_leaf"], {"position": indexed.lastrowid, "leaf": leaf})
        if salted.salt:
            connection.execute(_SQL["add_salt"], {"position": indexed.lastrowid, "salt": salted.salt})


class Sequencer:
    """Lets the tree take in new leaves.

    The right edge is remembered between transactions, and believed only while the stored size and root are its own:
    another process may have appended in between, and this one may have rolled back.
    """

    def __init__(self) -> None:
        self._edge = Edge()

    def seal(self, connection: sqlite3.Connection) -> None:
        """Grow the tree over the leaves behind its head; CorruptedError where leaves and head do not meet."""
        stored = head(connection)
        added = connection.execute(_SQL["leaves"], {"start": stored.size, "count": -1}).fetchall()
        if not added:
            return
        if added[0]["position"] != stored.size or added[-1]["position"] != stored.size + len(added) - 1:
            raise log_gap()
        edge = self._edge_at(connection, stored)
        appended = append(edge, [leaf_hash(row["leaf"]) for row in added])
        _keep(connection, edge, appended)
        self._edge = appended.edge

    def _edge_at(self, connection: sqlite3.Connection, stored: TreeHead) -> Edge:
        if (self._edge.size, self._edge.root) == (stored.size, stored.root):
            return self._edge
        return read_edge(stored.size, stored.root, tiles(connection, edge_tiles(stored.size)))


def _keep(connection: sqlite3.Connection, edge: Edge, appended: Appended) -> None:
    for tile in appended.tiles:
        connection.execute(_SQL["put_tile"], {"level": tile.level, "number": tile.index, "hashes": tile.hashes})
    grown = {"size": appended.size, "root": appended.root, "old": edge.size}
    if connection.execute(_SQL["advance_head"], grown).rowcount != 1:
        raise CorruptedError("the tree grew while it was being grown", code="log_forked")


def _require_same(connection: sqlite3.Connection, entry: str, leaf: bytes) -> None:
    if connection.execute(_SQL["leaf_of"], {"id": entry}).fetchone()["leaf"] != leaf:
        raise CorruptedError("two entries have one id", code="entry_reused")


def head(connection: sqlite3.Connection) -> TreeHead:
    """Return the size and root of the tree."""
    size, root = connection.execute(_SQL["head"]).fetchone()
    return TreeHead(size=size, root=root)


def leaves(connection: sqlite3.Connection, start: int, count: int) -> tuple[bytes, ...]:
    """Return leaf bytes in order."""
    return tuple(row["leaf"] for row in _range(connection, "leaves", start, count))


def index_rows(connection: sqlite3.Connection, start: int, count: int) -> tuple[IndexRow, ...]:
    """Return the derived index of entries, in order, as it is stored."""
    return tuple(IndexRow(*row[1:]) for row in _range(connection, "index_rows", start, count))


def _range(connection: sqlite3.Connection, name: str, start: int, count: int) -> Sequence[sqlite3.Row]:
    """Return rows of the log by position; RetiredError where they were retired, CorruptedError where one is missing."""
    rows = connection.execute(_SQL[name], {"start": start, "count": max(0, count)}).fetchall()
    if rows and rows[0]["position"] == start and rows[-1]["position"] == start + len(rows) - 1:
        return rows
    retired = retired_size(connection)
    if start < retired:
        raise entry_retired(retired)
    if rows:
        raise log_gap()
    return ()


def retired_size(connection: sqlite3.Connection) -> int:
    """Return below which position the entries were retired."""
    return int(connection.execute(_SQL["retired_size"]).fetchone()[0])


def index_of(connection: sqlite3.Connection, entry: str) -> int | None:
    """Return where the entry with this id stands."""
    row = connection.execute(_SQL["position_of"], {"id": entry}).fetchone()
    return None if row is None else row["position"]


def tiles(connection: sqlite3.Connection, wanted: Sequence[TileId]) -> Mapping[TileId, bytes]:
    """Return the hashes of those tiles that are there, each as wide as it is by now."""
    found = {}
    for tile in wanted:
        row = connection.execute(_SQL["tile"], {"level": tile.level, "number": tile.index}).fetchone()
        if row is not None:
            found[tile] = row["hashes"]
    return found


def checkpoint(connection: sqlite3.Connection, size: int | None) -> Checkpoint | None:
    """Return the checkpoint over a size, or the newest."""
    name = "newest_checkpoint" if size is None else "checkpoint"
    row = connection.execute(_SQL[name], {} if size is None else {"size": size}).fetchone()
    return None if row is None else as_checkpoint(dict(row))


def checkpoints(connection: sqlite3.Connection, after: int, limit: int) -> tuple[Checkpoint, ...]:
    """Return the checkpoints over sizes above `after`, smallest first."""
    rows = connection.execute(_SQL["checkpoints"], {"after": after, "limit": max(0, limit)})
    return tuple(as_checkpoint(dict(row)) for row in rows)


def keep_checkpoint(connection: sqlite3.Connection, made: Checkpoint) -> Checkpoint:
    """Keep a checkpoint, or return the one kept over the same tree; CorruptedError over another tree of that size."""
    kept = checkpoint(connection, made.size)
    if kept is None:
        row = {"size": made.size, "root": made.root, "note": made.note, "made_at": to_us(made.made_at)}
        connection.execute(_SQL["add_checkpoint"], row)
        return made
    if kept.root != made.root:
        raise CorruptedError("a checkpoint over this size has another root", code="checkpoint_forked")
    return kept
