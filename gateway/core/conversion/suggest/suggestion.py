"""From samples to the files of a draft adapter: reads, proposes, writes, and tries the draft on its own samples."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from gateway.core.conversion.formats import write_document
from gateway.core.conversion.loading import load_adapter
from gateway.core.conversion.rows import Path
from gateway.core.conversion.suggest.assignment import assign
from gateway.core.conversion.suggest.canonical import fields_of
from gateway.core.conversion.suggest.draft import Draft
from gateway.core.conversion.suggest.evidence import Dictionary, Scorer
from gateway.core.conversion.suggest.fakes import Fakes
from gateway.core.conversion.suggest.proposing import Assign, Proposal, likely_arrays, propose
from gateway.core.conversion.suggest.reading import ENDING_OF, Samples, read_samples, single_rows
from gateway.core.conversion.suggest.samples import RegionalField, regional_fields
from gateway.core.errors import AdapterError, InvalidDocumentError
from gateway.core.forms import Form
from gateway.core.model import DocumentKind

SCHEMA_LIMIT: Final = 1 << 20
_EVENTS: Final = "event-type"
_PRETTY: Final = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


@dataclass(frozen=True, kw_only=True, slots=True)
class Knowledge:
    """What a suggestion is made with: the canonical forms, their code lists, and what other layouts call things."""

    schemas: Mapping[str, Mapping[str, Any]]
    forms: Mapping[DocumentKind, Form]
    labels: Mapping[str, Mapping[str, str]]
    dictionaries: Mapping[DocumentKind, Dictionary]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What the operator says of the draft; a kind or type of event that is not said is found out."""

    name: str
    kind: DocumentKind | None = None
    event: str = ""
    keep_samples: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """A draft adapter, and what it was made of."""

    kind: DocumentKind
    files: Mapping[str, bytes]
    proposal: Proposal
    found: Mapping[Path, RegionalField]
    converted: int  # samples that the draft already carries to canonical form without a fault
    samples: int


def suggest(samples: Mapping[str, bytes], knowledge: Knowledge, wish: Wish, schema: bytes | None = None) -> Suggestion:
    """Propose an adapter; raises a RejectedError with a stable code for samples that cannot be read."""
    parsed = _parsed(schema)
    kinds = [wish.kind] if wish.kind else [DocumentKind.EVENT] if wish.event else list(DocumentKind)
    readings = {kind: explain(samples, parsed, knowledge, kind, event=wish.event) for kind in kinds}
    kind = max(kinds, key=lambda one: readings[one].proposal.weight)
    read, found, proposal = readings[kind].samples, readings[kind].found, readings[kind].proposal
    draft = Draft(
        name=wish.name,
        kind=kind,
        event=wish.event,
        samples=read,
        found=found,
        proposal=proposal,
        labels=knowledge.labels,
        schema=schema,
    )
    files = draft.files()
    examples, converted = _examples(draft, files, knowledge.forms[kind], keep=wish.keep_samples)
    return Suggestion(
        kind=kind,
        files=files | examples,
        proposal=proposal,
        found=found,
        converted=converted,
        samples=len(read.documents),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """Samples as documents of one kind: their fields, and which canonical ones these may be."""

    samples: Samples
    found: Mapping[Path, RegionalField]
    proposal: Proposal


def explain(
    samples: Mapping[str, bytes],
    schema: Mapping[str, Any] | None,
    known: Knowledge,
    kind: DocumentKind,
    *,
    event: str = "",
    assign_by: Assign = assign,
) -> Reading:
    """Read samples as documents of one kind and propose what their fields are."""
    names = {code: label for label, code in known.labels.get(_EVENTS, {}).items()}
    fields = fields_of(known.schemas, kind, event=event, event_zh=names.get(event, ""))
    scorer = Scorer(fields, known.labels, known.dictionaries.get(kind, {}))
    read = read_samples(samples, schema)
    if read.wire.format in ("xml", "soap") and schema is None:
        read = read_samples(samples, schema, likely_arrays(read.documents, fields, scorer))
    found = regional_fields(read.documents, schema)
    return Reading(samples=read, found=found, proposal=propose(found, fields, scorer, assign_by=assign_by))


def _parsed(schema: bytes | None) -> dict[str, Any] | None:
    if schema is None:
        return None
    try:
        parsed = orjson.loads(schema) if len(schema) <= SCHEMA_LIMIT else None
    except orjson.JSONDecodeError:
        parsed = None
    if type(parsed) is not dict:
        raise AdapterError(f"the schema is no JSON object of at most {SCHEMA_LIMIT} bytes", code="schema_invalid")
    Form.compile(parsed, {})
    return parsed


def _examples(draft: Draft, files: Mapping[str, bytes], form: Form, *, keep: bool) -> tuple[dict[str, bytes], int]:
    """Return the samples as examples, made-up unless they are to be kept, with their canonical results where sound."""
    adapter = load_adapter(files)
    wire = single_rows(draft.samples.wire)
    fakes = Fakes(draft.kept)
    made: dict[str, bytes] = {}
    converted = 0
    for number, document in enumerate(draft.samples.documents, start=1):
        stem = f"examples/{draft.kind}/sample-{number}"
        shown = document if keep else fakes.document(document)
        body = _pretty(shown, draft.samples) or write_document(shown, wire)
        made[f"{stem}.regional.{ENDING_OF[wire.format]}"] = body
        try:
            canonical = adapter.canonical_of(draft.kind, shown).document
        except InvalidDocumentError:
            continue  # the check names the rows that refuse it
        if not form.faults(canonical):
            converted += 1
            made[f"{stem}.canonical.json"] = orjson.dumps(canonical, option=_PRETTY)
    return made, converted


def _pretty(document: Any, samples: Samples) -> bytes:
    """Return JSON as people edit it; empty for other formats and encodings, which have one way to be written."""
    if samples.wire.format != "json" or samples.wire.charset != "utf-8":
        return b""
    try:
        return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # a number that was kept exact
        return b""
