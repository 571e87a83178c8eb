"""Finds what an adapter's files bring along to judge it by: examples in pairs, and the region's own schemas."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from gateway.core.conversion.conformance.report import Example
from gateway.core.model import DocumentKind

_FOLDER: Final = "examples"
# What a file's ending declares; the encoding is the layout's own, and an envelope is XML too.
_REGIONAL: Final = {
    ".regional.json": "application/json",
    ".regional.xml": "application/xml",
    ".regional.txt": "application/x-www-form-urlencoded",
    ".regional.csv": "text/csv",
    ".regional.tsv": "text/tab-separated-values",
}


def examples_in(files: Mapping[str, bytes]) -> tuple[Example, ...]:
    """Find the pairs `examples/<document>/<name>.regional.<json|xml|txt|csv|tsv>` and `….canonical.json`.

    A regional document without its partner is an example too, of which the report says what is missing.
    """
    found = []
    for path in sorted(files):
        folder, _, rest = path.partition("/")
        kind, _, name = rest.partition("/")
        for ending, media_type in _REGIONAL.items():
            stem = name.removesuffix(ending)
            partner = files.get(f"{_FOLDER}/{kind}/{stem}.canonical.json")
            if folder == _FOLDER and stem != name and kind in tuple(DocumentKind):
                found.append(
                    Example(
                        name=stem,
                        kind=DocumentKind(kind),
                        media_type=media_type,
                        regional=files[path],
                        canonical=partner,
                    )
                )
    return tuple(found)


def regional_schemas(files: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    """Return the JSON Schemas among an adapter's files, by file; what cannot be read is left to the loader to tell."""
    found = {}
    for path, body in files.items():
        if path.endswith(".schema.json"):
            try:
                schema = orjson.loads(body)
            except orjson.JSONDecodeError:
                continue
            if type(schema) is dict:
                found[path] = schema
    return found
