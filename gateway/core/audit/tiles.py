"""The tree as C2SP tlog-tiles (https://c2sp.org/tlog-tiles): what to write when it grows, what to read for a proof.

* A tile at level l holds up to 256 consecutive roots of perfect subtrees of 256**l entries; level 0 holds leaf hashes.
* Its index counts tiles of its level from the left. A full tile never changes.
* A partial tile is a prefix of every later version of itself. So a store keeps only the widest one it has, and
  proofs for an earlier, smaller tree are read from its first hashes.
* Appending needs the right edge alone: the partial tile of each level, and the peaks of the tree.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from gateway.core.audit.merkle import EMPTY_ROOT, HASH_BYTES, fold, grow
from gateway.core.errors import CorruptedError, ProofError

HEIGHT = 8  # of the subtree a tile spans
WIDTH = 1 << HEIGHT
TILE_BYTES = WIDTH * HASH_BYTES


class TileId(NamedTuple):
    """Which tile, and how many of its hashes a tree of one size has; 256 is a full tile."""

    level: int
    index: int  # type: ignore[assignment]  # tlog-tiles' word; nobody searches this tuple
    width: int = WIDTH


@dataclass(frozen=True, kw_only=True, slots=True)
class Tile:
    """Consecutive hashes of one level, as stored and served."""

    level: int
    index: int
    hashes: bytes

    @property
    def width(self) -> int:
        """How many hashes it holds, 1 to 256."""
        return len(self.hashes) // HASH_BYTES

    @property
    def id(self) -> TileId:
        """Its address at this width."""
        return TileId(self.level, self.index, self.width)


@dataclass(frozen=True, kw_only=True, slots=True)
class Edge:
    """The right edge of a tree: everything that appending to it needs."""

    size: int = 0
    root: bytes = EMPTY_ROOT
    peaks: tuple[bytes, ...] = ()
    partials: tuple[bytes, ...] = ()  # hashes of each level's partial tile; b"" where the level has only full ones


@dataclass(frozen=True, kw_only=True, slots=True)
class Appended:
    """What one append changes: rows to write, and the edge to append to next."""

    tiles: tuple[Tile, ...]  # every tile that is new or wider, full and partial
    edge: Edge

    @property
    def size(self) -> int:
        """How many entries the tree now has."""
        return self.edge.size

    @property
    def root(self) -> bytes:
        """The root it now has."""
        return self.edge.root


def append(edge: Edge, leaf_hashes: Sequence[bytes]) -> Appended:
    """Add leaf hashes at the right; costs two hashes a leaf at most on average, and one copy of the edge."""
    peaks = list(edge.peaks)
    rows = [bytearray(partial) for partial in edge.partials]
    for size, leaf in enumerate(leaf_hashes, edge.size):
        for level, node in enumerate(grow(peaks, size, leaf)[::HEIGHT]):
            if level == len(rows):
                rows.append(bytearray())
            rows[level] += node
    size = edge.size + len(leaf_hashes)
    tiles = tuple(_changed(edge, size, rows))
    # A row's hashes beyond its last full tile are the new partial one.
    partials = tuple(bytes(row[len(row) - len(row) % TILE_BYTES :]) for row in rows)
    return Appended(tiles=tiles, edge=Edge(size=size, root=fold(peaks), peaks=tuple(peaks), partials=partials))


def _changed(edge: Edge, size: int, rows: list[bytearray]) -> Iterator[Tile]:
    for level, row in enumerate(rows):
        before, after = edge.size >> HEIGHT * level, size >> HEIGHT * level
        if before == after:
            break  # no subtree of this height was completed, so none above either
        for start in range(0, len(row), TILE_BYTES):
            index = (before >> HEIGHT) + start // TILE_BYTES
            yield Tile(level=level, index=index, hashes=bytes(row[start : start + TILE_BYTES]))


def edge_tiles(size: int) -> tuple[TileId, ...]:
    """Return the partial tiles that `read_edge` needs for a tree of this size, from level 0 up."""
    return tuple(
        _tile_at(level, size >> HEIGHT * (level + 1), size)
        for level in range(_levels(size))
        if (size >> HEIGHT * level) % WIDTH
    )


def read_edge(size: int, root: bytes, tiles: Mapping[TileId, bytes]) -> Edge:
    """Restore the edge from stored tiles; CorruptedError if they do not have this root.

    Costs a few hundred hashes, so it is done when a store is opened, not for each append.
    """
    needed = {tile.level: _hashes(tile, tiles) for tile in edge_tiles(size)}
    partials = tuple(needed.get(level, b"") for level in range(_levels(size)))
    peaks = tuple(_subtree(height, index, size, tiles) for height, index in _perfect_subtrees(0, size))
    if fold(peaks) != root:
        raise CorruptedError("the stored tiles do not have the stored root", code="log_root_differs")
    return Edge(size=size, root=root, peaks=peaks, partials=partials)


def tiles_for_inclusion(index: int, size: int) -> tuple[TileId, ...]:
    """Return the tiles that `inclusion_proof` reads; ProofError if there is no such entry."""
    return _tiles_for(_inclusion_ranges(index, size), size)


def tiles_for_consistency(old: int, new: int) -> tuple[TileId, ...]:
    """Return the tiles that `consistency_proof` reads; ProofError if `old` is not the smaller."""
    return _tiles_for(_consistency_ranges(old, new), new)


def inclusion_proof(index: int, size: int, tiles: Mapping[TileId, bytes]) -> tuple[bytes, ...]:
    """Return the path from entry `index` to the root of the tree of `size`, sibling first (RFC 9162 §2.1.3.1).

    `tiles` holds what `tiles_for_inclusion` named, each at least as wide; CorruptedError if one is missing.
    """
    return tuple(_range_root(start, end, size, tiles) for start, end in _inclusion_ranges(index, size))


def consistency_proof(old: int, new: int, tiles: Mapping[TileId, bytes]) -> tuple[bytes, ...]:
    """Return the proof that the tree of `new` entries begins with that of `old` (RFC 9162 §2.1.4.1).

    `tiles` holds what `tiles_for_consistency` named, each at least as wide; CorruptedError if one is missing.
    """
    return tuple(_range_root(start, end, new, tiles) for start, end in _consistency_ranges(old, new))


def tiles_for_root(size: int) -> tuple[TileId, ...]:
    """Return the tiles that `root_at` reads."""
    return _tiles_for([(0, size)] if size else [], size)


def root_at(size: int, tiles: Mapping[TileId, bytes]) -> bytes:
    """Return the root that the tree had at a size; CorruptedError if a tile that `tiles_for_root` named is missing."""
    return _range_root(0, size, size, tiles) if size else EMPTY_ROOT


# Both proofs are lists of ranges of entries: the hash of each is one node of the proof, nearest the leaves first.


def _inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    # SPEC RFC 9162 2.1.3.1: for m < k, PATH(m, D_n) = PATH(m, D[0:k]) : MTH(D[k:n]);
    # for m >= k, PATH(m, D_n) = PATH(m - k, D[k:n]) : MTH(D[0:k]); k is the largest power of two smaller than n.
    if not 0 <= index < size:
        raise ProofError("the entry lies outside the tree")
    ranges, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def _consistency_ranges(old: int, new: int) -> list[tuple[int, int]]:
    # SPEC RFC 9162 2.1.4.1: PROOF(m, D_n) = SUBPROOF(m, D_n, true);
    # for m <= k, SUBPROOF(m, D_n, b) = SUBPROOF(m, D[0:k], b) : MTH(D[k:n]);
    # for m > k, SUBPROOF(m, D_n, b) = SUBPROOF(m - k, D[k:n], false) : MTH(D[0:k]);
    # SUBPROOF(m, D_m, true) = {} and SUBPROOF(m, D_m, false) = {MTH(D_m)}.
    if not 0 <= old <= new:
        raise ProofError("the later tree is smaller than the earlier one")
    if old == 0:
        return []
    ranges, start, end = [], 0, new
    while old < end:
        middle = start + _split(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:
        ranges.append((start, end))
    return ranges[::-1]


def _split(count: int) -> int:
    """Return the largest power of two smaller than count."""
    return 1 << (count - 1).bit_length() - 1


def _perfect_subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a range of RFC 9162 ranges into its perfect subtrees, largest first, as (height, index at that height)."""
    while start < end:
        height = (end - start).bit_length() - 1
        yield height, start >> height
        start += 1 << height


