"""From the canonical document of a service item, or of a base item, to what the catalogue keeps of it."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta, timezone
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final

import orjson

from gateway.core.canonical import canonical_json
from gateway.core.catalogue.publication import IN_USE
from gateway.core.catalogue.quarantine import quarantined
from gateway.core.conversion.formats.json_format import read_json
from gateway.core.errors import InvalidDocumentError, MalformedDocumentError
from gateway.core.forms import Form
from gateway.core.model import DocumentKind, Facets, ServiceItem

_CHINA: Final = timezone(timedelta(hours=8))  # Asia/Shanghai has known no other offset since 1991
_DAY: Final = timedelta(days=1)
_NATION: Final = "000000000000"  # the region of a base item that no province added
_CODES: Final = ("handlingItemCode", "implementationCode", "localImplementationCode")
_BASE_CODES: Final = ("baseCode", "localBaseCode")


def service_item(document: Mapping[str, Any]) -> ServiceItem:
    """Return the catalogue's record of a canonical service item.

    Identifiers that break their own standard are kept, and named in `quarantine`: real catalogues hold them
    (Shanghai's pseudo organisation codes, Sichuan's composite ones), and refusing them would hide the item.
    """
    return _judged(DocumentKind.SERVICE_ITEM, document)


def base_item(document: Mapping[str, Any]) -> ServiceItem:
    """Return the catalogue's record of a canonical base item; the same holds of its identifiers."""
    return _judged(DocumentKind.BASE_ITEM, document)


RECORDS: Final[Mapping[DocumentKind, Callable[[Mapping[str, Any]], ServiceItem]]] = MappingProxyType(
    {DocumentKind.SERVICE_ITEM: service_item, DocumentKind.BASE_ITEM: base_item}
)


def published_item(content: bytes, form: Form) -> ServiceItem:
    """Return the catalogue's record of a canonical service item as its owner published it, byte for byte.

    What the owner quarantined stays quarantined. Raises MalformedDocumentError for what is not canonical JSON, and
    InvalidDocumentError with every fault that `form` finds.
    """
    document = read_json(content)
    if canonical_json(document) != content:
        raise MalformedDocumentError("the document is not in canonical JSON", code="document_not_canonical")
    if faults := form.faults(document):
        raise InvalidDocumentError("the item breaks its canonical form", faults=faults)
    return record(DocumentKind.SERVICE_ITEM, document, content)


def ended_item(item: ServiceItem, last_day: date) -> ServiceItem:
    """Return an item that is in force up to and including a day, and no longer."""
    document = {**orjson.loads(item.document), "effectiveTo": last_day.isoformat()}
    return record(item.kind, document, canonical_json(document))


def end_of(day: date) -> datetime:
    """Return the instant at which a day ends in China."""
    return datetime.combine(day, time(), _CHINA) + _DAY


def _judged(kind: DocumentKind, document: Mapping[str, Any]) -> ServiceItem:
    kept = quarantined(kind, document)
    return record(kind, kept, canonical_json(kept))


def record(kind: DocumentKind, document: Mapping[str, Any], content: bytes) -> ServiceItem:
    """Return the catalogue's record of a document and its canonical JSON; all it says is quarantined is."""
    codes = _CODES if kind is DocumentKind.SERVICE_ITEM else _BASE_CODES
    return ServiceItem(
        kind=kind,
        code=next((document[name] for name in codes if document.get(name)), ""),
        region=document.get("region", _NATION),
        name=document["name"],
        status=document.get("status", IN_USE),
        version=document.get("version", 1),
        effective_from=_midnight(document.get("effectiveFrom")),
        effective_to=_midnight_after(document.get("effectiveTo")),
        document=content,
        digest=sha256(content).hexdigest(),
        quarantine=tuple(dict.fromkeys(each["code"] for each in document.get("quarantine", ()))),
        facets=facets(document),
    )


def facets(document: Mapping[str, Any]) -> Facets:
    """Return what a canonical document says an item is found by."""
    authority = document.get("authority", {})
    named = (document.get(name, "") for name in (*_CODES, *_BASE_CODES))
    themes = (theme for filed in document.get("topics", {}).values() for theme in filed)
    return Facets(
        codes=tuple(dict.fromkeys(code for code in named if code)),
        base_code=document.get("baseCode") or document.get("localBaseCode", ""),
        authority=authority.get("code", ""),
        authority_name=authority.get("name", ""),
        levels=tuple(document.get("level", ())),
        modes=tuple(document.get("crossRegion", {}).get("modes", ())),
        subjects=tuple(dict.fromkeys((*document.get("serviceObjects", ()), *themes))),
        online=document.get("online", False),
    )


def _midnight(day: str | None) -> datetime | None:
    """Return the beginning of a day in China, where the days of the catalogue begin."""
    return datetime.fromisoformat(day).replace(tzinfo=_CHINA) if day else None


def _midnight_after(day: str | None) -> datetime | None:
    """Return the end of a day in China; the last day there is has none."""
    last = date.fromisoformat(day) if day else date.max
    return None if last == date.max else end_of(last)
