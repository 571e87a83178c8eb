"""Judges an adapter before it serves anybody: its examples both ways, and what its tables leave out."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from gateway.core.conversion.adapter import Adapter, Channel, Conversion
from gateway.core.conversion.codecs.codec import blank
from gateway.core.conversion.pointer import escape, join
from gateway.core.conversion.rows import Path, Row
from gateway.core.errors import Fault, RejectedError
from gateway.core.forms import Form
from gateway.core.model import DocumentKind

_FOLDER: Final = "examples"
_REGIONAL: Final = {".regional.json": "application/json", ".regional.xml": "application/xml"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """A regional document and the canonical one that it must become."""

    name: str  # of its file, without the ending
    kind: DocumentKind
    media_type: str
    regional: bytes
    canonical: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What became of one example. It passes if nothing is refused and every difference was declared."""

    name: str
    kind: DocumentKind
    variant: str
    faults: tuple[Fault, ...] = ()  # refusals in either direction, and what the canonical form objects to
    canonical_differs: tuple[str, ...] = ()  # pointers where the result is not the expected one
    regional_differs: tuple[str, ...] = ()  # pointers that do not come back, by rows that never said so
    normalised: tuple[str, ...] = ()  # pointers that come back as their rows say: another spelling of the same
    returned_differs: tuple[str, ...] = ()  # pointers of the canonical document that a round trip changes
    losses_to_canonical: tuple[str, ...] = ()
    losses_to_regional: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Tell whether the example holds."""
        return not (self.faults or self.canonical_differs or self.regional_differs or self.returned_differs)


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """What the tables of one message leave out."""

    kind: DocumentKind
    variant: str
    never_filled: tuple[str, ...]  # canonical fields without a row
    never_read: tuple[str, ...]  # regional fields of the examples without a row
    unexercised: tuple[str, ...]  # canonical paths whose rows no example of the message reaches
    lossy_to_canonical: tuple[str, ...]  # rows, by path
    lossy_to_regional: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """Everything an operator should know before activating an adapter."""

    adapter: str
    version: str
    digest: str
    verdicts: tuple[Verdict, ...]
    coverage: tuple[Coverage, ...]
    partnerless: Mapping[str, tuple[str, ...]]  # code table → canonical codes that cannot be said there
    unexemplified: tuple[str, ...]  # messages without any example

    @property
    def passed(self) -> bool:
        """Tell whether every message has an example and every example holds."""
        return not self.unexemplified and all(verdict.passed for verdict in self.verdicts)


def examples_in(files: Mapping[str, bytes]) -> tuple[Example, ...]:
    """Find the pairs `examples/<document>/<name>.regional.json|xml` and `….canonical.json` among an adapter's files."""
    found = []
    for path in sorted(files):
        folder, _, rest = path.partition("/")
        kind, _, name = rest.partition("/")
        for ending, media_type in _REGIONAL.items():
            stem = name.removesuffix(ending)
            partner = files.get(f"{_FOLDER}/{kind}/{stem}.canonical.json")
            if folder == _FOLDER and stem != name and partner is not None and kind in tuple(DocumentKind):
                pair = {"regional": files[path], "canonical": partner}
                found.append(Example(name=stem, kind=DocumentKind(kind), media_type=media_type, **pair))
    return tuple(found)


def check(
    adapter: Adapter,
    examples: Collection[Example],
    *,
    forms: Mapping[DocumentKind, Form] | None = None,
    fields: Mapping[DocumentKind, Collection[str]] | None = None,
    code_lists: Mapping[str, Collection[str]] | None = None,
) -> Report:
    """Try every example both ways and list what the tables leave out.

    `forms` judge the canonical results, `fields` are the pointers of all canonical fields ("*" for any element),
    `code_lists` the canonical codes by list; what is not given is not judged.
    """
    tried = [_try(adapter, example, (forms or {}).get(example.kind)) for example in examples]
    verdicts = tuple(verdict for verdict, _ in tried)
    coverage = tuple(
        _coverage(channel, name, (fields or {}).get(kind, ()), [found for found in tried if _is(found[0], kind, name)])
        for kind, channel in adapter.channels.items()
        for name in channel.messages
    )
    seen = {(verdict.kind, verdict.variant) for verdict in verdicts}
    return Report(
        adapter=adapter.name,
        version=adapter.version,
        digest=adapter.digest,
        verdicts=verdicts,
        coverage=coverage,
        partnerless=_partnerless(adapter, code_lists or {}),
        unexemplified=tuple(f"{one.kind}: {one.variant}" for one in coverage if (one.kind, one.variant) not in seen),
    )


