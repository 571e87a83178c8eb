"""From the canonical document of a service item to what the catalogue keeps of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any, Final

from gateway.core.canonical import canonical_json
from gateway.core.catalogue.identifiers import (
    Verdict,
    base_code,
    credit_code,
    division_code,
    handling_item_code,
    implementation_code,
)
from gateway.core.catalogue.publication import IN_USE
from gateway.core.conversion.formats.json_format import read_json
from gateway.core.errors import InvalidDocumentError, MalformedDocumentError
from gateway.core.forms import Form
from gateway.core.model import ServiceItem

_CHINA: Final = timezone(timedelta(hours=8))  # Asia/Shanghai has known no other offset since 1991
_CODES: Final = ("handlingItemCode", "implementationCode", "localImplementationCode")
_JUDGED: Final[Mapping[str, Callable[[str], Verdict]]] = {
    "/handlingItemCode": handling_item_code,
    "/implementationCode": implementation_code,
    "/baseCode": base_code,
    "/region": division_code,
    "/authority/code": credit_code,
}


def service_item(document: Mapping[str, Any]) -> ServiceItem:
    """Return the catalogue's record of a canonical service item.

    Identifiers that break their own standard are kept, and named in `quarantine`: real catalogues hold them
    (Shanghai's pseudo organisation codes, Sichuan's composite ones), and refusing them would hide the item.
    """
    found = tuple(_quarantine(document))
    kept = {**document, "quarantine": [*document.get("quarantine", ()), *found]} if found else document
    return _record(kept, canonical_json(kept), quarantine=[finding["code"] for finding in found])


def published_item(content: bytes, form: Form) -> ServiceItem:
    """Return the catalogue's record of a canonical document as its owner published it, byte for byte.

    What the owner quarantined stays quarantined. Raises MalformedDocumentError for what is not canonical JSON, and
    InvalidDocumentError with every fault that `form` finds.
    """
    document = read_json(content)
    if canonical_json(document) != content:
        raise MalformedDocumentError("the document is not in canonical JSON", code="document_not_canonical")
    if faults := form.faults(document):
        raise InvalidDocumentError("the item breaks its canonical form", faults=faults)
    return _record(document, content, quarantine=[each["code"] for each in document.get("quarantine", ())])


def _record(document: Mapping[str, Any], content: bytes, *, quarantine: Iterable[str]) -> ServiceItem:
    return ServiceItem(
        code=next((document[name] for name in _CODES if document.get(name)), ""),
        region=document["region"],
        name=document["name"],
        status=document.get("status", IN_USE),
        version=document.get("version", 1),
        effective_from=_midnight(document.get("effectiveFrom")),
        effective_to=_midnight(document.get("effectiveTo")),
        document=content,
        digest=sha256(content).hexdigest(),
        quarantine=tuple(dict.fromkeys(quarantine)),
    )


def _quarantine(document: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for pointer, judge in _JUDGED.items():
        value: Any = document
        for name in pointer[1:].split("/"):
            value = value.get(name) if isinstance(value, Mapping) else None
        if value and not (verdict := judge(value)).sound:
            yield {"pointer": pointer, "code": verdict.code}


def _midnight(day: str | None) -> datetime | None:
    """Return the beginning of a day in China, where the days of the catalogue begin."""
    return datetime.fromisoformat(day).replace(tzinfo=_CHINA) if day else None
