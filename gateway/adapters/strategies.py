"""What is drawn from a regional JSON Schema: every column may be there or not, and unknown ones come too.

A schema may be anybody's. What it asks for without end or sense (references into themselves, a million elements, a
pattern of another dialect) is left out of what is drawn, never followed.
"""

import re
import warnings
from collections import defaultdict
from functools import cache
from math import ceil, floor
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.errors import HypothesisException

from gateway.adapters.narrowing import Narrowed
from gateway.core.conversion.pointer import find, tokens
from gateway.core.conversion.rows import Path

PARTS: Final = 5_000  # of a schema that are drawn from; what comes after them is left out
_LONGEST: Final = 500  # characters or elements that a schema may ask for at least
_SPARE: Final = 100_000  # how far numbers go from the end that a schema names
# Plain and odd, few enough to be chosen from without the whole of Unicode, which takes a quarter of a second to list.
_ALPHABET: Final = (
    "abcxyzABCXYZ0123456789 .,;:!?'\"\\/|<>&=+-_*%#@()[]{}~^`$"
    "省市办理人甲乙丙的是否，。；：“”（）《》、　０１２３ＡＢ①㎡·—éα\u00a0\u200b\ufeff\u3400𠮷😀"
)

_BOOLEAN: Final = st.booleans()
_NULL: Final = st.none()

Drawn = st.SearchStrategy[Any] | None  # None: there is nothing to draw


class Drawer:
    """Makes strategies from one message's schema and from what its table says beyond; used once."""

    def __init__(self, schema: dict[str, Any], narrowed: Narrowed) -> None:
        self._root, self._narrowed, self._left = schema, narrowed, PARTS
        self._columns: dict[Path, list[str]] = defaultdict(list)
        for path in narrowed.schemas:
            if path and path[-1] != "*":
                self._columns[path[:-1]].append(path[-1])

    def documents(self) -> Drawn:
        """Return documents that the schema may allow; what it says beyond places and types is left to it to refuse."""
        return self._drawn(self._root, (), frozenset())

    def _drawn(self, schema: object, at: Path, opened: frozenset[str]) -> Drawn:
        self._left -= 1
        if self._left < 0:
            return None
        while isinstance(schema, dict) and isinstance(reference := schema.get("$ref"), str):
            if reference in opened or not reference.startswith("#"):
                return None  # into itself: drawn without it
            opened |= {reference}
            schema = find(self._root, tokens(reference[1:]))
        if schema is False:
            return None
        return self._of(self._told(schema if isinstance(schema, dict) else {}, at), at, opened)

    def _told(self, schema: dict[str, Any], at: Path) -> dict[str, Any]:
        told = self._narrowed.schemas.get(at)
        if told is None:
            return schema
        nullable = "null" in _several(schema.get("type", ())) and "enum" in told
        return {**told, "enum": [*told["enum"], None]} if nullable else told

    def _of(self, schema: dict[str, Any], at: Path, opened: frozenset[str]) -> Drawn:
        if "const" in schema:
            return st.just(schema["const"])
        if "enum" in schema:
            return st.sampled_from(schema["enum"]) if schema["enum"] else None
        choices: list[Any] = schema.get("anyOf") or schema.get("oneOf") or []
        if choices and "type" not in schema and "properties" not in schema:
            return _either([self._drawn(one, at, opened) for one in choices])
        types = schema.get("type", "object" if "properties" in schema else "string")
        return _either([self._of_type(one, schema, at, opened) for one in _several(types)])

    def _of_type(self, name: str, schema: dict[str, Any], at: Path, opened: frozenset[str]) -> Drawn:
        match name:
            case "object":
                return self._object(schema, at, opened)
            case "array":
                return self._array(schema, at, opened)
            case "integer" | "number":
                return _number(schema)
            case "boolean":
                return _BOOLEAN
            case "null":
                return _NULL
            case _:
                return _text(schema)

    def _array(self, schema: dict[str, Any], at: Path, opened: frozenset[str]) -> Drawn:
        low = int(schema.get("minItems", 0))
        high = min(int(schema.get("maxItems", low + 2)), low + 2)
        if at in self._narrowed.single:
            low = high = 1
        elif (*at, "*") in self._narrowed.required:
            low, high = max(low, 1), max(high, 1)
        element = self._drawn(schema.get("items", True), (*at, "*"), opened)
        if low > min(high, _LONGEST):
            return None
        if element is None:
            return None if low else st.just([])
        return st.lists(element, min_size=low, max_size=high)

    def _object(self, schema: dict[str, Any], at: Path, opened: frozenset[str]) -> Drawn:
        required = {*schema.get("required", ()), *(path[-1] for path in self._narrowed.required if path[:-1] == at)}
        choices: list[Any] = schema.get("anyOf") or schema.get("oneOf") or [{}]
        branches = [one for one in choices if isinstance(one, dict)]
        schemas = dict.fromkeys(required, True) | schema.get("properties", {})
        if schema.get("additionalProperties") is not False:
            schemas = dict.fromkeys(self._columns[at], True) | schemas
        columns = {name: self._drawn(inner, (*at, name), opened) for name, inner in schemas.items()}
        known = _either([_columns(columns, {*required, *one.get("required", ())}) for one in branches])
        if known is None or at or schema.get("additionalProperties") is False:
            return known  # unknown columns come at the top only: one in an otherwise empty element finds no way back
        spare = "EXTRA_COLUMN" if "propertyNames" in schema else "extraColumn"
        return st.one_of(known, st.builds(lambda one, text: {**one, spare: text}, known, _plain_text(0, 8)))


