"""From samples to the files of a draft adapter: reads, proposes, writes, and tries the draft on its own samples."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from gateway.core.conversion.formats import write_document
from gateway.core.conversion.loading import load_adapter
from gateway.core.conversion.pointer import join
from gateway.core.conversion.rows import Path
from gateway.core.conversion.suggest import shapes
from gateway.core.conversion.suggest.assignment import assign
from gateway.core.conversion.suggest.canonical import fields_of
from gateway.core.conversion.suggest.draft import Draft
from gateway.core.conversion.suggest.evidence import Dictionary, Scorer
from gateway.core.conversion.suggest.fakes import Fakes
from gateway.core.conversion.suggest.proposing import Assign, Proposal, likely_arrays, propose
from gateway.core.conversion.suggest.reading import ENDING_OF, Samples, read_samples, single_rows
from gateway.core.conversion.suggest.samples import RegionalField, regional_fields
from gateway.core.conversion.suggest.trying import Trial, attempt
from gateway.core.errors import AdapterError
from gateway.core.forms import Form
from gateway.core.model import DocumentKind

SCHEMA_LIMIT: Final = 1 << 20
_EVENTS: Final = "event-type"
_PUBLIC: Final = frozenset({DocumentKind.SERVICE_ITEM, DocumentKind.BASE_ITEM})
_MADE_UP: Final = """# Made-up values 编造的值

In these examples the values of the fields below are made up: they have the shape of what stood in the samples, and say
nothing. Where a check calls such a value unreadable or unmapped, the row may still be right: look at the example first,
and put a true code, or a value of your own, in its place.
下列字段的取值为编造值，仅保留形状；若检查提示其无法读取或无对应代码，请先查看示例，并改为真实代码或自拟取值。

{}
"""
_REFERRING: Final = {"$ref": str, "allOf": list, "anyOf": list, "oneOf": list}
# What a JSON Schema (2020-12, and as older drafts had it) says at its top.
_SCHEMA_WORDS: Final = re.compile(
    r"\$\w+|x-.*|id|definitions|title|description|type|default|examples|properties|patternProperties|required|items|not"
    r"|(additional|unevaluated)Properties|propertyNames|(min|max)Properties|dependen(cies|tRequired|tSchemas)"
    r"|(all|any|one)Of|if|then|else|enum|const|deprecated|readOnly|writeOnly|format"
)
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
    keep_samples: bool | None = None  # not said: service items and base items, which are public, are kept


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """A draft adapter, and what it was made of."""

    kind: DocumentKind
    files: Mapping[str, bytes]
    proposal: Proposal
    found: Mapping[Path, RegionalField]
    trial: Trial  # of the draft, on its own samples
    samples: int
    kept: bool  # whether the examples are the samples as they are


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
    kept = _are_kept(wish, kind, readings) if wish.keep_samples is None else wish.keep_samples
    examples, trial = _examples(draft, files, knowledge.forms[kind], keep=kept)
    return Suggestion(
        kind=kind,
        files=files | examples,
        proposal=proposal,
        found=found,
        trial=trial,
        samples=len(read.documents),
        kept=kept,
    )


def _are_kept(wish: Wish, kind: DocumentKind, readings: Mapping[DocumentKind, "Reading"]) -> bool:
    """Tell whether samples are public of themselves: items, and no resident id among what they say.

    Where nobody said that they are items, nothing in them may even look like something of a person.
    """
    found, proposal = readings[kind].found, readings[kind].proposal
    values = [value for one in found.values() for value in one.values]
    if kind not in _PUBLIC or any(map(shapes.is_resident_id, values)):
        return False
    others = [one for reading in readings.values() for one in reading.proposal.decided if one.canonical.personal]
    likely = {one.regional.path for one in others} & set(proposal.undecided)
    return wish.kind is kind or not (likely or any(map(shapes.is_mobile, values)))


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
    if not _is_schema(parsed):
        raise AdapterError(
            "the file is a document, not a JSON Schema: a schema has properties, $defs or the like",
            code="schema_invalid",
        )
    Form.compile(parsed, {})
    return parsed


def _is_schema(parsed: Mapping[str, Any]) -> bool:
    """Tell whether a JSON object is a schema at all: nothing but the words of one, and some that say of what."""
    named = [parsed.get(name) for name in ("properties", "$defs", "definitions", "patternProperties")]
    schemas = [one for one in named if isinstance(one, Mapping)]
    described = any(schemas) and all(isinstance(each, Mapping | bool) for one in schemas for each in one.values())
    referring = any(isinstance(parsed.get(name), kind) for name, kind in _REFERRING.items())
    return (described or referring) and all(map(_SCHEMA_WORDS.fullmatch, parsed))


def _examples(draft: Draft, files: Mapping[str, bytes], form: Form, *, keep: bool) -> tuple[dict[str, bytes], Trial]:
    """Return the samples as examples, made-up unless they are to be kept, with their canonical results where sound."""
    wire, fakes = single_rows(draft.samples.wire), Fakes(draft.public)
    shown = [each if keep else fakes.document(each) for each in draft.samples.documents]
    trial = attempt(load_adapter(files), draft.kind, form, list(zip(draft.samples.documents, shown, strict=True)))
    made: dict[str, bytes] = {}
    for number, (document, canonical) in enumerate(zip(shown, trial.results, strict=True), start=1):
        stem = f"examples/{draft.kind}/sample-{number}"
        made[f"{stem}.regional.{ENDING_OF[wire.format]}"] = _pretty(document, draft.samples) or write_document(
            document, wire
        )
        if canonical is not None:
            made[f"{stem}.canonical.json"] = orjson.dumps(canonical, option=_PRETTY)
    if fakes.made_up:
        made["examples/README.md"] = _MADE_UP.format(
            "\n".join(f"- `{plain(join(at))}`" for at in fakes.made_up)
        ).encode()
    return made, trial


def plain(text: str) -> str:
    """Return a name of the region's without control characters, which a terminal would obey."""
    return "".join(mark if mark.isprintable() else "?" for mark in text)


def _pretty(document: Any, samples: Samples) -> bytes:
    """Return JSON as people edit it; empty for other formats and encodings, which have one way to be written."""
    if samples.wire.format != "json" or samples.wire.charset != "utf-8":
        return b""
    try:
        return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # a number that was kept exact
        return b""
