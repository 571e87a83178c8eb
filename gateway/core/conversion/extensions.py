"""What a table has no row for: how it travels in the canonical form, and how it comes back out.

A regional field without a row becomes `extensions.<layout>["/its/pointer"]`. On the way home it is put back where it
was, unless a row has filled that place. An overflow row does the same for canonical fields, in a regional text field.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from gateway.core.conversion import pointer as pointers
from gateway.core.conversion.codecs.codec import blank
from gateway.core.conversion.formats.json_format import DEPTH_LIMIT, read_json, too_deep
from gateway.core.conversion.remarks import EXTENSION, LOSS, OVERFLOW, Note, Problem, fault
from gateway.core.conversion.rows import Path, Row
from gateway.core.conversion.runtime import exact
from gateway.core.errors import InvalidDocumentError, MalformedDocumentError

_OVERFLOW_KEY: Final = "tongban"  # marks a text field's JSON as ours


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """What a table's rows say of the places on one side. In its paths, "*" stands for any index."""

    owned: frozenset[Path]  # fields that rows always take, so that no passenger may fill them
    soles: frozenset[Path]  # arrays of exactly one
    arrays: frozenset[Path]  # arrays of any length

    @classmethod
    def of(cls, rows: tuple[Row, ...], *, regional: bool) -> "Places":
        """Gather them from a table's rows."""
        return cls(
            owned=frozenset(_owned(rows, (), reading=regional)),
            soles=frozenset(path for path, sole in _arrays(rows, (), regional=regional) if sole),
            arrays=frozenset(path for path, sole in _arrays(rows, (), regional=regional) if not sole),
        )

    def put(self, document: object, parts: Path, value: object, start: int = 0) -> bool:
        """Set a value at a place that holds nothing yet, making what it stands in; tell whether that was possible.

        The document's own place is `parts[:start]`. An array is never lengthened: a place inside a missing element
        does not exist.
        """
        here = document
        for index in range(start, len(parts)):
            if type(here) is not dict or parts[index] in here:
                here = pointers.step(here, parts[index])
            elif self._reaches(parts, index + 1):
                here[parts[index]] = self._wrapped(parts, index + 1, value)
                return True
            else:
                return False
        return False

    def _reaches(self, parts: Path, start: int) -> bool:
        """Tell whether a place can be made inside a new value at `parts[:start]`."""
        return not any(
            _among(parts[:index], self.arrays) or (_among(parts[:index], self.soles) and parts[index] != "0")
            for index in range(start, len(parts))
        )

    def _wrapped(self, parts: Path, start: int, value: object) -> object:
        """Return a value inside the objects and arrays of one that lead to it from `parts[:start]`."""
        for index in range(len(parts) - 1, start - 1, -1):
            value = [value] if _among(parts[:index], self.soles) else {parts[index]: value}
        return value


@dataclass(frozen=True, kw_only=True, slots=True)
class Passengers:
    """What one table says about fields without a row."""

    embedded: frozenset[Path]  # regional text fields that hold JSON
    regional: Places
    canonical: Places
    overflow: Row | None

    @classmethod
    def of(cls, rows: tuple[Row, ...]) -> "Passengers":
        """Gather them from a table's rows."""
        overflow = [row for row in rows if row.name == "overflow"]
        return cls(
            embedded=frozenset(_embedded(rows, ())),
            regional=Places.of(rows, regional=True),
            canonical=Places.of(rows, regional=False),
            overflow=overflow[0] if overflow else None,
        )


def carried(canonical: dict[str, Any], layout: str, passengers: Passengers, notes: list[Note]) -> None:
    """Put regional fields without a row into the canonical document.

    Raises InvalidDocumentError for what a canonical document cannot hold exactly.
    """
    strays: dict[str, Any] = {}
    faults = []
    for note in [one for one in notes if one.kind in (EXTENSION, OVERFLOW)]:
        if note.kind == OVERFLOW and (blank(note.payload) or _unpack(canonical, note.payload, passengers)):
            continue
        strays[note.pointer] = note.payload
        if too_deep(note.payload):
            faults.append(fault(note.pointer, Problem("document_too_deep", f"at most {DEPTH_LIMIT} levels")))
        elif not exact(note.payload):
            faults.append(fault(note.pointer, Problem("number_unsafe", "text, or a whole number below 2^53")))
    if faults:
        raise InvalidDocumentError(f"{len(faults)} faults", faults=tuple(faults))
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
        _pack(document, passengers.overflow, passengers.regional, notes)


