"""What compiled tables call off the fast path: they note what they find and return the value to go on with."""

from collections.abc import Callable
from typing import Any, Final

from gateway.core.conversion import pointer as pointers
from gateway.core.conversion.codecs.codec import SAFE_INTEGER, Carry, blank
from gateway.core.conversion.formats.json_format import read_json, too_deep, write_json
from gateway.core.conversion.remarks import EXTENSION, FAULT, FINDING, LOSS, Note, Problem, Remark, rebase, settle
from gateway.core.errors import MalformedDocumentError

# Takes one value and the notes so far; None is "no value".
Step = Callable[[Any, list[Note]], Any]

NOTHING: Final[dict[str, Any]] = {}  # stands for an absent object; nobody writes to it
_MISSING: Final = object()


def guarded(carry: Carry, at: tuple[str, ...]) -> Step:
    """Let a codec's remarks become notes at these pointers."""

    def step(value: Any, notes: list[Note]) -> Any:
        try:
            return carry(value)
        except Remark as remark:
            return settle(remark, at, notes)

    return step


def first_of(carry: Carry, at: tuple[str, ...]) -> Step:
    """Carry the first value that says something; the others travel as extensions."""
    steps = [guarded(carry, (one,)) for one in at]

    def step(values: Any, notes: list[Note]) -> Any:
        said = [index for index, value in enumerate(values) if not blank(value)]
        notes += [Note(EXTENSION, at[index], values[index]) for index in said[1:]]
        return steps[said[0]](values[said[0]], notes) if said else None

    return step


def part(carry: Carry, at: str) -> Step:
    """Take a part out of a text; one that has no such parts is kept, and found odd."""

    def step(value: Any, notes: list[Note]) -> Any:
        try:
            return carry(value)
        except Remark as remark:
            notes += [Note(FINDING, at, problem.code) for problem in remark.problems]
            return None

    return step


def says(carry: Carry, at: tuple[str, ...]) -> Callable[[object, object], bool]:
    """Make the question whether the text written at a place has this part."""

    def ask(document: object, value: object) -> bool:
        try:
            return bool(carry(pointers.find(document, at)) == value)
        except Remark:
            return False

    return ask


def object_at(value: object, at: str, notes: list[Note]) -> dict[str, Any]:
    """Return the object found at a place, or an empty one in its stead."""
    if type(value) is dict:
        return value
    if not blank(value):
        notes.append(Note(FAULT, at, Problem("type_wrong", "an object")))
    return NOTHING


def sole_at(value: object, at: str, notes: list[Note]) -> dict[str, Any]:
    """Return the only element of an array, which must be an object, or an empty one in its stead."""
    if type(value) is list:
        if len(value) == 1:
            return object_at(value[0], f"{at}/0", notes)
        if value:
            notes.append(Note(FAULT, at, Problem("array_not_single", "one element", str(len(value)))))
    elif not blank(value):
        notes.append(Note(FAULT, at, Problem("type_wrong", "an array")))
    return NOTHING


def stray(kind: int) -> Callable[[dict[str, Any], Any, str, list[Note]], None]:
    """Make the step that notes the fields of an object which no row knows."""

    def strays(found: dict[str, Any], known: Callable[[str], bool], at: str, notes: list[Note]) -> None:
        for name, value in found.items():
            if not known(name):
                notes.append(Note(kind, f"{at}/{pointers.escape(name)}", value))

    return strays


def each(element: Step, at: str) -> Step:
    """Convert every element of an array; notes inside an element carry its index."""

    def step(values: Any, notes: list[Note]) -> Any:
        if type(values) is not list:
            if not blank(values):
                notes.append(Note(FAULT, at, Problem("type_wrong", "an array")))
            return None
        results, start = [], len(notes)
        for index, value in enumerate(values):
            result = element(value, notes)
            if result is None and len(notes) == start:
                notes.append(Note(FAULT, "", Problem("type_wrong", "a value")))
            if len(notes) != start:
                start = rebase(notes, start, f"{at}/{index}")
            results.append(result)
        return results

    return step


def joined(element: Step, at: str, separator: str) -> Step:
    """Join the texts of an array's elements to one; each keeps its place, even where it says nothing.

    A separator inside a text becomes a space, which is a loss. Fields without a row need a text to come home to.
    """

    def step(values: Any, notes: list[Note]) -> Any:
        if type(values) is not list:
            if not blank(values):
                notes.append(Note(FAULT, at, Problem("type_wrong", "an array")))
            return None
        pieces, before = [], len(notes)
        for index, value in enumerate(values):
            start, piece = len(notes), element(value, notes) or ""
            if separator in piece:
                piece = piece.replace(separator, " ").strip()
                notes.append(Note(LOSS, "", None))
            rebase(notes, start, f"{at}/{index}")
            pieces.append(piece)
        if any(pieces):
            return separator.join(pieces)
        if any(note.kind == EXTENSION for note in notes[before:]):
            notes.append(Note(FAULT, at, Problem("type_wrong", "a text in one of the elements")))
        return None

    return step


def parted(element: Step, at: str, separator: str) -> Step:
    """Write one text as an array with an element for each of its parts."""

    def step(value: Any, notes: list[Note]) -> Any:
        if blank(value):
            return None
        if type(value) is not str:
            notes.append(Note(FAULT, at, Problem("type_wrong", "text")))
            return None
        return ["" if (one := element(part, notes)) is None else one for part in value.split(separator)]

    return step


def unfolded(inner: Step | None, at: str) -> Step:
    """Read JSON that a regional text field holds; notes inside it lead on from the field's pointer."""

    def step(value: Any, notes: list[Note]) -> Any:
        if blank(value):
            return None
        try:
            found = read_json(value.encode()) if type(value) is str else _MISSING
        except (MalformedDocumentError, UnicodeError):
            found = _MISSING
        if found is _MISSING or (inner is None and not exact(found)):
            notes.append(Note(FAULT, at, Problem("embedded_json_malformed", "JSON as text, without fractions")))
            return None
        if inner is None:
            return found
        start = len(notes)
        result = inner(found, notes)
        _point_at_field(notes, start, at)
        return result

    return step


def folded(inner: Step | None, at: str) -> Step:
    """Write a canonical value as JSON in a regional text field."""

    def step(value: Any, notes: list[Note]) -> Any:
        start = len(notes)
        result = value if inner is None else inner(value, notes)
        if len(notes) != start:
            rebase(notes, start, at)
        try:
            return None if result is None else write_json(result).decode()
        except ValueError:
            notes.append(Note(FAULT, at, Problem("value_unwritable", "a JSON value")))
            return None

    return step


def exact(value: object) -> bool:
    """Tell whether a value can stand in a canonical document: bounded, no fractions, no integer that readers round."""
    return not too_deep(value) and _exact(value)


def _exact(value: object) -> bool:
    if type(value) is dict:
        return all(map(_exact, value.values()))
    if type(value) is list:
        return all(map(_exact, value))
    return (
        value is None or type(value) in (str, bool) or (type(value) is int and -SAFE_INTEGER <= value <= SAFE_INTEGER)
    )


def _point_at_field(notes: list[Note], start: int, at: str) -> None:
    """Faults point at the text field, which is what the sender wrote; what travels keeps its place inside."""
    for index in range(start, len(notes)):
        note = notes[index]
        if note.kind == FAULT:
            expected = f"inside the text, at {note.pointer or 'the whole'}: {note.payload.expected}"
            notes[index] = Note(FAULT, at, note.payload._replace(expected=expected))
        else:
            notes[index] = Note(note.kind, at + note.pointer, note.payload)
