"""Steps 5 and 6: bytes become a canonical document, and remember what they were."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.core.cloudevent import CloudEvent, read_event
from gateway.core.conversion.adapter import Adapter
from gateway.core.errors import AdapterError, Fault, InvalidDocumentError
from gateway.core.forms import Form
from gateway.core.model import DocumentKind, Partner
from gateway.core.trust.digests import content_digest
from gateway.flow.open import Opened
from gateway.flow.ports import Adapters

APPLICATION_SUBMITTED = "application.submitted"
EVENT_PREFIX = "event."


def document_kind_of(kind: str) -> DocumentKind:
    """Return which canonical form the document of an exchange has."""
    return DocumentKind.APPLICATION if kind == APPLICATION_SUBMITTED else DocumentKind.EVENT


@dataclass(frozen=True, kw_only=True, slots=True)
class Provenance:
    """By which conversion a canonical document came about, so that anybody can run it again.

    Digests are in RFC 9530 form; `origin` is the token under which the original bytes were first signed.
    """

    adapter: str = ""
    adapter_version: str = ""
    mapping_digest: str = ""
    source_digest: str = ""
    result_digest: str = ""
    origin: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """One exchange as read: what it says in canonical form, and the exact bytes that said so."""

    exchange: str
    kind: str
    number: str  # collaboration number, or "" where this exchange begins an application
    document: dict[str, Any]
    body: bytes
    media_type: str
    digest: str
    provenance: Provenance = field(default_factory=Provenance)

    @property
    def document_kind(self) -> DocumentKind:
        """Which canonical form the document has."""
        return document_kind_of(self.kind)

    @property
    def event(self) -> str:
        """The event type, or "" for an application."""
        return self.kind.removeprefix(EVENT_PREFIX) if self.kind.startswith(EVENT_PREFIX) else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadRegional:
    """Convert what a regional system sent in its own format."""

    adapters: Adapters
    forms: Mapping[DocumentKind, Form]

    def __call__(self, opened: Opened, kind: DocumentKind, number: str = "") -> Arrival:
        """Return the canonical document with its provenance.

        Raises MalformedDocumentError or InvalidDocumentError, with pointers into the document as sent.
        """
        adapter = adapter_of(self.adapters, opened.sender)
        envelope = opened.envelope
        conversion = adapter.to_canonical(kind, envelope.body, envelope.media_type, form=self.forms.get(kind))
        return Arrival(
            exchange=opened.claims.exchange or "",
            kind=APPLICATION_SUBMITTED if kind is DocumentKind.APPLICATION else _event_kind(conversion.document),
            number=number,
            document=conversion.document,
            body=envelope.body,
            media_type=envelope.media_type,
            digest=opened.claims.digest,
            provenance=Provenance(
                adapter=adapter.name,
                adapter_version=adapter.version,
                mapping_digest=adapter.digest,
                source_digest=opened.claims.digest,
                result_digest=conversion.result_digest,
                origin=envelope.token,
            ),
        )


def read_relayed(body: bytes) -> Arrival:
    """Return what a partner gateway relayed; the bytes are the event's own, cut out of its batch untouched.

    Raises MalformedDocumentError or InvalidDocumentError.
    """
    event = read_event(body)
    if event.kind not in (APPLICATION_SUBMITTED, EVENT_PREFIX + str(event.data.get("type"))):
        raise _mislabelled("/type", "event_type_differs", "application.submitted, or event. and the type in data")
    return Arrival(
        exchange=event.id,
        kind=event.kind,
        number=event.subject,
        document=event.data,
        body=body,
        media_type=CloudEvent.MEDIA_TYPE,
        digest=content_digest(body),
        provenance=Provenance(
            adapter=event.adapter,
            adapter_version=event.adapter_version,
            mapping_digest=event.mapping_digest,
            source_digest=event.source_digest,
            result_digest=event.result_digest,
            origin=event.origin,
        ),
    )


def _event_kind(document: Mapping[str, Any]) -> str:
    """Return the kind of exchange that an event is; raises InvalidDocumentError where it does not say."""
    happened = document.get("type")
    if not isinstance(happened, str) or not happened:
        raise _mislabelled("/type", "required_missing", "an event type")
    return EVENT_PREFIX + happened


def _mislabelled(pointer: str, code: str, expected: str) -> InvalidDocumentError:
    message, message_zh = "the event does not say what it is", "事件类型缺失或不一致"
    fault = Fault(pointer=pointer, code=code, message=message, message_zh=message_zh, expected=expected)
    return InvalidDocumentError(message, faults=(fault,))


def adapter_of(adapters: Adapters, partner: Partner) -> Adapter:
    """Return the adapter of a system; raises AdapterError `adapter_inactive` where none is in service."""
    adapter = adapters.named(partner.adapter)
    if adapter is None:
        raise AdapterError("no adapter is in service for this partner's layout", code="adapter_inactive")
    return adapter
