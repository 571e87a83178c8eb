"""What a table has no row for: how it travels in the canonical form, and how it comes back out.

A regional field without a row becomes `extensions.<layout>["/its/pointer"]`. On the way home it is put back where it
was, unless a row has filled that place. An overflow row does the same for canonical fields, in a regional text field.
"""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from gateway.core.conversion import pointer as pointers
from gateway.core.conversion.formats.json_format import read_json
from gateway.core.conversion.remarks import EXTENSION, LOSS, OVERFLOW, Note, Problem, fault
from gateway.core.conversion.rows import Path, Row
from gateway.core.conversion.runtime import exact
from gateway.core.errors import InvalidDocumentError, MalformedDocumentError

_OVERFLOW_KEY: Final = "tongban"  # marks a text field's JSON as ours


@dataclass(frozen=True, kw_only=True, slots=True)
class Passengers:
    """What one table says about fields without a row."""

    embedded: frozenset[Path]  # regional text fields that hold JSON; indexes are "*"
    overflow: Row | None

    @classmethod
    def of(cls, rows: tuple[Row, ...]) -> "Passengers":
        """Gather them from a table's rows."""
        overflow = [row for row in rows if row.name == "overflow"]
        return cls(embedded=frozenset(_embedded(rows, ())), overflow=overflow[0] if overflow else None)


def carried(canonical: dict[str, Any], layout: str, notes: list[Note]) -> None:
    """Put regional fields without a row into the canonical document.

    Raises InvalidDocumentError for numbers that a canonical document cannot hold exactly.
    """
    strays: dict[str, Any] = {}
    inexact = []
    for note in [one for one in notes if one.kind in (EXTENSION, OVERFLOW)]:
        if note.kind == OVERFLOW and _unpack(canonical, note.payload):
            continue
        strays[note.pointer] = note.payload
        if not exact(note.payload):
            inexact.append(fault(note.pointer, Problem("number_unsafe", "text, or a whole number below 2^53")))
    if inexact:
        raise InvalidDocumentError(f"{len(inexact)} faults", faults=tuple(inexact))
    if strays:
        canonical["extensions"] = {layout: strays}


def restore(
    document: dict[str, Any], layout: str, extensions: object, passengers: Passengers, notes: list[Note]
) -> None:
    """Put this layout's own extensions back, and canonical fields without a row into the overflow field."""
    own = extensions.get(layout) if type(extensions) is dict else None
    for at, value in own.items() if type(own) is dict else ():
        if not _put(document, at, value, passengers):
            notes.append(Note(LOSS, f"/extensions/{layout}/{pointers.escape(at)}", None))
    if passengers.overflow is not None:
        _pack(document, passengers.overflow, notes)


def _put(document: dict[str, Any], at: str, value: object, passengers: Passengers) -> bool:
    try:
        parts = pointers.tokens(at)
    except ValueError:
        return False
    for length in range(1, len(parts)):
        if _is_embedded(parts[:length], passengers.embedded):
            return _put_inside(document, parts, length, value)
    return pointers.put(document, parts, value)


def _put_inside(document: dict[str, Any], parts: Path, length: int, value: object) -> bool:
    """Put a value into the JSON that a text field holds."""
    above, text = pointers.find(document, parts[: length - 1]), pointers.find(document, parts[:length])
    if type(above) is not dict or type(text) is not str:
        return False
    inner = orjson.loads(text)
    done = pointers.put(inner, parts[length:], value)
    above[parts[length - 1]] = orjson.dumps(inner).decode()
    return done


def _pack(document: dict[str, Any], row: Row, notes: list[Note]) -> None:
    """Write canonical fields without a row as JSON into the overflow field, if all of them fit."""
    lost = [note for note in notes if note.kind == LOSS and note.payload is not None]
    packed = orjson.dumps({_OVERFLOW_KEY: {note.pointer: note.payload for note in lost}}).decode() if lost else ""
    if packed and len(packed) <= row.limit and pointers.put(document, row.regional[0], packed):
        notes[:] = [note for note in notes if note not in lost]


def _unpack(canonical: dict[str, Any], text: object) -> bool:
    """Give back what an overflow field holds; tell whether it held anything of ours."""
    try:
        found = read_json(text.encode()) if type(text) is str else None
    except (MalformedDocumentError, UnicodeError):
        return False
    packed = found.get(_OVERFLOW_KEY) if type(found) is dict and len(found) == 1 else None
    if type(packed) is not dict or not exact(packed):
        return False
    given = [_give_back(canonical, at, value) for at, value in packed.items()]
    return all(given)


def _give_back(canonical: dict[str, Any], at: str, value: object) -> bool:
    try:
        parts = pointers.tokens(at)
    except ValueError:
        return False
    return parts[:1] != ("extensions",) and pointers.put(canonical, parts, value)


def _embedded(rows: tuple[Row, ...], above: Path) -> list[Path]:
    found: list[Path] = []
    for row in rows:
        if row.name == "json":
            found.append(above + row.regional[0])
        if row.name == "array" and row.rows:
            found += _embedded(row.rows, (*above, *row.regional[0], "*"))
    return found


def _is_embedded(parts: Path, embedded: frozenset[Path]) -> bool:
    return any(
        len(parts) == len(path)
        and all(name == part or (name == "*" and part.isdecimal()) for name, part in zip(path, parts, strict=True))
        for path in embedded
    )
