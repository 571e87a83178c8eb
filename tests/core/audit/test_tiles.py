"""However a tree grew, its tiles are the same, and every proof comes out of them."""

from collections.abc import Iterable, Iterator
from hashlib import sha256

import pymerkle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.audit.merkle import EMPTY_ROOT, leaf_hash, root_of, verify_consistency, verify_inclusion
from gateway.core.audit.tiles import (
    Edge,
    Tile,
    TileId,
    append,
    consistency_proof,
    edge_tiles,
    inclusion_proof,
    read_edge,
    tiles_for_consistency,
    tiles_for_inclusion,
)
from gateway.core.errors import CorruptedError, ProofError

COUNT = 600  # more than two full tiles
HASHES = [leaf_hash(str(number).encode()) for number in range(COUNT)]
ROOTS = [root_of(HASHES[:size]) for size in range(COUNT + 1)]

Rows = dict[tuple[int, int], bytes]


def write(rows: Rows, tiles: Iterable[Tile]) -> None:
    rows.update({(tile.level, tile.index): tile.hashes for tile in tiles})


def grown(hashes: list[bytes], batch: int = 64) -> Rows:
    """Append in batches; return the rows that a store would hold."""
    rows: Rows = {}
    edge = Edge()
    for start in range(0, len(hashes), batch):
        appended = append(edge, hashes[start : start + batch])
        write(rows, appended.tiles)
        edge = appended.edge
    return rows


def read(rows: Rows, needed: Iterable[TileId]) -> dict[TileId, bytes]:
    return {tile: rows[tile.level, tile.index] for tile in needed}


ROWS = grown(HASHES)
EDGE = append(Edge(), HASHES).edge


def proof_of_inclusion(index: int, size: int) -> tuple[bytes, ...]:
    return inclusion_proof(index, size, read(ROWS, tiles_for_inclusion(index, size)))


def proof_of_consistency(old: int, new: int) -> tuple[bytes, ...]:
    return consistency_proof(old, new, read(ROWS, tiles_for_consistency(old, new)))


def altered(path: tuple[bytes, ...]) -> Iterator[tuple[bytes, ...]]:
    """Every path that differs from a right one in one bit of one node, or in its length."""
    for position, node in enumerate(path):
        yield (*path[:position], bytes([node[0] ^ 1]) + node[1:], *path[position + 1 :])
    yield (*path, HASHES[0])
    if path:
        yield path[:-1]
        yield path[1:]


@pytest.mark.parametrize("size", [*range(1, 70), 127, 128, 255, 256, 257, 300, 511, 512, 513, 600])
def test_every_entry_is_proved_in_every_tree_and_nowhere_else(size):
    for index in range(size):
        path = proof_of_inclusion(index, size)
        verify_inclusion(HASHES[index], index, size, path, ROOTS[size])
        for neighbour in {index - 1, index + 1} & set(range(size)):
            with pytest.raises(ProofError):
                verify_inclusion(HASHES[index], neighbour, size, path, ROOTS[size])


