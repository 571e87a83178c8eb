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
    found = [value]
    for one in found:  # which grows while it is read: a list is cheaper than a call for every value
        kind = type(one)
        if kind is str or kind is bool or one is None:
            continue
        if isinstance(one, dict):
            if set(map(type, one)) - {str} or not _within_bmp("".join(one)):
                return False
            found.extend(one.values())
        elif isinstance(one, list | tuple):
            found.extend(one)
        elif type(one) is not int or not -(2**53) < one < 2**53:
            return False
    return True


def _within_bmp(keys: str) -> bool:
    return keys.isascii() or max(keys) <= "\uffff"