def canonical_fields(schemas: Mapping[str, Mapping[str, Any]], kind: DocumentKind) -> frozenset[str]:
    """Return the pointers of all fields of a canonical form, given the parsed schemas by any name."""
    by_id = {str(schema["$id"]).rpartition("/")[2]: schema for schema in schemas.values()}
    found = _leaves(by_id[kind], by_id, ())
    return frozenset(pointer for pointer in found if not pointer.startswith(("/extensions", "/quarantine")))


def _try(adapter: Adapter, example: Example, form: Form | None) -> tuple[Verdict, Conversion | None]:
    try:
        expected = orjson.loads(example.canonical)
        forth = adapter.to_canonical(example.kind, example.regional, example.media_type)
        back = adapter.to_regional(example.kind, expected)
        again = adapter.to_canonical(example.kind, back.body, back.media_type)
        given = adapter.read(example.kind, example.regional, example.media_type)
    except orjson.JSONDecodeError:
        fault = Fault(pointer="", code="json_syntax", message="The example is not JSON.", message_zh="示例不是 JSON。")
        return Verdict(name=example.name, kind=example.kind, variant="", faults=(fault,)), None
    except RejectedError as error:
        return Verdict(name=example.name, kind=example.kind, variant="", faults=error.faults or (_said(error),)), None
    rows = adapter.channels[example.kind].messages[forth.variant].variant.rows
    spelled = _normalising(rows)
    differing = list(differences(given, back.document))
    verdict = Verdict(
        name=example.name,
        kind=example.kind,
        variant=forth.variant,
        faults=form.faults(forth.document) if form else (),
        canonical_differs=tuple(differences(forth.document, expected)),
        regional_differs=tuple(at for at in differing if not _covered(at, spelled)),
        normalised=tuple(at for at in differing if _covered(at, spelled)),
        returned_differs=tuple(at for at in differences(expected, again.document) if not _covered(at, _lossy(rows))),
        losses_to_canonical=forth.losses,
        losses_to_regional=back.losses,
    )
    return verdict, forth


def _said(error: RejectedError) -> Fault:
    return Fault(pointer="", code=error.code, message=str(error), message_zh="示例被拒绝。")


def _is(verdict: Verdict, kind: DocumentKind, name: str) -> bool:
    return (verdict.kind, verdict.variant) == (kind, name)


