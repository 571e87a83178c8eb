"""The Merkle tree of RFC 6962 §2.1 (RFC 9162 §2.1): hashes, roots, and what a proof must show to be believed.

A tree of n leaves is carried as its *peaks*: the roots of the perfect subtrees that n in binary names, largest first.
Peaks are all that appending needs, and folding them from the right is the root.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from gateway.core.errors import ProofError

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()  # SPEC RFC 6962 2.1: MTH({}) = SHA-256()

_LEAF = b"\x00"  # the two prefixes keep a leaf from ever being read as a node: second-preimage resistance
_NODE = b"\x01"


def leaf_hash(leaf: bytes) -> bytes:
    """Return SHA-256(0x00 || leaf)."""
    return sha256(_LEAF + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right)."""
    return sha256(_NODE + left + right).digest()


def grow(peaks: list[bytes], size: int, leaf: bytes) -> list[bytes]:
    """Add one leaf hash to the peaks of a tree of `size` leaves, in place.

    Returns the roots of the perfect subtrees that this leaf completed, by height: itself first.
    """
    completed = [leaf]
    while size & 1:  # as in adding one to a binary counter: each carry joins two subtrees of one height
        leaf = sha256(_NODE + peaks.pop() + leaf).digest()
        completed.append(leaf)
        size >>= 1
    peaks.append(leaf)
    return completed


def fold(peaks: Sequence[bytes]) -> bytes:
    """Return the root that these peaks have, the empty tree's for none."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the root of the tree over these leaf hashes."""
    peaks: list[bytes] = []
    for size, leaf in enumerate(leaf_hashes):
        grow(peaks, size, leaf)
    return fold(peaks)


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Return only if the leaf hash is entry `index` of the tree of `size` leaves with this root; else ProofError."""
    _require_hashes(leaf, root, *path)
    # SPEC RFC 9162 2.1.3.2 (1): If leaf_index is greater than or equal to tree_size, then fail.
    if not 0 <= index < size:
        raise ProofError("the entry lies outside the tree")
    # SPEC (2, 3): Set two variables, fn to leaf_index and sn to tree_size - 1. Set r to hash.
    fn, sn, r = index, size - 1, leaf
    for p in path:
        # SPEC (4a): If sn is 0, then stop the iteration and fail.
        if sn == 0:
            raise ProofError("the inclusion proof is longer than the tree is high")
        # SPEC (4b): If LSB(fn) is set, or if fn is equal to sn, set r to HASH(0x01 || p || r) and, if LSB(fn)
        # is not set, right-shift both until LSB(fn) is set or fn is 0. Otherwise set r to HASH(0x01 || r || p).
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            fn, sn = _skip_missing_siblings(fn, sn)
        else:
            r = node_hash(r, p)
        # SPEC (4c): Finally, right-shift both fn and sn one time.
        fn, sn = fn >> 1, sn >> 1
    # SPEC (5): If sn is equal to 0 and r and root_hash are equal, the log has proven the inclusion.
    if sn != 0:
        raise ProofError("the inclusion proof is shorter than the tree is high")
    if r != root:
        raise ProofError("the inclusion proof leads to another root")


def verify_consistency(old: tuple[int, bytes], new: tuple[int, bytes], path: Sequence[bytes]) -> None:
    """Return only if the tree `new` (size, root) begins with exactly the leaves of the tree `old`; else ProofError."""
    (first, first_root), (second, second_root) = old, new
    _require_hashes(first_root, second_root, *path)
    if not 0 <= first <= second:
        raise ProofError("the later tree is smaller than the earlier one")
    if first in (0, second):
        _verify_trivial_consistency(old, new, path)
        return
    # SPEC RFC 9162 2.1.4.2 (1): If consistency_path is an empty array, stop and fail.
    if not path:
        raise ProofError("the consistency proof is empty")
    # SPEC (2): If first is an exact power of 2, then prepend first_hash to the consistency_path array.
    nodes = [first_root, *path] if first & (first - 1) == 0 else list(path)
    fr, sr = _consistency_roots(first, second, nodes)
    # SPEC (7): Verify that the fr calculated is equal to first_hash, that the sr calculated is equal to second_hash.
    if fr != first_root:
        raise ProofError("the consistency proof leads to another earlier root")
    if sr != second_root:
        raise ProofError("the consistency proof leads to another later root")


def _consistency_roots(first: int, second: int, nodes: list[bytes]) -> tuple[bytes, bytes]:
    # SPEC RFC 9162 2.1.4.2 (3, 4): Set fn to first - 1 and sn to second - 1. If LSB(fn) is set, then right-shift
    # both equally until LSB(fn) is not set.
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    # SPEC (5): Set both fr and sr to the first value in the consistency_path array.
    fr = sr = nodes[0]
    for c in nodes[1:]:
        # SPEC (6a): If sn is 0, then stop the iteration and fail.
        if sn == 0:
            raise ProofError("the consistency proof is longer than the tree is high")
        # SPEC (6b): If LSB(fn) is set, or if fn is equal to sn, set fr to HASH(0x01 || c || fr) and sr to
        # HASH(0x01 || c || sr), and skip as above. Otherwise set sr to HASH(0x01 || sr || c).
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            fn, sn = _skip_missing_siblings(fn, sn)
        else:
            sr = node_hash(sr, c)
        # SPEC (6c): Finally, right-shift both fn and sn one time.
        fn, sn = fn >> 1, sn >> 1
    # SPEC (7): … and that sn is 0.
    if sn != 0:
        raise ProofError("the consistency proof is shorter than the tree is high")
    return fr, sr


def _skip_missing_siblings(fn: int, sn: int) -> tuple[int, int]:
    # SPEC: If LSB(fn) is not set, then right-shift both fn and sn equally until either LSB(fn) is set or fn is 0.
    while fn and not fn & 1:
        fn, sn = fn >> 1, sn >> 1
    return fn, sn


def _verify_trivial_consistency(old: tuple[int, bytes], new: tuple[int, bytes], path: Sequence[bytes]) -> None:
    # RFC 9162 defines proofs for 0 < first < second; what is left is settled by equality, and takes no proof.
    expected = EMPTY_ROOT if old[0] == 0 else new[1]
    if path:
        raise ProofError("nothing is to be proved, and yet there is a proof")
    if old[1] != expected or (new[0] == 0 and new[1] != EMPTY_ROOT):
        raise ProofError("one tree size has two roots")


def _require_hashes(*values: bytes) -> None:
    if any(len(value) != HASH_BYTES for value in values):
        raise ProofError("a hash is not 32 bytes long")