def _columns(columns: dict[str, Drawn], required: set[str]) -> Drawn:
    if any(columns.get(name) is None for name in required):
        return None
    drawn = {name: one for name, one in columns.items() if one is not None}
    return _object_of(
        tuple((name, one) for name, one in drawn.items() if name in required),
        tuple((name, one) for name, one in drawn.items() if name not in required),
    )


_Columns = tuple[tuple[str, st.SearchStrategy[Any]], ...]


@st.composite
def _object_of(draw: st.DrawFn, always: _Columns, sometimes: _Columns) -> dict[str, Any]:
    """Draw an object; which columns it has is one choice of so many bits, for a layout may have hundreds."""
    size = (len(sometimes) + 7) // 8
    there = int.from_bytes(draw(st.binary(min_size=size, max_size=size)))
    chosen = [one for index, one in enumerate(sometimes) if there >> index & 1]
    return {name: draw(one) for name, one in (*always, *chosen)}


def _number(schema: dict[str, Any]) -> Drawn:
    low, high = schema.get("minimum"), schema.get("maximum")
    least = ceil(low) if low is not None else min(0, floor(high or 0) - _SPARE if (high or 0) < 0 else 0)
    most = floor(high) if high is not None else max(least, 0) + _SPARE
    return st.integers(least, most) if least <= most else None


def _text(schema: dict[str, Any]) -> Drawn:
    pattern = schema.get("pattern")
    least = max(int(schema.get("minLength", 0)), int(pattern is not None))
    longest = int(schema.get("maxLength", max(100, least)))
    if least > min(longest, _LONGEST):
        return None
    if pattern is not None and pattern != "\\S" and (drawn := _matching(pattern)) is not None:
        return drawn.filter(lambda text: least <= len(text) <= longest)
    return _plain_text(least, min(longest, least + 8))


@cache
def _plain_text(least: int, most: int) -> st.SearchStrategy[str]:
    """Return one strategy for all columns alike: what Hypothesis finds out about each is found out once."""
    return st.text(_ALPHABET, min_size=least, max_size=most)


def _matching(pattern: str) -> st.SearchStrategy[str] | None:
    """Return texts that match, or None for a pattern of a dialect that Python does not read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            drawn = st.from_regex(re.compile(pattern))
            drawn.validate()
    except (re.error, HypothesisException, OverflowError, RecursionError):
        return None
    return drawn


def _either(several: list[Drawn]) -> Drawn:
    some = [one for one in several if one is not None]
    return st.one_of(some) if some else None


def _several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