def _put(document: dict[str, Any], at: str, value: object, passengers: Passengers) -> bool:
    try:
        parts = pointers.tokens(at)
    except ValueError:
        return False
    if _is_owned(parts, passengers.regional.owned):
        return False
    for length in range(1, len(parts)):
        if _among(parts[:length], passengers.embedded):
            return _put_inside(document, parts, length, value, passengers.regional)
    return passengers.regional.put(document, parts, value)


def _put_inside(document: dict[str, Any], parts: Path, length: int, value: object, places: Places) -> bool:
    """Put a value into the JSON that a text field holds."""
    above, text = pointers.find(document, parts[: length - 1]), pointers.find(document, parts[:length])
    if type(above) is not dict or type(text) is not str:
        return False
    inner = orjson.loads(text)
    done = places.put(inner, parts, value, length)
    above[parts[length - 1]] = orjson.dumps(inner).decode()
    return done


def _pack(document: dict[str, Any], row: Row, places: Places, notes: list[Note]) -> None:
    """Write canonical fields without a row as JSON into the overflow field, if all of them fit."""
    lost = [note for note in notes if note.kind == LOSS and note.payload is not None]
    packed = orjson.dumps({_OVERFLOW_KEY: {note.pointer: note.payload for note in lost}}).decode() if lost else ""
    if packed and len(packed) <= row.limit and places.put(document, row.regional[0], packed):
        notes[:] = [note for note in notes if note not in lost]


def _unpack(canonical: dict[str, Any], text: object, passengers: Passengers) -> bool:
    """Give back what an overflow field holds; tell whether it held anything of ours."""
    try:
        found = read_json(text.encode()) if type(text) is str else None
    except (MalformedDocumentError, UnicodeError):
        return False
    packed = found.get(_OVERFLOW_KEY) if type(found) is dict and len(found) == 1 else None
    if type(packed) is not dict or not exact(packed):
        return False
    given = [_give_back(canonical, at, value, passengers) for at, value in packed.items()]
    return all(given)


def _give_back(canonical: dict[str, Any], at: str, value: object, passengers: Passengers) -> bool:
    try:
        parts = pointers.tokens(at)
    except ValueError:
        return False
    if parts[:1] == ("extensions",) or _is_owned(parts, passengers.canonical.owned):
        return False
    return passengers.canonical.put(canonical, parts, value)


def _embedded(rows: tuple[Row, ...], above: Path) -> Iterator[Path]:
    for row in rows:
        if row.name == "json":
            yield above + row.regional[0]
        if row.name == "array" and row.rows:
            yield from _embedded(row.rows, (*above, *row.regional[0], "*"))


def _owned(rows: tuple[Row, ...], above: Path, *, reading: bool) -> Iterator[Path]:
    """Yield the paths that a direction always takes from: there, nothing is ever without a row."""
    for row in rows:
        if (
            row.name in ("overflow", *(() if reading else ("part",)))
            or row.when(reading=reading)
            or not (row.reads if reading else row.writes)
        ):
            continue
        paths = row.paths(reading=reading)[0]
        for path in paths[:1] if row.name == "first-of" else paths:
            here = (*above, *path)
            if row.rows is None or (row.separator and not reading):
                yield here
            else:
                yield from _owned(row.rows, (*here, "*") if row.repeats(regional=reading) else here, reading=reading)


def _arrays(rows: tuple[Row, ...], above: Path, *, regional: bool) -> Iterator[tuple[Path, bool]]:
    """Yield the places that rows say are arrays, and whether each is an array of exactly one."""
    for row in rows:
        for path in row.regional if regional else row.canonical:
            here = (*above, *path)
            for index in range(len(above), len(here)):
                if here[index] == "0":
                    yield here[:index], True
            repeats = row.repeats(regional=regional)
            if repeats:
                yield here, False
            yield from _arrays(row.rows or (), (*here, "*") if repeats else here, regional=regional)


def _is_owned(parts: Path, owned: frozenset[Path]) -> bool:
    """Tell whether a place is a row's, lies inside one, or would bring one along."""
    return any(_matches(parts[: len(path)], path[: len(parts)]) for path in owned)


def _among(parts: Path, paths: frozenset[Path]) -> bool:
    return any(_matches(parts, path) for path in paths)


def _matches(parts: Path, path: Path) -> bool:
    return len(parts) == len(path) and all(
        name == part or (name == "*" and part.isdecimal()) for name, part in zip(path, parts, strict=True)
    )
