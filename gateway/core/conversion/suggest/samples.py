"""What a region's samples and schema say of its own fields: names, values, and what repeats. Bounded throughout."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from gateway.core.conversion.codecs.codec import blank
from gateway.core.conversion.conformance.fields import resolved
from gateway.core.conversion.formats.charset import malformed
from gateway.core.conversion.formats.json_format import read_json
from gateway.core.conversion.rows import Path
from gateway.core.conversion.suggest import words
from gateway.core.conversion.suggest.canonical import container_of
from gateway.core.errors import Fault, InvalidDocumentError, MalformedDocumentError

FIELD_LIMIT: Final = 1000
SAMPLE_LIMIT: Final = 100
ELEMENT_LIMIT: Final = 200  # of one array; more say nothing new about its columns
_VALUE_LIMIT: Final = 64  # distinct values kept of one field
_DEPTH: Final = 12


@dataclass(kw_only=True)
class RegionalField:
    """One field, or one array of objects, of the region's documents; what its names say is kept once made."""

    path: Path  # with "*" for any element
    shape: str = "plain"  # plain | array (of plain values) | objects | embedded (objects in a JSON text)
    title: str = ""  # what the schema calls it
    explained: str = ""  # what the schema says of it
    allowed: tuple[str, ...] = ()  # what the schema enumerates
    values: dict[Any, None] = field(default_factory=dict)  # distinct ones seen, in order; owned by one reading
    seen: int = 0  # in how many places it said something
    longest: int = 0  # elements of an array at most

    @property
    def name(self) -> str:
        """Return its own name."""
        return next((part for part in reversed(self.path) if part != "*"), "")

    @property
    def container(self) -> Path:
        """Return the path of the element it belongs to."""
        return container_of(self.path)

    @cached_property
    def own_words(self) -> tuple[str, ...]:
        """Return what its own name speaks of."""
        return words.english(self.name)

    @cached_property
    def around(self) -> frozenset[str]:
        """Return what the names of everything around it speak of."""
        return frozenset(word for part in self.path[:-1] for word in words.english(part))

    @cached_property
    def said(self) -> frozenset[str]:
        """Return what all its names speak of."""
        return self.around | frozenset(self.own_words)


def regional_fields(documents: Iterable[Any], schema: Mapping[str, Any] | None = None) -> dict[Path, RegionalField]:
    """Return the fields of sample documents, in their common order, then those that only the schema names.

    Raises InvalidDocumentError where there are more than FIELD_LIMIT, MalformedDocumentError for what is no object.
    """
    reader = _Reader()
    for document in documents:
        if type(document) is not dict:
            raise malformed("json_not_object", "samples that are objects")
        reader.last = None
        reader.read(document, ())
    if schema is not None:
        reader.last = reader.order[-1] if reader.order else None
        reader.read_schema(schema, schema, ())
    return {path: reader.found[path] for path in reader.order}


class _Reader:
    def __init__(self) -> None:
        self.found: dict[Path, RegionalField] = {}
        self.order: list[Path] = []
        self.last: Path | None = None  # the field read before, which a new one stands behind

    def read(self, value: Any, path: Path) -> None:
        if type(value) is dict:
            for name, inner in value.items():
                if len(path) < _DEPTH:
                    self.read(inner, (*path, str(name)))
        elif type(value) is list:
            self._read_list(value, path)
        elif (embedded := embedded_objects(value)) is not None:
            self._read_list(embedded, path)
            self.at(path).shape = "embedded"
        elif path:
            self._remember(value, path)

    def read_schema(self, schema: Any, root: Mapping[str, Any], path: Path) -> None:
        bare = resolved(schema, {"": root})
        properties, items = bare.get("properties"), bare.get("items")
        if isinstance(properties, Mapping) and len(path) < _DEPTH:
            for name, inner in properties.items():
                self.read_schema(inner, root, (*path, str(name)))
        elif isinstance(items, Mapping) and len(path) < _DEPTH:
            inside = resolved(items, {"": root})
            one = self._described(path, bare)
            if "properties" in inside:
                one.shape = "embedded" if one.shape == "embedded" else "objects"
                one.longest = one.longest or (1 if bare.get("maxItems") == 1 else 2)  # what was seen says more
                self.read_schema(items, root, (*path, "*"))
            else:
                one.shape = "array"
        elif path:
            self._described(path, bare)

    def at(self, path: Path) -> RegionalField:
        if path not in self.found:
            if len(self.found) == FIELD_LIMIT:
                raise unsuitable(
                    "too_many_fields",
                    "The samples have more fields than a draft is made of.",
                    "样本字段过多。",
                    str(FIELD_LIMIT),
                )
            self.found[path] = RegionalField(path=path)
            self.order.insert(0 if self.last is None else self.order.index(self.last) + 1, path)
        self.last = path
        return self.found[path]

    def _read_list(self, value: list[Any], path: Path) -> None:
        one = self.at(path)
        if any(type(each) is dict for each in value):
            one.shape, one.longest = "objects", max(one.longest, len(value))
            one.seen += 1
            for each in value[:ELEMENT_LIMIT]:
                if type(each) is dict:
                    self.read(each, (*path, "*"))
            return
        if one.shape == "plain":
            one.shape = "array"
        for each in value[:ELEMENT_LIMIT]:
            if type(each) is not list:
                self._remember(each, path)

    def _remember(self, value: Any, path: Path) -> None:
        one = self.at(path)
        if not blank(value):
            one.seen += 1
            if len(one.values) < _VALUE_LIMIT:
                one.values[value] = None

    def _described(self, path: Path, bare: Mapping[str, Any]) -> RegionalField:
        one = self.at(path)
        one.title = one.title or str(bare.get("title") or "")[:200]
        one.explained = one.explained or str(bare.get("description") or "")[:2000]
        listed = bare.get("enum")
        if isinstance(listed, list):
            one.allowed = tuple(str(each) for each in listed if type(each) in (str, int))[:_VALUE_LIMIT]
        return one


def embedded_objects(value: Any) -> list[Any] | None:
    """Return the objects that a text holds as a JSON array, or None where it holds anything else."""
    if type(value) is not str or not value.lstrip().startswith("["):
        return None
    try:
        found = read_json(value.encode())
    except (MalformedDocumentError, UnicodeError):
        return None
    return found if type(found) is list and found and all(type(one) is dict for one in found) else None


def containers(found: Mapping[Path, RegionalField]) -> Iterator[RegionalField]:
    """Yield the arrays of objects, outer ones first."""
    yield from sorted(
        (one for one in found.values() if one.shape in ("objects", "embedded")), key=lambda one: len(one.path)
    )


def unsuitable(code: str, message: str, message_zh: str, expected: str) -> InvalidDocumentError:
    """Make the error for samples that no draft is made of."""
    fault = Fault(pointer="", code=code, message=message, message_zh=message_zh, expected=expected)
    return InvalidDocumentError(message, code=code, faults=(fault,))
