"""Infers a JSON Schema from samples: which fields there are and of what type, and nothing that they cannot prove."""

from collections.abc import Iterable
from typing import Any, Final

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_TYPES: Final = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", type(None): "null"}


def infer_schema(documents: Iterable[Any]) -> dict[str, Any]:
    """Return a schema that every sample fits; a field may be absent, and others may come."""
    return {"$schema": DRAFT} | _schema(list(documents))


def _schema(values: list[Any]) -> dict[str, Any]:
    types = list(dict.fromkeys(_TYPES.get(type(value), "number") for value in values))
    if "number" in types and "integer" in types:
        types.remove("integer")
    schema: dict[str, Any] = {} if not types else {"type": types[0] if len(types) == 1 else types}
    objects = [value for value in values if type(value) is dict]
    if objects:
        names = dict.fromkeys(name for one in objects for name in one)
        schema["properties"] = {name: _schema([one[name] for one in objects if name in one]) for name in names}
    arrays = [value for value in values if type(value) is list]
    if arrays:
        schema["items"] = _schema([element for one in arrays for element in one])
    return schema
