"""Which rows of a block have a term: an index made of sets of 65,536 rows, whose answers have a worst case.

A set with few rows is their numbers within the block, in order, two bytes each, little-endian; one with many is a
bitmap of 8 KiB. So no set is longer than 8 KiB, and what several terms have in common is found block by block at the
cost of reading them, however many rows each has and however few they share.
"""

import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

BLOCK: Final = 1 << 16  # rows
_BITMAP_BYTES: Final = BLOCK // 8
_FEW: Final = _BITMAP_BYTES // 2  # rows: from here on a bitmap is no longer than the list


def changed(kept: bytes, add: Iterable[int], remove: Iterable[int] = ()) -> bytes:
    """Return a set with rows added and removed; b"" is the empty one."""
    if len(kept) < _BITMAP_BYTES:
        rows = set(_few(kept))
        rows.update(add)
        rows.difference_update(remove)
        return _packed(rows)
    bitmap = bytearray(kept)
    for row in add:
        bitmap[row >> 3] |= 1 << (row & 7)
    for row in remove:
        bitmap[row >> 3] &= ~(1 << (row & 7))
    return bytes(bitmap)


def common(sets: Sequence[bytes], *, start: int = 0, among: frozenset[int] | None = None) -> Iterator[int]:
    """Yield the rows from `start` on that all sets have, in order; only those `among` others where these are given."""
    bitmaps = [each for each in sets if len(each) == _BITMAP_BYTES]
    short = [_few(each) for each in sets if len(each) < _BITMAP_BYTES]
    if among is not None:
        short.append(among)
    if not short:
        yield from _shared_bits(bitmaps, start)
        return
    for row in sorted(frozenset.intersection(*sorted(short, key=len))):
        place, bit = row >> 3, 1 << (row & 7)
        if row >= start and all(bitmap[place] & bit for bitmap in bitmaps):
            yield row


def _shared_bits(bitmaps: Sequence[bytes], start: int) -> Iterator[int]:
    shared = -1 << start
    for bitmap in bitmaps:
        shared &= int.from_bytes(bitmap, "little")
    if not bitmaps or not shared:
        return
    # Byte by byte: taking bits off one long integer would copy it for each.
    for place, byte in enumerate(shared.to_bytes(_BITMAP_BYTES, "little")):
        left = byte
        while left:
            yield (place << 3) | ((left & -left).bit_length() - 1)
            left &= left - 1


def _packed(rows: set[int]) -> bytes:
    if len(rows) < _FEW:
        return _numbers(sorted(rows))
    bitmap = bytearray(_BITMAP_BYTES)
    for row in rows:
        bitmap[row >> 3] |= 1 << (row & 7)
    return bytes(bitmap)


def _few(kept: bytes) -> frozenset[int]:
    rows = array("H", kept)
    if sys.byteorder == "big":
        rows.byteswap()
    return frozenset(rows)


def _numbers(rows: list[int]) -> bytes:
    numbers = array("H", rows)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()
