"""Canonical JSON after RFC 8785 (JCS), for what must hash the same everywhere: audit leaves and digests.

Nothing on the wire passes through here: received bytes are kept and relayed as received.
"""

from typing import Any

import orjson
import rfc8785

_FAST = orjson.OPT_SORT_KEYS


def canonical_json(value: Any) -> bytes:
    """Return the RFC 8785 bytes of a JSON value.

    Raises ValueError for what JSON cannot carry (NaN, integers beyond 2^53-1, other types).
    """
    return orjson.dumps(value, option=_FAST) if _fast_path_agrees(value) else rfc8785.dumps(value)


def _fast_path_agrees(value: object) -> bool:
    """Tell whether orjson's sorted output equals RFC 8785: no floats, safe integers, keys within the BMP."""
    if isinstance(value, dict):
        return all(type(key) is str and _within_bmp(key) for key in value) and all(
            map(_fast_path_agrees, value.values())
        )
    if isinstance(value, list | tuple):
        return all(map(_fast_path_agrees, value))
    if type(value) is int:
        return -(2**53) < value < 2**53
    return value is None or type(value) in (str, bool)


def _within_bmp(key: str) -> bool:
    return key.isascii() or max(key) <= "\uffff"
