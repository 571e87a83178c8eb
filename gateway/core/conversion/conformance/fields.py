"""Walks rows, documents and schemas: which places each of them names, written as pointers with "*" for any element."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from gateway.core.conversion.manifest import MANIFEST, Document, Variant
from gateway.core.conversion.pointer import escape, join
from gateway.core.conversion.rows import Path, Row
from gateway.core.model import DocumentKind

_DEPTH: Final = 12  # deeper than any canonical form; a schema that refers to itself ends here
_FIELDS: Final = 5_000  # a schema says no more than an adapter could have rows for


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """A row with the whole paths it ties together, counted from the root; "*" is any element, "0" the only one."""

    row: Row
    file: str
    pointer: str  # into the file
    canonical: tuple[str, ...]
    regional: tuple[str, ...]

    @property
    def at(self) -> str:
        """Return file and place as faults of loading name them."""
        return f"{self.file}#{self.pointer}"


def placed_rows(document: Document, variant: Variant) -> tuple[Placed, ...]:
    """Return every row of a message, nested ones after the one that holds them."""
    index = document.variants.index(variant)
    own = f"/documents/{document.kind}/variants/{index}"  # the rows that tell a variant stand in the manifest
    return tuple(_placed(variant.rows, (variant.table, own), ((), ())))


def _placed(rows: tuple[Row, ...], home: tuple[str, str], above: tuple[Path, Path]) -> Iterator[Placed]:
    for row in rows:
        yield Placed(
            row=row,
            file=home[0] if row.place else MANIFEST,
            pointer=row.place or home[1],
            canonical=tuple(join((*above[0], *path)) for path in row.canonical),
            regional=tuple(join((*above[1], *path)) for path in row.regional),
        )
        if row.rows is not None:
            yield from _placed(row.rows, home, (_inside(row, above[0], regional=False), _inside(row, above[1])))


def _inside(row: Row, above: Path, *, regional: bool = True) -> Path:
    (path,) = row.regional if regional else row.canonical
    return (*above, *path, "*") if row.repeats(regional=regional) else (*above, *path)


def canonical_fields(schemas: Mapping[str, Mapping[str, Any]], kind: DocumentKind) -> frozenset[str]:
    """Return the pointers of all fields of a canonical form, given the parsed schemas by any name."""
    by_id = {str(schema["$id"]).rpartition("/")[2]: schema for schema in schemas.values()}
    found = _titled(by_id[kind], by_id, ())
    return frozenset(pointer for pointer, _ in found if not pointer.startswith(("/extensions", "/quarantine")))


def schema_fields(schema: Mapping[str, Any]) -> frozenset[str]:
    """Return the pointers of the fields that a regional schema names."""
    return frozenset(described_fields(schema))


def described_fields(schema: Mapping[str, Any]) -> dict[str, str]:
    """Return the pointers of the fields that a regional schema names, with the title of each."""
    found = islice(_titled(schema, {"": schema}, ()), _FIELDS)
    return {pointer: title for pointer, title in found if pointer}


def _titled(schema: object, by_id: Mapping[str, Any], above: Path) -> Iterator[tuple[str, str]]:
    schema = resolved(schema, by_id)
    properties, items = schema.get("properties"), schema.get("items")
    if isinstance(properties, dict) and len(above) < _DEPTH:
        for name, inner in properties.items():
            yield from _titled(inner, by_id, (*above, str(name)))
    elif isinstance(items, dict) and len(above) < _DEPTH:
        yield from _titled(items, by_id, (*above, "*"))
    else:
        yield join(above), str(schema.get("title", ""))


def covered(at: str, paths: Collection[str]) -> bool:
    """Tell whether a place lies at or inside one of these paths."""
    return any(within(starred(at), starred(path)) for path in paths)


def within(at: str, above: str) -> bool:
    """Tell whether a place is another one or lies inside it."""
    return at == above or at.startswith(f"{above}/")


def starred(at: str) -> str:
    """Return a pointer with every index replaced by "*"."""
    return "/".join("*" if part.isdecimal() else part for part in at.split("/"))


def places_in(value: object, at: str = "") -> Iterator[str]:
    """Yield the pointers of all plain values of a document."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places_in(inner, f"{at}/{escape(name)}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places_in(inner, f"{at}/{index}")
    else:
        yield at


def resolved(schema: object, by_id: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow references to definitions, of this document or of one known by its id; a chain of them ends somewhere."""
    for _ in range(_DEPTH):
        reference = schema.get("$ref") if isinstance(schema, Mapping) else None
        if not isinstance(reference, str) or "#/$defs/" not in reference:
            break
        document, _, name = reference.partition("#/$defs/")
        holder = by_id.get(document.rpartition("/")[2])
        definitions = holder.get("$defs") if isinstance(holder, Mapping) else None
        schema = definitions.get(name) if isinstance(definitions, Mapping) else None
    return schema if isinstance(schema, Mapping) else {}
