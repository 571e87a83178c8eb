"""Says what a message may hold beyond its schema, so that what is drawn from it mostly converts.

A schema says that a column is text of at most so many characters; only the table knows that it is a date or a code.
"""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from gateway.core.conversion.codecs.codes import CodeTable
from gateway.core.conversion.codecs.times import LAYOUTS
from gateway.core.conversion.manifest import Variant
from gateway.core.conversion.pointer import tokens
from gateway.core.conversion.rows import Path

_MOMENTS: Final = ("2026-02-28T13:14:15", "1999-12-31T23:59:59")
_DAYS: Final = ("2026-02-28T00:00:00", "1999-12-31T00:00:00")
_WORDS: Final = ("甲", "乙")
# A few values by codec and wire; the wire that is not named is the codec's own.
_PLAIN: Final[dict[tuple[str, str], list[Any]]] = {
    ("integer", ""): [0, 17],
    ("integer", "text"): ["0", "17"],
    ("money", ""): ["0.00", "17.50"],
    ("money", "number"): [0, 17],
    ("decimal", ""): ["0", "17.5"],
    ("decimal", "number"): [0, 17],
    ("region", ""): ["420300000000", "610900000000"],
    ("organisation", ""): ["11610900MB2F30661Y", "008778685"],
}
_FREE: Final = ("text", "first-of", "ignore", "overflow")  # whatever the schema allows
_SOLE: Final = "0"  # the only element of an array, in the paths of rows
_SEEN: Final = ("join", "json", "part")  # made of parts that the examples show


@dataclass(frozen=True, kw_only=True, slots=True)
class Narrowed:
    """What stands at which place of a message; "*" is any element of an array."""

    schemas: Mapping[Path, dict[str, Any]]  # instead of what the message's own schema says there
    single: Collection[Path]  # arrays of exactly one element
    required: Collection[Path] = ()  # without which the message is not recognised

    def of(self, variant: Variant) -> "Narrowed":
        """Return what one of the messages that share the table may hold: what tells it from the others."""
        conditions = {_general(one.at): list(one.values) for one in variant.regional}
        told = {at: {"enum": values} for at, values in conditions.items() if values}
        required = {at[: depth + 1] for at in conditions for depth in range(len(at))}
        return replace(self, schemas={**self.schemas, **told}, required=required)


def narrowed(table: bytes, codes: Mapping[str, CodeTable], examples: list[Any]) -> Narrowed:
    """Return for every column of a code, date, number … values that its row can read."""
    narrowing = _Narrowing(codes=codes, examples=examples)
    narrowing.enter(tomllib.loads(table.decode())["rows"], ())
    return Narrowed(schemas=narrowing.found, single=narrowing.single)


@dataclass(kw_only=True, slots=True)
class _Narrowing:
    codes: Mapping[str, CodeTable]
    examples: list[Any]
    found: dict[Path, dict[str, Any]] = field(default_factory=dict)
    single: set[Path] = field(default_factory=set)

    def enter(self, rows: list[dict[str, Any]], above: Path) -> None:
        for row in rows:
            exact = [tokens(path) for path in _several(row.get("regional", []))]
            for path in exact:
                self.single |= {(*above, *_general(path[:at])) for at, token in enumerate(path) if token == _SOLE}
            paths = [(*above, *_general(path)) for path in exact]
            if row.get("codec") == "array" and "separator" not in row:
                self.enter(row["rows"], (*paths[0], "*"))
                continue
            for index, path in enumerate(paths):
                values = self._values(row, index, len(paths), path)
                if values is not None:
                    self.found[path] = values

    def _values(self, row: dict[str, Any], index: int, columns: int, at: Path) -> dict[str, Any] | None:
        codec = row.get("codec", "text")
        found: dict[str, Any] | None = None
        if codec == "duration":
            found = self._duration(row, index, columns)
        elif codec in _SEEN or codec == "array":
            found = {"enum": list(_seen(self.examples, at)) or [""]}
        elif codec == "list":
            found = self._list(row, at)
        elif codec == "constant":
            found = {"const": row["value"]}
        elif codec == "first-of" and "of" in row:
            found = {"enum": self._element(row["of"], at)}
        elif codec not in _FREE:
            found = {"enum": self._element(row, at)}
        return found

    def _list(self, row: dict[str, Any], at: Path) -> dict[str, Any]:
        inner = self._element(row.get("of", {}), (*at, "*"))
        if "separator" not in row:
            return {"type": "array", "items": {"enum": inner}, "maxItems": 3}
        return {"enum": [inner[0], row["separator"].join(dict.fromkeys((inner[0], inner[-1])))]}

    def _element(self, row: dict[str, Any], at: Path) -> list[Any]:
        """Return a few values that a codec of one value can read."""
        codec, wire = row.get("codec", "text"), row.get("wire", "")
        if codec == "code":
            codes = self._codes(row["table"])
            return [int(code) for code in codes] if wire == "integer" else codes
        if codec == "boolean":
            return [*_several(row.get("true", True)), *_several(row.get("false", False))]
        if codec in ("date", "datetime"):
            moments = _MOMENTS if codec == "datetime" else _DAYS
            return [LAYOUTS[name].write(one) for name in _several(row["formats"]) for one in moments]
        plain = _PLAIN.get((codec, wire)) or _PLAIN.get((codec, ""))
        return plain or (list(_WORDS) if codec in _FREE else list(_seen(self.examples, at)) or list(_WORDS))

    def _duration(self, row: dict[str, Any], index: int, columns: int) -> dict[str, Any]:
        wire = row.get("wire", "text")
        units = self._codes(row["units"]) if "units" in row else []
        if columns > 1:
            return {"enum": units} if index else {"enum": ["5", "20"] if wire == "text" else [5, 20]}
        if not units:
            return {"enum": ["5"] if wire == "text" else [5]}
        spoken = [f"20{row.get('counter', '个')}{unit}" for unit in units]
        return {"enum": [*spoken, *_several(row.get("instant", []))]}

    def _codes(self, table: str) -> list[str]:
        return list(self.codes[table].read)


def _general(path: Path) -> Path:
    """Return a path with the only element of an array named as any of them."""
    return tuple("*" if token == _SOLE else token for token in path)


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _seen(documents: list[Any], at: Path) -> Iterator[Any]:
    """Yield what examples hold at a place; arrays on the way are entered."""
    for document in documents:
        if at and isinstance(document, list):
            yield from _seen(document, at[1:] if at[0] == "*" else at)
        elif not at:
            yield document
        elif isinstance(document, dict) and at[0] in document:
            yield from _seen([document[at[0]]], at[1:])
