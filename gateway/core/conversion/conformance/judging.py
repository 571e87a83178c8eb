"""Puts a report together: every example tried, every message held against what it could say."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from gateway.core.conversion.adapter import Adapter, Channel
from gateway.core.conversion.conformance.collisions import collisions_of
from gateway.core.conversion.conformance.fields import (
    Placed,
    placed_rows,
    places_in,
    schema_fields,
    starred,
    within,
)
from gateway.core.conversion.conformance.report import Coverage, Example, Generated, Report, RowAt
from gateway.core.conversion.conformance.trial import Trial, loses, try_example
from gateway.core.forms import Form
from gateway.core.model import DocumentKind


def check(
    adapter: Adapter,
    examples: Collection[Example],
    *,
    forms: Mapping[DocumentKind, Form] | None = None,
    fields: Mapping[DocumentKind, Collection[str]] | None = None,
    code_lists: Mapping[str, Collection[str]] | None = None,
    schemas: Mapping[str, Mapping[str, Any]] | None = None,
    generated: Collection[Generated] = (),
) -> Report:
    """Try every example both ways, list what the tables leave out and what they let meet.

    `forms` judge the canonical results, `fields` are the pointers of all canonical fields ("*" for any element),
    `code_lists` the canonical codes by list, `schemas` the regional schemas by file; what is not given is not judged.
    `generated` is what the law of the round trip said of documents that others drew.
    """
    trials = [try_example(adapter, example, (forms or {}).get(example.kind)) for example in examples]
    coverage = tuple(
        _coverage(channel, name, (fields or {}).get(kind, ()), (trials, schemas or {}))
        for kind, channel in adapter.channels.items()
        for name in channel.messages
    )
    seen = {(one.verdict.kind, one.verdict.variant) for one in trials}
    return Report(
        adapter=adapter.name,
        version=adapter.version,
        digest=adapter.digest,
        verdicts=tuple(one.verdict for one in trials),
        coverage=coverage,
        partnerless=_partnerless(adapter, code_lists or {}),
        unexemplified=tuple(f"{one.kind}: {one.variant}" for one in coverage if (one.kind, one.variant) not in seen),
        collisions=tuple(collisions_of(adapter, trials)),
        generated=tuple(generated),
    )


def _coverage(
    channel: Channel, name: str, fields: Collection[str], known: tuple[list[Trial], Mapping[str, Mapping[str, Any]]]
) -> Coverage:
    trials, schemas = known
    variant, kind = channel.messages[name].variant, channel.document.kind
    rows = placed_rows(channel.document, variant)
    own = [one.forth.document for one in trials if one.forth and _is(one, kind, name)]
    leaves = [one for one in rows if one.row.rows is None]
    filled = {starred(path) for one in leaves for path in one.canonical}
    present = {starred(at) for document in own for at in places_in(document)}
    strays = {starred(at) for one in own for pointers in one.get("extensions", {}).values() for at in pointers}
    strays |= {at for at in schema_fields(schemas.get(variant.schema, {})) if not _is_read(at, rows)}
    return Coverage(
        kind=kind,
        variant=name,
        table=variant.table,
        never_filled=tuple(sorted(at for at in fields if not any(within(at, one) for one in filled))),
        never_read=tuple(sorted(strays)),
        unexercised=tuple(sorted(_unreached(leaves, present), key=lambda one: one.path)),
        lossy_to_canonical=tuple(
            _at(one, one.regional[0]) for one in rows if one.row.regional and loses(one, reading=True)
        ),
        lossy_to_regional=tuple(
            _at(one, one.canonical[0]) for one in rows if one.row.canonical and loses(one, reading=False)
        ),
    )


def _is(trial: Trial, kind: DocumentKind, name: str) -> bool:
    return (trial.verdict.kind, trial.verdict.variant) == (kind, name)


def _unreached(leaves: list[Placed], present: Collection[str]) -> Iterator[RowAt]:
    told: set[str] = set()
    for one in leaves:
        for path in one.canonical:
            if path not in told and not any(within(at, starred(path)) for at in present):
                told.add(path)
                yield _at(one, path)


def _is_read(at: str, rows: Collection[Placed]) -> bool:
    """Tell whether a row takes from a regional place, from what lies in it, or from what it lies in."""
    leaves = [starred(path) for one in rows for path in one.regional if one.row.rows is None]
    holders = {starred(path) for one in rows for path in one.regional}
    return at in holders or any(within(at, path) or within(path, at) for path in leaves)


def _at(one: Placed, path: str) -> RowAt:
    return RowAt(file=one.file, pointer=one.pointer, path=path)


def _partnerless(adapter: Adapter, code_lists: Mapping[str, Collection[str]]) -> dict[str, tuple[str, ...]]:
    found = {}
    for name, table in adapter.manifest.codes.items():
        listed = code_lists.get(table.code_list or name, ())  # one that names no list is held to that of its own name
        missing = sorted((set(listed) | table.refused_canonical) - set(table.write))
        if missing:
            found[name] = tuple(missing)
    return found
