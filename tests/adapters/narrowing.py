"""Narrows a regional schema by its mapping table, so that what is generated from it mostly converts.

A schema says that a column is text of at most so many characters; only the table knows that it is a date or a code.
"""

import copy
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from gateway.core.conversion.codecs.times import LAYOUTS
from gateway.core.conversion.manifest import Variant
from gateway.core.conversion.pointer import tokens

MOMENTS = ("2026-02-28T13:14:15", "1999-12-31T23:59:59")
# A few values by codec and wire; the wire that is not named is the codec's own.
_PLAIN: dict[tuple[str, str], list[Any]] = {
    ("integer", ""): [0, 17],
    ("integer", "text"): ["0", "17"],
    ("money", ""): ["0.00", "17.50"],
    ("money", "number"): [0, 17],
    ("decimal", ""): ["0", "17.5"],
    ("decimal", "number"): [0, 17],
    ("region", ""): ["420300000000", "610900000000"],
    ("organisation", ""): ["11610900MB2F30661Y", "008778685"],
}
DAYS = ("2026-02-28T00:00:00", "1999-12-31T00:00:00")


class Narrowing:
    """What one message of an adapter may hold, by column."""

    def __init__(self, files: Mapping[str, bytes], variant: Variant, examples: list[Any]) -> None:
        self.files, self.variant, self.examples = files, variant, examples
        self.schema: dict[str, Any] = orjson.loads(files[variant.schema])

    def result(self) -> dict[str, Any]:
        """Return the schema with every column of a code, date, number … held to values that its row can read."""
        self._rows(tomllib.loads(self.files[self.variant.table].decode())["rows"], self.schema, ())
        for condition in self.variant.regional:
            self._hold(self.schema, condition.at, {"enum": list(condition.values)})
            above = self._find(self.schema, condition.at[:-1]) or {}
            above["required"] = [*above.get("required", ()), condition.at[-1]]
        return self.schema

    def _rows(self, rows: list[dict[str, Any]], schema: dict[str, Any], above: tuple[str, ...]) -> None:
        for row in rows:
            regional = row.get("regional", [])
            paths = [tokens(path) for path in ([regional] if isinstance(regional, str) else regional)]
            if row.get("codec") == "array":
                inner = self._find(schema, paths[0])
                if inner is not None and isinstance(inner.get("items"), dict):
                    inner["items"] = self._resolved(inner["items"])
                    self._rows(row["rows"], inner["items"], (*above, *paths[0]))
                continue
            for index, path in enumerate(paths):
                values = self._values(row, index, len(paths), (*above, *path))
                if values is not None and path:
                    self._hold(schema, path, values)

    def _values(self, row: dict[str, Any], index: int, columns: int, at: tuple[str, ...]) -> dict[str, Any] | None:
        codec = row.get("codec", "text")
        found: dict[str, Any] | None = None
        if codec == "duration":
            found = self._duration(row, index, columns)
        elif codec in ("join", "json", "part"):
            found = {"enum": list(_seen(self.examples, at)) or [""]}
        elif codec == "list":
            found = self._list(row)
        elif codec == "constant":
            found = {"const": row["value"]}
        elif codec == "first-of" and "of" in row:
            found = {"enum": self._element(row["of"])}
        elif codec not in ("text", "first-of", "ignore", "overflow"):
            found = {"enum": self._element(row)}
        return found

    def _list(self, row: dict[str, Any]) -> dict[str, Any]:
        inner = self._element(row.get("of", {}))
        if "separator" not in row:
            return {"type": "array", "items": {"enum": inner}, "maxItems": 3}
        return {"enum": [inner[0], row["separator"].join(dict.fromkeys((inner[0], inner[-1])))]}

    def _element(self, row: dict[str, Any]) -> list[Any]:
        """Return a few values that a codec of one value can read."""
        codec, wire = row.get("codec", "text"), row.get("wire", "")
        if codec == "code":
            codes = self._codes(row["table"])
            return [int(code) for code in codes] if wire == "integer" else codes
        if codec == "boolean":
            return [*_several(row.get("true", True)), *_several(row.get("false", False))]
        if codec in ("date", "datetime"):
            moments = MOMENTS if codec == "datetime" else DAYS
            return [LAYOUTS[name].write(one) for name in _several(row["formats"]) for one in moments]
        return _PLAIN.get((codec, wire)) or _PLAIN.get((codec, ""), ["甲", "乙"])

    def _duration(self, row: dict[str, Any], index: int, columns: int) -> dict[str, Any]:
        wire = row.get("wire", "text")
        units = self._codes(row["units"]) if "units" in row else []
        if columns == 2:
            return {"enum": units} if index else {"enum": ["5", "20"] if wire == "text" else [5, 20]}
        if not units:
            return {"enum": ["5"] if wire == "text" else [5]}
        spoken = [f"20{row.get('counter', '个')}{unit}" for unit in units]
        return {"enum": [*spoken, *_several(row.get("instant", []))]}

    def _codes(self, table: str) -> list[str]:
        values = tomllib.loads(self.files[f"codes/{table}.toml"].decode())["values"]
        return [value["regional"] for value in values if value.get("only") != "to-regional"]

    def _hold(self, schema: dict[str, Any], path: tuple[str, ...], values: dict[str, Any]) -> None:
        above = self._find(schema, path[:-1])
        if above is None or not isinstance(above.get("properties"), dict):
            return
        before = self._resolved(above["properties"].get(path[-1], {}))
        nullable = "null" in _several(before.get("type", [])) and "enum" in values
        held = {**values, "enum": [*values["enum"], None]} if nullable else values
        above["properties"][path[-1]] = held

    def _find(self, schema: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any] | None:
        """Return the schema of a place, with references on the way resolved in place."""
        here = schema
        for token in path:
            inner = here.get("items") if token == "0" else here.get("properties", {}).get(token)
            if not isinstance(inner, dict):
                return None
            resolved = self._resolved(inner)
            if token == "0":
                here["items"] = resolved
            else:
                here["properties"][token] = resolved
            here = resolved
        return here

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        reference = schema.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return schema
        found: Any = self.schema
        for token in tokens(reference[1:]):
            found = found[token]
        return self._resolved(copy.deepcopy(found))


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _seen(documents: list[Any], at: tuple[str, ...]) -> Iterator[Any]:
    """Yield what examples hold at a place; arrays on the way are entered."""
    for document in documents:
        if isinstance(document, list):
            yield from _seen(document, at[1:] if at[:1] == ("0",) else at)
        elif not at:
            yield document
        elif isinstance(document, dict) and at[0] in document:
            yield from _seen([document[at[0]]], at[1:])