@pytest.mark.parametrize("size", [*range(1, 40), 255, 256, 257, 513, 600])
def test_no_altered_proof_of_inclusion_is_believed(size):
    for index in range(0, size, max(1, size // 16)):
        path = proof_of_inclusion(index, size)
        for wrong in altered(path):
            with pytest.raises(ProofError):
                verify_inclusion(HASHES[index], index, size, wrong, ROOTS[size])
        with pytest.raises(ProofError):
            verify_inclusion(HASHES[index], index, size, path, ROOTS[size - 1])
        with pytest.raises(ProofError):
            verify_inclusion(bytes([HASHES[index][0] ^ 1]) + HASHES[index][1:], index, size, path, ROOTS[size])


def test_a_negative_index_is_not_the_entry_it_shares_its_lowest_bits_with():
    with pytest.raises(ProofError):
        verify_inclusion(HASHES[7], -1, 8, proof_of_inclusion(7, 8), ROOTS[8])


def test_the_size_that_a_root_is_claimed_for_counts():
    # Entry 4 of 8 is entry 0 of the right half: with one more node its path leads on to the root of the whole.
    with pytest.raises(ProofError, match="longer"):
        verify_inclusion(HASHES[4], 0, 4, proof_of_inclusion(4, 8), ROOTS[8])
    with pytest.raises(ProofError, match="shorter"):
        verify_inclusion(HASHES[0], 0, 8, proof_of_inclusion(0, 4), ROOTS[4])
    # In the same way 7 within 8 looks like 3 within 4.
    with pytest.raises(ProofError, match="longer"):
        verify_consistency((3, ROOTS[7]), (4, ROOTS[8]), proof_of_consistency(7, 8))
    with pytest.raises(ProofError, match="shorter"):
        verify_consistency((7, ROOTS[3]), (8, ROOTS[4]), proof_of_consistency(3, 4))


@pytest.mark.parametrize("new", [*range(1, 70), 127, 128, 255, 256, 257, 300, 511, 512, 513, 600])
def test_every_earlier_tree_is_proved_to_begin_every_later_one(new):
    for old in range(new + 1):
        verify_consistency((old, ROOTS[old]), (new, ROOTS[new]), proof_of_consistency(old, new))


@pytest.mark.parametrize("new", [*range(2, 40), 255, 256, 257, 513, 600])
def test_no_altered_proof_of_consistency_is_believed(new):
    for old in range(1, new, max(1, new // 16)):
        path = proof_of_consistency(old, new)
        for wrong in altered(path):
            with pytest.raises(ProofError):
                verify_consistency((old, ROOTS[old]), (new, ROOTS[new]), wrong)
        with pytest.raises(ProofError):
            verify_consistency((old, ROOTS[old - 1]), (new, ROOTS[new]), path)
        with pytest.raises(ProofError):
            verify_consistency((old, ROOTS[old]), (new, ROOTS[new - 1]), path)


@given(st.lists(st.integers(0, 90), max_size=20))
@settings(max_examples=60)
def test_batches_of_any_size_give_the_tiles_and_the_root_of_one_append(batches):
    rows: Rows = {}
    edge, start = Edge(), 0
    for batch in batches:
        appended = append(edge, HASHES[start : start + batch])
        write(rows, appended.tiles)
        edge, start = appended.edge, min(start + batch, COUNT)

    whole = append(Edge(), HASHES[:start])

    assert (edge.size, edge.root) == (start, ROOTS[start])
    assert edge == whole.edge
    assert rows == {(tile.level, tile.index): tile.hashes for tile in whole.tiles}


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 513, 600])
def test_the_edge_is_read_back_from_stored_tiles(size):
    edge = append(Edge(), HASHES[:size]).edge

    assert read_edge(size, ROOTS[size], read(ROWS, edge_tiles(size))) == edge


def test_a_store_whose_tiles_contradict_its_root_is_not_appended_to():
    needed = read(ROWS, edge_tiles(COUNT))

    with pytest.raises(CorruptedError) as caught:
        read_edge(COUNT, ROOTS[COUNT - 1], needed)

    assert caught.value.code == "log_root_differs"


def test_appending_writes_what_changed_and_nothing_else():
    edge = append(Edge(), HASHES[:250]).edge

    appended = append(edge, HASHES[250:257])

    assert [tile.id for tile in appended.tiles] == [TileId(0, 0), TileId(0, 1, 1), TileId(1, 0, 1)]
    assert (appended.size, appended.root) == (257, ROOTS[257])
    assert appended.tiles[0].hashes == b"".join(HASHES[:256])
    assert appended.tiles[2] == Tile(level=1, index=0, hashes=ROOTS[256])


def test_appending_nothing_changes_nothing():
    assert append(Edge(), []).edge == Edge(size=0, root=EMPTY_ROOT)
    assert append(EDGE, []).edge == EDGE
    assert append(EDGE, []).tiles == ()


def test_a_tree_of_seventy_thousand_has_the_tiles_that_the_specification_counts():
    # SPEC tlog-tiles: 273 full level 0 tiles, one partial level 0 tile of width 112, one full level 1 tile,
    # one partial level 1 tile of width 17, and one partial level 2 tile of width 1.
    tiles = append(Edge(), [sha256(number.to_bytes(4, "big")).digest() for number in range(70_000)]).tiles

    ids = [tile.id for tile in tiles]
    assert ids[:273] == [TileId(0, index) for index in range(273)]
    assert ids[273:] == [TileId(0, 273, 112), TileId(1, 0), TileId(1, 1, 17), TileId(2, 0, 1)]
    assert edge_tiles(70_000) == (TileId(0, 273, 112), TileId(1, 1, 17), TileId(2, 0, 1))


def test_a_proof_needs_a_handful_of_tiles_even_in_a_tree_of_a_billion():
    size = 10**9 + 12_345

    assert tiles_for_inclusion(5, size) == (
        TileId(0, 0),
        TileId(0, size >> 8, size & 255),
        TileId(1, 0),
        TileId(1, size >> 16, size >> 8 & 255),
        TileId(2, 0),
        TileId(2, size >> 24, size >> 16 & 255),
        TileId(3, 0, size >> 24),
    )
    assert len(tiles_for_consistency(123_456_789, size)) <= 8


def test_a_proof_for_an_earlier_tree_is_cut_from_wider_tiles():
    narrow = grown(HASHES[:300])
    needed = tiles_for_inclusion(299, 300)

    assert inclusion_proof(299, 300, read(narrow, needed)) == inclusion_proof(299, 300, read(ROWS, needed))


def test_a_missing_or_narrow_tile_is_corruption_and_not_a_wrong_proof():
    needed = read(ROWS, tiles_for_inclusion(299, 600))

    for broken in ({}, {tile: hashes[:-32] for tile, hashes in needed.items()}):
        with pytest.raises(CorruptedError) as caught:
            inclusion_proof(299, 600, broken)
        assert caught.value.code == "log_tile_missing"


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0)])
def test_no_proof_is_made_of_what_is_not_there(index, size):
    with pytest.raises(ProofError):
        tiles_for_inclusion(index, size)


@pytest.mark.parametrize(("old", "new"), [(6, 5), (-1, 5)])
def test_no_proof_is_made_from_a_larger_tree_to_a_smaller(old, new):
    with pytest.raises(ProofError):
        tiles_for_consistency(old, new)


@given(st.integers(1, 300), st.data())
@settings(max_examples=60)
def test_an_independent_implementation_makes_the_same_proofs(size, data):
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    other = pymerkle.InmemoryTree(algorithm="sha256")
    for number in range(size):
        other.append_entry(str(number).encode())

    theirs = other.prove_inclusion(index + 1, size)
    assert list(proof_of_inclusion(index, size)) == theirs.path[1:]
    assert theirs.path[0] == HASHES[index]
    assert other.get_root() == ROOTS[size]
    pymerkle.verify_consistency(ROOTS[old], ROOTS[size], other.prove_consistency(old, size))
