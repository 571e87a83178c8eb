"""A delivery as the request that its system expects: address, headers, and the document with its stamps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.formats import write_document
from gateway.core.conversion.formats.wire import SOAP_1_1, Wire
from gateway.core.conversion.rows import Path
from gateway.core.errors import InvalidDocumentError
from gateway.core.model import Delivery, DocumentKind
from gateway.core.transports.spec import HttpSpec, Spot, for_kind

_UNSTAMPABLE: Final = "delivery_unstampable"


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One HTTP request; its address and headers may hold secrets, so it is never logged."""

    url: str = field(repr=False)
    media_type: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def request_of(
    spec: HttpSpec, adapter: Adapter, delivery: Delivery, endpoint: str, proofs: Iterable[tuple[Spot, str]]
) -> Request:
    """Return the request of one delivery, with what proves who we are where the system looks for it.

    Raises InvalidDocumentError `delivery_unstampable` where a field cannot be put into the document, and what reading
    it by the adapter now in service raises.
    """
    stamps = [(spec.exchange, delivery.exchange), (spec.number, delivery.subject), *proofs]
    standing = [(spot, value) for spot, value in stamps if spot is not None]
    wire = adapter.channels[document_kind(delivery)].document.wire
    media_type, dressed = _dressed(wire, for_kind(spec.soap_actions, delivery.kind), delivery.media_type)
    query = urlencode([(spot.query, value) for spot, value in standing if spot.query])
    return Request(
        url=endpoint + for_kind(spec.paths, delivery.kind) + (f"?{query}" if query else ""),
        media_type=media_type,
        headers={**spec.headers, **dressed, **{spot.header: value for spot, value in standing if spot.header}},
        body=_stamped(spec, adapter, delivery, [(spot.field, value) for spot, value in standing if spot.field]),
    )


def document_kind(delivery: Delivery) -> DocumentKind:
    """Return which document a delivery carries: "event.accepted" is an event."""
    return DocumentKind(delivery.kind.partition(".")[0])


def _dressed(wire: Wire, action: str, media_type: str) -> tuple[str, dict[str, str]]:
    """Return the media type and headers that name a SOAP operation (SOAP 1.1 6.1.1, RFC 3902)."""
    if wire.format != "soap":
        return media_type, {}
    if wire.soap.version == SOAP_1_1:
        return media_type, {"SOAPAction": f'"{action}"'}
    return media_type + (f'; action="{action}"' if action else ""), {}


def _stamped(spec: HttpSpec, adapter: Adapter, delivery: Delivery, fields: list[tuple[Path, str]]) -> bytes:
    """Return the delivery's own bytes, or, where something is put into them, the document written anew."""
    if not fields and not spec.lower_keys:
        return delivery.body
    kind = document_kind(delivery)
    document = adapter.read(kind, delivery.body, delivery.media_type)
    try:
        if spec.lower_keys:
            document = lowered(document)
        for path, value in fields:
            document = _with(document, path, value)
        return write_document(document, adapter.channels[kind].document.wire)
    except ValueError:
        raise InvalidDocumentError(
            "the document has no place for what is to be sent with it", code=_UNSTAMPABLE
        ) from None


def lowered(value: Any) -> Any:
    """Return a document with lower-case keys; raises ValueError where two become one."""
    if isinstance(value, list):
        return [lowered(one) for one in value]
    if not isinstance(value, dict):
        return value
    found = {name.lower(): lowered(inner) for name, inner in value.items()}
    if len(found) != len(value):
        raise ValueError("two keys differ in case only")
    return found


def _with(document: Any, path: Path, value: str) -> Any:
    if not path:
        return value
    if not isinstance(document, dict):
        raise ValueError("no object to put a field into")  # noqa: TRY004 - the caller knows one error
    return {**document, path[0]: _with(document.get(path[0], {}), path[1:], value)}