def differences(one: object, other: object, at: str = "") -> Iterator[str]:
    """Yield the pointers where two documents differ; values that say nothing equal absent ones."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in dict.fromkeys([*one, *other]):
            yield from differences(one.get(name), other.get(name), f"{at}/{escape(name)}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{at}/{index}")
    elif (type(one), one) != (type(other), other) and not (_says_nothing(one) and _says_nothing(other)):
        yield at


def _says_nothing(value: object) -> bool:
    """Tell whether a value is blank, or a container of nothing else."""
    if isinstance(value, dict):
        return all(map(_says_nothing, value.values()))
    return all(map(_says_nothing, value)) if isinstance(value, list) else blank(value)


def _coverage(
    channel: Channel, name: str, fields: Collection[str], tried: list[tuple[Verdict, Conversion | None]]
) -> Coverage:
    rows = channel.messages[name].variant.rows
    filled = {_starred(join(path)) for path in _paths(rows, (), regional=False)}
    present = {_starred(at) for _, found in tried if found for at in _pointers(found.document)}
    strays = {
        _starred(at)
        for _, found in tried
        if found
        for pointers in found.document.get("extensions", {}).values()
        for at in pointers
    }
    return Coverage(
        kind=channel.document.kind,
        variant=name,
        never_filled=tuple(sorted(at for at in fields if not any(_within(at, one) for one in filled))),
        never_read=tuple(sorted(strays)),
        unexercised=tuple(sorted(at for at in filled if not any(_within(one, at) for one in present))),
        lossy_to_canonical=tuple(join(row.regional[0]) for row in rows if row.regional and _loses(row, reading=True)),
        lossy_to_regional=tuple(join(row.canonical[0]) for row in rows if row.canonical and _loses(row, reading=False)),
    )


def _loses(row: Row, *, reading: bool) -> bool:
    return row.lossy or row.name == "ignore" or not (row.reads if reading else row.writes)


def _partnerless(adapter: Adapter, code_lists: Mapping[str, Collection[str]]) -> dict[str, tuple[str, ...]]:
    found = {}
    for name, table in adapter.manifest.codes.items():
        missing = sorted((set(code_lists.get(table.code_list, ())) | table.refused_canonical) - set(table.write))
        if missing:
            found[name] = tuple(missing)
    return found


def _paths(rows: tuple[Row, ...], above: Path, *, regional: bool) -> Iterator[Path]:
    for row in rows:
        for path in row.regional if regional else row.canonical:
            if row.rows is None:
                yield (*above, *path)
            else:
                inner = (*above, *path, "*") if row.repeats(regional=regional) else (*above, *path)
                yield from _paths(row.rows, inner, regional=regional)


def _normalising(rows: tuple[Row, ...], above: Path = ()) -> set[str]:
    """Return the regional paths that may come back spelled differently, because a row says so."""
    found: set[str] = set()
    for row in rows:
        says = row.lossy or row.name in ("ignore", "first-of", "json", "overflow") or not (row.reads and row.writes)
        if says or (row.codec is not None and row.codec.normalises) or row.empty != "omit":
            found |= {join((*above, *path)) for path in row.regional}
        if row.name == "array" and row.rows is not None:
            found |= _normalising(row.rows, (*above, *row.regional[0], "*"))
    return found


def _lossy(rows: tuple[Row, ...], above: Path = ()) -> set[str]:
    """Return the canonical paths that a round trip may change, because a row says so."""
    found: set[str] = set()
    for row in rows:
        if row.lossy or row.name == "ignore" or not (row.reads and row.writes):
            found |= {join((*above, *path)) for path in row.canonical}
        if row.repeats(regional=False) and row.rows is not None:
            found |= _lossy(row.rows, (*above, *row.canonical[0], "*"))
    return found


def _covered(at: str, paths: Collection[str]) -> bool:
    return any(_within(_starred(at), _starred(path)) for path in paths)


def _within(at: str, above: str) -> bool:
    return at == above or at.startswith(f"{above}/")


def _starred(at: str) -> str:
    return "/".join("*" if part.isdecimal() else part for part in at.split("/"))


def _pointers(value: object, at: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _pointers(inner, f"{at}/{escape(name)}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _pointers(inner, f"{at}/{index}")
    else:
        yield at


def _leaves(schema: Mapping[str, Any], by_id: Mapping[str, Any], above: Path) -> Iterator[str]:
    reference = str(schema.get("$ref", ""))
    if reference:
        document, _, name = reference.partition("#/$defs/")
        schema = by_id[document.rpartition("/")[2] or "defs"]["$defs"][name]
    if "properties" in schema and len(above) < 10:  # noqa: PLR2004 - deeper than any form
        for name, inner in schema["properties"].items():
            yield from _leaves(inner, by_id, (*above, name))
    elif isinstance(schema.get("items"), dict):
        yield from _leaves(schema["items"], by_id, (*above, "*"))
    else:
        yield join(above)
