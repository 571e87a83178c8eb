"""Where C2SP tlog-tiles puts tiles and entry bundles below a log's URL, and what an entry bundle looks like."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from gateway.core.audit.tiles import WIDTH, TileId
from gateway.core.errors import CorruptedError, MalformedDocumentError, NotFoundError

ENTRY_MAX_BYTES = 0xFFFF  # what a bundle's length prefix can say

_LENGTH_BYTES = 2
# SPEC: <N> MUST be a non-negative integer encoded into zero-padded 3-digit path elements; all but the last path
# element MUST begin with an x. <W> and <L> are decimal without additional leading zeroes.
_PATH = re.compile(
    r"tile/(?P<level>entries|[1-5]?[0-9]|6[0-3])"
    r"/(?P<index>(?:x[0-9]{3}/)*[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)
_PATH_MAX = 64  # characters; the largest index of a 64-bit tree takes fewer


class BundleId(NamedTuple):
    """Which bundle of 256 entries, and how many of them a tree of one size has."""

    index: int  # type: ignore[assignment]  # tlog-tiles' word; nobody searches this tuple
    width: int = WIDTH


def tile_path(tile: TileId) -> str:
    """Return `tile/<L>/<N>[.p/<W>]`."""
    return f"tile/{tile.level}/{_index_path(tile.index)}{_width_path(tile.width)}"


def bundle_path(bundle: BundleId) -> str:
    """Return `tile/entries/<N>[.p/<W>]`."""
    return f"tile/entries/{_index_path(bundle.index)}{_width_path(bundle.width)}"


def read_path(path: str) -> TileId | BundleId:
    """Tell what a path names; NotFoundError for anything but its one right spelling."""
    match = _PATH.fullmatch(path) if len(path) <= _PATH_MAX else None
    if match is None:
        raise NotFoundError("no tile has such a path")
    level, width = match["level"], int(match["width"] or WIDTH)
    index = int(match["index"].replace("/", "").replace("x", ""))
    named = BundleId(index, width) if level == "entries" else TileId(int(level), index, width)
    if path != (bundle_path(named) if isinstance(named, BundleId) else tile_path(named)):
        raise NotFoundError("no tile has such a path")
    return named


def encode_bundle(leaves: Iterable[bytes]) -> bytes:
    """Return entries as a bundle: each with its length before it, as a big-endian uint16."""
    parts: list[bytes] = []
    for leaf in leaves:
        if len(leaf) > ENTRY_MAX_BYTES:
            raise CorruptedError("an entry is longer than a bundle can hold", code="entry_too_long")
        parts += (len(leaf).to_bytes(_LENGTH_BYTES, "big"), leaf)
    return b"".join(parts)


def decode_bundle(bundle: bytes) -> tuple[bytes, ...]:
    """Return the entries of a bundle; MalformedDocumentError if its lengths do not add up, or it holds over 256."""
    leaves, at = [], 0
    while at < len(bundle):
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(bundle[at:start], "big")
        if start > len(bundle) or at > len(bundle):
            raise MalformedDocumentError("the entry bundle ends within an entry", code="bundle_malformed")
        leaves.append(bundle[start:at])
    if len(leaves) > WIDTH:
        raise MalformedDocumentError("the entry bundle holds more than 256 entries", code="bundle_malformed")
    return tuple(leaves)


def _index_path(index: int) -> str:
    path = f"{index % 1000:03}"
    while index := index // 1000:
        path = f"x{index % 1000:03}/{path}"
    return path


def _width_path(width: int) -> str:
    return f".p/{width}" if width < WIDTH else ""
