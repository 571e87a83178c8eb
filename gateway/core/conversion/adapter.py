"""An adapter, loaded and checked: carries documents between one regional layout and the canonical form.

Both directions come from one table. What a table does not know is never dropped: a regional field without a row
travels in `extensions`, and a canonical field without one is named as a loss.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import orjson

from gateway.core.conversion import pointer as pointers
from gateway.core.conversion.compiler import compile_rows
from gateway.core.conversion.extensions import Passengers, carried, restore
from gateway.core.conversion.formats import read_document, write_document
from gateway.core.conversion.manifest import Document, Manifest, Variant
from gateway.core.conversion.provenance import Origin, canonical_pointer, fed_by, origins
from gateway.core.conversion.remarks import FAULT, FINDING, LOSS, Note, Problem, fault
from gateway.core.conversion.rows import Condition, Row
from gateway.core.conversion.runtime import Step
from gateway.core.errors import Fault, InvalidDocumentError, UnsupportedFormatError
from gateway.core.forms import Form
from gateway.core.model import DocumentKind

FAULT_LIMIT: Final = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversion:
    """A converted document, with what it cost.

    `losses` are pointers into the document converted from: what the result does not say, or says less exactly.
    """

    document: dict[str, Any]
    body: bytes
    media_type: str
    losses: tuple[str, ...]
    variant: str
    source: object = field(repr=False)  # the bytes converted from, or the document where there were none

    @property
    def source_digest(self) -> str:
        """Return the digest of the bytes converted from (a document's canonical JSON), in RFC 9530 form."""
        return digest(self.source if isinstance(self.source, bytes) else _written(self.source))

    @property
    def result_digest(self) -> str:
        """Return the digest of the bytes converted to, in RFC 9530 form."""
        return digest(self.body)


@dataclass(frozen=True, kw_only=True)  # without slots: what is derived from the rows is kept once made
class Message:
    """One message shape and its schema; its two functions are compiled at first use, which cannot fail.

    A layout has dozens of shapes and a region sends a few.
    """

    variant: Variant
    schema: Form | None

    @cached_property
    def read(self) -> Step:
        """Return the function from the regional to the canonical document."""
        return compile_rows(self.variant.rows, reading=True)

    @cached_property
    def write(self) -> Step:
        """Return the function from the canonical to the regional document."""
        return compile_rows(self.variant.rows, reading=False)

    @cached_property
    def passengers(self) -> Passengers:
        """Return what the table says of fields without a row."""
        return Passengers.of(self.variant.rows)


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """One document kind of an adapter, with its messages and how to tell them apart."""

    document: Document
    messages: Mapping[str, Message]
    regional: Callable[[object], str | None]
    canonical: Callable[[object], str | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Adapter:
    """An immutable adapter; safe to share between tasks."""

    manifest: Manifest
    digest: str  # over the canonical listing of its files
    channels: Mapping[DocumentKind, Channel] = field(repr=False)

    @property
    def name(self) -> str:
        """Return the layout's name."""
        return self.manifest.name

    @property
    def version(self) -> str:
        """Return the semantic version that its manifest states."""
        return self.manifest.version

    @property
    def kinds(self) -> tuple[DocumentKind, ...]:
        """Return the document kinds this layout has."""
        return tuple(self.channels)

    def compile(self) -> None:
        """Compile every message both ways now, so that none has to be at its first use."""
        for channel in self.channels.values():
            for message in channel.messages.values():
                _ = message.read, message.write, message.passengers

    def to_canonical(self, kind: DocumentKind, body: bytes, media_type: str, *, form: Form | None = None) -> Conversion:
        """Convert bytes as received.

        Raises UnsupportedFormatError, MalformedDocumentError, or InvalidDocumentError with every fault. To a refusal
        are added the faults by which `form` would refuse what could be converted; who gets a document judges it.
        """
        return self._to_canonical(kind, self.read(kind, body, media_type), body, form)

    def read(self, kind: DocumentKind, body: bytes, media_type: str) -> Any:
        """Read bytes as the layout's format without converting them; raises as `to_canonical` does."""
        return read_document(body, media_type, self._channel(kind).document.wire)

    def canonical_of(self, kind: DocumentKind, document: object) -> Conversion:
        """Convert a document that is already parsed; raises InvalidDocumentError with every fault."""
        return self._to_canonical(kind, document, None, None)

    def to_regional(self, kind: DocumentKind, canonical: dict[str, Any]) -> Conversion:
        """Convert a canonical document to bytes in this layout; raises InvalidDocumentError with every fault."""
        channel = self._channel(kind)
        message = _select(channel, channel.canonical, canonical, regional=False)
        notes: list[Note] = []
        document = message.write(canonical, notes)
        extensions = canonical.get("extensions") if type(canonical) is dict else None
        if notes or extensions:
            _raise_faults(notes)
            restore(document, self.name, extensions, message.passengers, notes)
        if message.schema is not None and (found := message.schema.faults(document)):
            raise _invalid(tuple(_blamed(message, one) for one in found))
        try:
            body = write_document(document, channel.document.wire)
        except ValueError:
            raise _invalid((fault("", Problem("value_unwritable", channel.document.wire.format)),)) from None
        return Conversion(
            document=document,
            body=body,
            media_type=channel.document.wire.media_type,
            losses=_losses(notes),
            variant=message.variant.name,
            source=canonical,
        )

    def provenance(self, kind: DocumentKind, canonical: dict[str, Any]) -> tuple[Origin, ...]:
        """Say for every field of a canonical document where in this layout it comes from; computed on demand."""
        channel = self._channel(kind)
        message = _select(channel, channel.canonical, canonical, regional=False)
        return origins(message.variant.rows, canonical, self.name)

    def _to_canonical(self, kind: DocumentKind, document: object, body: bytes | None, form: Form | None) -> Conversion:
        channel = self._channel(kind)
        message = _select(channel, channel.regional, document, regional=True)
        found = message.schema.faults(document) if message.schema is not None else ()
        notes: list[Note] = []
        canonical = message.read(document, notes)
        if notes or found:
            _raise_faults(notes, found, lambda known: _besides(known, message.variant.rows, form, canonical))
            carried(canonical, self.name, message.passengers, notes)
            _quarantine(canonical, message.variant.rows, notes)
        return Conversion(
            document=canonical,
            body=_written(canonical),
            media_type="application/json",
            losses=_losses(notes),
            variant=message.variant.name,
            source=document if body is None else body,
        )

    def _channel(self, kind: DocumentKind) -> Channel:
        channel = self.channels.get(kind)
        if channel is None:
            raise UnsupportedFormatError("this layout has no such document", code="document_unsupported")
        return channel


def digest(body: bytes) -> str:
    """Return the SHA-256 digest of some bytes in RFC 9530 form."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def _written(document: object) -> bytes:
    """Write a document with sorted keys; without floats, unsafe integers and astral keys that is RFC 8785."""
    try:
        return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        raise _invalid((fault("", Problem("value_unwritable", "JSON values")),)) from None


def _select(channel: Channel, choose: Callable[[object], str | None], document: object, *, regional: bool) -> Message:
    """Return the message that this document is; one that no variant claims is refused."""
    name = choose(document)
    if name is not None:
        return channel.messages[name]
    known: dict[str, set[str]] = {}
    for variant in channel.document.variants:
        for at, combination in _combinations(variant.regional if regional else variant.canonical):
            known.setdefault(at, set()).add(combination)
    raise _invalid(tuple(fault(at, Problem("variant_unknown", " | ".join(sorted(known[at])))) for at in known))


def _combinations(conditions: tuple[Condition, ...]) -> Iterator[tuple[str, str]]:
    """Yield each place that tells a variant, with what it holds there and, in parentheses, elsewhere."""
    for one in conditions:
        others = ", ".join(f"{pointers.join(other.at)} {_said(other)}" for other in conditions if other is not one)
        yield pointers.join(one.at), _said(one) + (f" ({others})" if others else "")


def _said(condition: Condition) -> str:
    return " or ".join(sorted(map(str, condition.values))) or "any"


def _raise_faults(
    notes: list[Note],
    found: tuple[Fault, ...] = (),
    besides: Callable[[tuple[Fault, ...]], Iterable[Fault]] = lambda _known: (),
) -> None:
    """Raise if anything was refused; the table adds what the schema did not already say of a place."""
    said = {one.pointer for one in found}
    more = [fault(note.pointer, note.payload) for note in notes if note.kind == FAULT and note.pointer not in said]
    if known := (*found, *more)[:FAULT_LIMIT]:
        raise _invalid((*known, *besides(known))[:FAULT_LIMIT])


def _besides(known: tuple[Fault, ...], rows: tuple[Row, ...], form: Form | None, canonical: object) -> Iterator[Fault]:
    """Yield what a form objects to in a document that is not whole, but for what is missing because of known faults."""
    if form is None or type(canonical) is not dict:
        return
    spoilt = {at for one in known for at in fed_by(rows, pointers.tokens(one.pointer))}
    for one in form.faults(canonical):
        if not any(f"{one.pointer}/".startswith(f"{at}/") or f"{at}/".startswith(f"{one.pointer}/") for at in spoilt):
            yield one


def _quarantine(canonical: dict[str, Any], rows: tuple[Row, ...], notes: list[Note]) -> None:
    """Say in the document itself what was found odd about it and kept, at the fields that hold it."""
    said = canonical.get("quarantine", [])
    for note in [one for one in notes if one.kind == FINDING]:
        found = {"pointer": canonical_pointer(rows, pointers.tokens(note.pointer)) or "", "code": note.payload}
        if found not in said:
            canonical["quarantine"] = said = [*said, found]


def _invalid(faults: tuple[Fault, ...]) -> InvalidDocumentError:
    return InvalidDocumentError(f"{len(faults)} faults", faults=faults)


def _blamed(message: Message, found: Fault) -> Fault:
    """Point a fault of the regional result at the canonical field that made it, where a row ties the two."""
    return replace(found, pointer=canonical_pointer(message.variant.rows, pointers.tokens(found.pointer)) or "")


def _losses(notes: list[Note]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(note.pointer for note in notes if note.kind == LOSS)) if notes else ()