def _range_root(start: int, end: int, size: int, tiles: Mapping[TileId, bytes]) -> bytes:
    return fold([_subtree(height, index, size, tiles) for height, index in _perfect_subtrees(start, end)])


def _subtree(height: int, index: int, size: int, tiles: Mapping[TileId, bytes]) -> bytes:
    """Return the root of a perfect subtree, hashed up from the highest tile at or below it."""
    level, rest = divmod(height, HEIGHT)
    first = index << rest  # of its hashes in that level
    hashes = _hashes(_tile_at(level, first >> HEIGHT, size), tiles)
    offset = first % WIDTH * HASH_BYTES
    return _perfect_root(hashes[offset : offset + (HASH_BYTES << rest)])


def _perfect_root(hashes: bytes) -> bytes:
    return _hash_up(hashes) if len(hashes) < _WORTH_KEEPING_BYTES else _hash_up_once(hashes)


def _hash_up(hashes: bytes) -> bytes:
    pair = 2 * HASH_BYTES
    while len(hashes) > HASH_BYTES:
        # node_hash, written out: a proof spends nearly all its time in this line
        hashes = b"".join([sha256(b"\x01" + hashes[at : at + pair]).digest() for at in range(0, len(hashes), pair)])
    return hashes


# Every proof meets the same few tiles of the upper levels and of the right edge, whose inner nodes are not stored.
# Keeping a thousand roots of 1 to 4 KB halves the cost of a proof; the bytes are the key, so it can never be stale.
_WORTH_KEEPING_BYTES = 32 * HASH_BYTES
_hash_up_once = lru_cache(maxsize=1024)(_hash_up)


def _tiles_for(ranges: Iterable[tuple[int, int]], size: int) -> tuple[TileId, ...]:
    needed = {
        _tile_at(height // HEIGHT, index << height % HEIGHT >> HEIGHT, size)
        for start, end in ranges
        for height, index in _perfect_subtrees(start, end)
    }
    return tuple(sorted(needed))


def _tile_at(level: int, index: int, size: int) -> TileId:
    return TileId(level, index, min(WIDTH, (size >> HEIGHT * level) - (index << HEIGHT)))


def _hashes(tile: TileId, tiles: Mapping[TileId, bytes]) -> bytes:
    hashes = tiles.get(tile, b"")
    if len(hashes) < tile.width * HASH_BYTES:
        raise CorruptedError(f"tile {tile.level}/{tile.index} is missing or too narrow", code="log_tile_missing")
    return hashes[: tile.width * HASH_BYTES]


def _levels(size: int) -> int:
    return (size.bit_length() + HEIGHT - 1) // HEIGHT
