"""A codec: the pair of functions that carries one value between a regional and the canonical form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

# Any JSON value in, any JSON value out; None is "no value". Raises Remark.
Carry = Callable[[Any], Any]


class Shortcut(Enum):
    """Which expression, written out in the compiled function, handles the common case of a codec."""

    NONE = "none"  # always call the codec
    TEXT = "text"  # any text passes
    STRIPPED = "stripped"  # text without outer white space passes
    LOOKUP = "lookup"  # text found in a mapping becomes its partner
    TRUTH = "truth"  # true and false each have one spelling
    SAME_INTEGER = "same-integer"  # an integer that every JSON reader keeps exact passes


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """One direction of a codec; the shortcut, where there is one, agrees with `carry`."""

    carry: Carry
    shortcut: Shortcut = Shortcut.NONE
    partners: Mapping[Any, Any] | None = None  # for LOOKUP and TRUTH


@dataclass(frozen=True, kw_only=True, slots=True)
class Codec:
    """Both directions of one row, and what does not come back exactly as it was ("" if everything does)."""

    name: str
    read: Way  # regional to canonical
    write: Way  # canonical to regional
    normalises: str = ""
    arrays: bool = False  # its regional value is an array


SAFE_INTEGER = 2**53 - 1  # RFC 7493: beyond it, readers disagree


def blank(value: object) -> bool:
    """Tell whether a value says nothing: null, an empty text, or nothing but white space."""
    return value is None or (type(value) is str and not value.strip())
