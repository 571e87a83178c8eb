"""The tree is RFC 6962's, and nothing but a right proof is believed."""

import json
from hashlib import sha256
from pathlib import Path

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.audit.merkle import (
    EMPTY_ROOT,
    fold,
    grow,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from gateway.core.errors import ProofError

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "audit" / "rfc6962.json").read_bytes())
LEAVES = [bytes.fromhex(leaf) for leaf in VECTORS["leaves"]]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
ROOTS = [bytes.fromhex(root) for root in VECTORS["roots"]]

leaves = st.lists(st.binary(max_size=40), min_size=1, max_size=70)


def reference_root(hashes: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return sha256(b"\x01" + reference_root(hashes[:k]) + reference_root(hashes[k:])).digest()


def test_the_empty_tree_has_the_hash_of_nothing():
    assert root_of([]) == EMPTY_ROOT == ROOTS[0] == fold([])


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_known_ones(size):
    assert root_of(HASHES[:size]) == ROOTS[size]


@pytest.mark.parametrize("case", VECTORS["inclusion"])
def test_known_inclusion_proofs_are_believed(case):
    path = [bytes.fromhex(node) for node in case["path"]]

    verify_inclusion(HASHES[case["index"]], case["index"], case["size"], path, ROOTS[case["size"]])


@pytest.mark.parametrize("case", VECTORS["consistency"])
def test_known_consistency_proofs_are_believed(case):
    path = [bytes.fromhex(node) for node in case["path"]]
    old, new = case["old"], case["new"]

    verify_consistency((old, ROOTS[old]), (new, ROOTS[new]), path)


@given(leaves)
def test_the_root_is_that_of_the_recursive_definition(entries):
    hashes = [leaf_hash(entry) for entry in entries]

    assert root_of(hashes) == reference_root(hashes)


@given(leaves)
def test_an_independent_implementation_agrees_on_every_root(entries):
    other = pymerkle.InmemoryTree(algorithm="sha256")

    for size, entry in enumerate(entries, 1):
        other.append_entry(entry)
        assert root_of(map(leaf_hash, entries[:size])) == other.get_root()


@given(leaves, st.data())
def test_rewriting_any_earlier_leaf_changes_every_later_root(entries, data):
    index = data.draw(st.integers(0, len(entries) - 1))
    rewritten = [*entries[:index], entries[index] + b"!", *entries[index + 1 :]]

    for size in range(index + 1, len(entries) + 1):
        assert root_of(map(leaf_hash, entries[:size])) != root_of(map(leaf_hash, rewritten[:size]))


def test_a_leaf_never_hashes_like_the_node_it_imitates():
    assert leaf_hash(HASHES[0] + HASHES[1]) != node_hash(HASHES[0], HASHES[1])


def test_growing_tells_the_perfect_subtrees_that_a_leaf_completed():
    peaks = [root_of(HASHES[:4]), root_of(HASHES[4:6]), HASHES[6]]

    completed = grow(peaks, 7, HASHES[7])

    assert completed == [HASHES[7], root_of(HASHES[6:8]), root_of(HASHES[4:8]), ROOTS[8]]
    assert peaks == [ROOTS[8]]


@pytest.mark.parametrize(("index", "size"), [(-1, 8), (8, 8), (9, 8), (0, 0)])
def test_an_entry_outside_the_tree_is_in_no_proof(index, size):
    with pytest.raises(ProofError) as caught:
        verify_inclusion(HASHES[0], index, size, [], HASHES[0])

    assert caught.value.code == "proof_invalid"


def test_hashes_of_another_length_are_refused_wherever_they_stand():
    path = [bytes.fromhex(node) for node in VECTORS["inclusion"][1]["path"]]

    for wrong in ([path[0][:-1], *path[1:]], [path[0] + b"\0", *path[1:]]):
        with pytest.raises(ProofError, match="32 bytes"):
            verify_inclusion(HASHES[0], 0, 8, wrong, ROOTS[8])
    with pytest.raises(ProofError, match="32 bytes"):
        verify_inclusion(b"short", 0, 1, [], b"short")
    with pytest.raises(ProofError, match="32 bytes"):
        verify_consistency((1, b"short"), (1, b"short"), [])


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        pytest.param((2, ROOTS[2]), (1, ROOTS[1]), [], id="shrunk"),
        pytest.param((-1, ROOTS[1]), (1, ROOTS[1]), [], id="negative"),
        pytest.param((3, ROOTS[3]), (3, ROOTS[4]), [], id="one-size-two-roots"),
        pytest.param((0, ROOTS[1]), (3, ROOTS[3]), [], id="an-empty-tree-with-another-root"),
        pytest.param((0, EMPTY_ROOT), (0, ROOTS[1]), [], id="two-empty-trees"),
        pytest.param((3, ROOTS[3]), (3, ROOTS[3]), [ROOTS[1]], id="proof-of-nothing"),
        pytest.param((0, EMPTY_ROOT), (3, ROOTS[3]), [ROOTS[1]], id="proof-from-nothing"),
        pytest.param((6, ROOTS[6]), (8, ROOTS[8]), [], id="no-proof"),
    ],
)
def test_trees_that_do_not_follow_from_each_other_are_refused(old, new, path):
    with pytest.raises(ProofError):
        verify_consistency(old, new, path)


@pytest.mark.parametrize("size", range(9))
def test_any_tree_follows_from_itself_and_from_the_empty_one(size):
    verify_consistency((size, ROOTS[size]), (size, ROOTS[size]), [])
    verify_consistency((0, EMPTY_ROOT), (size, ROOTS[size]), [])
