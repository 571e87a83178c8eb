"""The fields of the canonical forms with everything by which a region's column can be recognised as one of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from gateway.core.conversion.conformance.fields import resolved
from gateway.core.conversion.rows import Path
from gateway.core.conversion.suggest import words
from gateway.core.model import DocumentKind

_DEPTH: Final = 12
_APART: Final = ("extensions", "quarantine")  # filled by the gateway, not by rows


@dataclass(frozen=True, kw_only=True)
class CanonicalField:
    """One field, or one array of objects, of a canonical form; derived names are kept once made."""

    path: Path  # with "*" for any element
    title: str
    title_zh: str
    above_zh: tuple[str, ...]  # titles of the objects around it, outermost first
    column: str  # official, without its table; "" for none
    codes: str  # canonical code list; "" for none
    personal: bool
    shape: str  # text | integer | boolean | date | timestamp | region | array | objects | any
    required: bool  # in every document of its form

    @property
    def container(self) -> Path:
        """Return the path of the element it belongs to: up to the last "*", or the root."""
        return container_of(self.path[:-1] if self.shape == "objects" else self.path)

    @cached_property
    def titles_zh(self) -> frozenset[str]:
        """Return the ways to say its Chinese title, with and without what it belongs to."""
        return frozenset(words.titles(self.title_zh, self.above_zh))

    @cached_property
    def initials(self) -> Mapping[str, float]:
        """Return the pinyin initials of its titles, each with how direct it is."""
        return words.initials_of(self.title_zh, self.above_zh)

    @cached_property
    def holders(self) -> tuple[frozenset[str], ...]:
        """Return what the names of the objects around it speak of, within its element."""
        inner = self.path[len(self.container) : -1]
        return tuple(frozenset(words.english(part)) for part in inner)

    @cached_property
    def normal_titles(self) -> frozenset[str]:
        """Return its titles with interchangeable words made one."""
        return frozenset(map(words.normal_title, self.titles_zh))

    @cached_property
    def plain_initials(self) -> tuple[str, ...]:
        """Return the initials of its titles as they stand, where they are long enough to be part of others."""
        return tuple(letters for one in self.titles_zh if len(letters := words.initials(one)) > words.FEW)

    @cached_property
    def ending(self) -> str:
        """Return the last two of its title's initials, which say what sort of thing it is."""
        return words.initials(words.normal_title(self.title_zh))[-2:]

    @cached_property
    def around(self) -> frozenset[str]:
        """Return what the names of everything around it speak of."""
        return frozenset(word for part in self.path[:-1] for word in words.english(part))

    @cached_property
    def pinyin(self) -> frozenset[str]:
        """Return its titles in full pinyin, without tones or spaces."""
        return frozenset(map(words.pinyin, self.titles_zh))

    @cached_property
    def words(self) -> frozenset[str]:
        """Return what its English name, title and official column speak of."""
        spoken = [part for part in self.path if part != "*"][-3:]
        return frozenset(one for text in (*spoken, self.title, self.column) for one in words.english(text))

    @cached_property
    def own_words(self) -> frozenset[str]:
        """Return what its own name speaks of, without what it belongs to."""
        return frozenset(words.english(next((part for part in reversed(self.path) if part != "*"), "")))


def container_of(path: Path) -> Path:
    """Return the path up to and including its last "*"."""
    return path[: len(path) - path[::-1].index("*")] if "*" in path else ()


def fields_of(
    schemas: Mapping[str, Mapping[str, Any]], kind: DocumentKind, *, event: str = "", event_zh: str = ""
) -> tuple[CanonicalField, ...]:
    """Return the fields of a canonical form, given the parsed schemas by any name.

    Of an event whose type is known, what belongs to other types is left out, and what all share is led by its title.
    """
    by_id = {str(schema["$id"]).rpartition("/")[2]: schema for schema in schemas.values()}
    form = by_id[kind]
    others = {name for name, rule in form.get("dependentSchemas", {}).items() if event and not _allows(rule, event)}
    above = (event_zh,) if event_zh else ()
    found = _fields(form, by_id, ((), above, True))
    return tuple(one for one in found if one.path[0] not in others and not (event and one.path == ("type",)))


def _allows(rule: Mapping[str, Any], event: str) -> bool:
    allowed = rule.get("properties", {}).get("type", {}).get("enum", (event,))
    return event in allowed


def _fields(
    schema: Mapping[str, Any], by_id: Mapping[str, Any], place: tuple[Path, tuple[str, ...], bool]
) -> Iterator[CanonicalField]:
    path, above, certain = place
    bare = resolved(schema, by_id)
    said = str(schema.get("x-title-zh") or bare.get("x-title-zh") or "")
    if path and path[0] in _APART:
        return
    if "properties" in bare and len(path) < _DEPTH:
        required = bare.get("required", ())
        inner_above = (*above, said) if path and said else above
        for name, inner in bare["properties"].items():
            yield from _fields(inner, by_id, ((*path, name), inner_above, certain and name in required))
        return
    items = bare.get("items")
    if isinstance(items, Mapping) and "properties" in resolved(items, by_id):
        yield _field(schema, bare, place, "objects")
        yield from _fields(items, by_id, ((*path, "*"), (*above, said), False))
        return
    yield _field(schema, bare, place, _shape(schema, bare))


def _field(
    schema: Mapping[str, Any], bare: Mapping[str, Any], place: tuple[Path, tuple[str, ...], bool], shape: str
) -> CanonicalField:
    path, above, required = place
    return CanonicalField(
        path=path,
        title=str(schema.get("title", "")),
        title_zh=str(schema.get("x-title-zh") or ""),
        above_zh=above,
        column=str(schema.get("x-column") or "").rpartition(".")[2],
        codes=str(schema.get("x-codes") or ""),
        personal=bool(schema.get("x-personal", bare.get("x-personal", False))),
        shape=shape,
        required=required,
    )


def _shape(schema: Mapping[str, Any], bare: Mapping[str, Any]) -> str:
    definition = str(schema.get("$ref", "")).rpartition("/")[2]
    if definition in ("region", "date", "timestamp"):
        return definition
    kind = bare.get("type")
    return {"integer": "integer", "boolean": "boolean", "array": "array", "string": "text"}.get(str(kind), "any")
