"""Finds where the elements of an XML file begin and end, in constant memory and from behind any child of its root.

Only as much of XML 1.0 is understood as that takes; what is in the elements is the adapter's to judge. Bytes are looked
at, and no characters: in UTF-8, GBK and GB 18030 the byte of a mark is never part of anything else.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

_TEXT: Final = b""  # between marks
_TAG: Final = b"<"  # within the first tag of an element
_CLOSING: Final = b"</"
_QUOTES: Final = (b'"', b"'")
_LEAF: Final = rb"<[^\s<>/!?\"'=]+>[^<]*</[^<>]*>"  # most elements are like this: found at once, for speed alone
# What has a meaning after each mark, until one of it is met.
_AWAITED: Final = {
    _TEXT: re.compile(_LEAF + rb"|<!--|<!\[CDATA\[|<\?|<!|</|<"),
    _TAG: re.compile(rb"/>|>|\"|'"),
    _CLOSING: re.compile(rb">"),
    b"<!--": re.compile(rb"-->"),
    b"<![CDATA[": re.compile(rb"\]\]>"),
    b"<?": re.compile(rb"\?>"),
    b"<!": re.compile(rb">"),
    b'"': re.compile(rb'"'),
    b"'": re.compile(rb"'"),
}
_MARK_BYTES: Final = max(map(len, _AWAITED))
_ASIDE: Final = re.compile(rb"<!--.*?-->|<\?.*?\?>|</[^>]*>", re.DOTALL)
_BEGINS, _BEGUN, _ENDS = 1, 0, -1
_ROOT, _CHILD = 1, 2  # how deep we are within them
_STRETCH_BYTES: Final = 1 << 20  # between two elements that are looked at


def children(file: BinaryIO, position: int, *, piece: int) -> Iterator[tuple[int, int]]:
    """Yield where each child of the root begins and ends, in bytes; text between two, and a torn rest, likewise.

    `position` is 0 or behind a child; `piece` is how many bytes are read at once.
    """
    depth = _ROOT if position else 0
    behind = start = position
    for turn, at in _turns(file, position, piece):
        depth += turn
        if turn == _BEGINS and depth == _CHILD:
            yield from _stray(file, behind, at)
            start = at
        elif turn == _ENDS and depth == _ROOT:
            yield start, at
            behind = at
        elif turn == _ENDS and depth == 0:
            yield from _stray(file, behind, at)
        elif turn == _BEGUN and depth == _ROOT:
            behind = at
    if depth >= _CHILD:
        yield start, file.seek(0, 2)


def head_bytes(file: BinaryIO, *, piece: int) -> int:
    """Return how many bytes come before the first child: declaration and tag of the root; 0 where it has none."""
    return next((at for turn, at in _turns(file, 0, piece) if turn == _BEGUN), 0)


def _stray(file: BinaryIO, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield a stretch between elements in which somebody has written something."""
    file.seek(start)
    if _ASIDE.sub(b"", file.read(min(end - start, _STRETCH_BYTES))).strip():
        yield start, end


def _turns(file: BinaryIO, position: int, piece: int) -> Iterator[tuple[int, int]]:
    """Yield 1 and where an element begins, 0 and where its first tag ends, -1 and where it ends itself."""
    mark, data, base, at, ended = _TEXT, b"", position, 0, False
    while not ended:
        file.seek(base + len(data))  # whoever is told of an element may read it meanwhile
        more = file.read(piece)
        ended = not more
        data, base, at = data[at:] + more, base + at, 0
        while (found := _AWAITED[mark].search(data, at)) and (ended or found.start() + _MARK_BYTES <= len(data)):
            at = found.end()
            yield from _told(mark, found[0], base + found.start(), base + at)
            mark = _next(mark, found[0])
        at = max(at, len(data) - _MARK_BYTES + 1)  # behind it a mark may be torn


def _told(before: bytes, met: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield what it means that one mark was met after another."""
    if before == _TEXT and (met == _TAG or met not in _AWAITED):
        yield _BEGINS, start
    if before == _TAG and met not in _QUOTES:
        yield _BEGUN, end
    if before == _CLOSING or (before == _TAG and met == b"/>") or (before == _TEXT and met not in _AWAITED):
        yield _ENDS, end


def _next(before: bytes, met: bytes) -> bytes:
    """Return the mark whose end is awaited after this one."""
    if before in _QUOTES:
        return _TAG
    return met if met in _AWAITED and (before == _TEXT or met in _QUOTES) else _TEXT
