"""Builds canonical documents in which every field of their form is filled, and finds the codes in them."""

import json
from collections.abc import Iterator
from typing import Any, Final

from gateway.core.casework.lifecycle import EventType
from gateway.core.model import DocumentKind
from gateway.resources import data_folder

_FOLDER: Final = data_folder("schemas") / "canonical/v1"
_FORMS: Final = {
    kind: json.loads((_FOLDER / f"{kind}.schema.json").read_text())
    for kind in (DocumentKind.SERVICE_ITEM, DocumentKind.APPLICATION, DocumentKind.EVENT)
}
_DEFS: Final = json.loads((_FOLDER / "defs.schema.json").read_text())["$defs"]
_OWN: Final = ("extensions", "quarantine")  # what a gateway adds
_WITH_A_FORM: Final = {
    "region": "330382000000",
    "date": "2026-03-02",
    "timestamp": "2026-03-02T09:30:00+08:00",
    "digest": "sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:",
    "implementation-code": "11330382MB1234567H4330125004001",
    "base-code": "330125004001",
    "handling-item-code": "11330382MB1234567H433012500400101",
    "code": "11330382MB1234567H",
    "mediaType": "application/pdf",
    "currency": "CNY",
}
# The part of an event that belongs to its type; the others have none.
_PARTS: Final = {
    EventType.COLLECTED: "collection",
    EventType.NOTICE: "notice",
    EventType.SUPPLEMENTED: "supplement",
    EventType.ACCEPTED: "acceptance",
    EventType.REFUSED: "refusal",
    EventType.REVIEWED: "review",
    EventType.SPECIAL_PROCEDURE_STARTED: "specialProcedure",
    EventType.SPECIAL_PROCEDURE_ENDED: "specialProcedure",
    EventType.DECIDED: "decision",
    EventType.CERTIFICATE_ISSUED: "certificate",
    EventType.DELIVERED: "delivery",
    EventType.RATED: "rating",
    EventType.RECTIFIED: "rectification",
}


def filled(kind: DocumentKind) -> list[dict[str, Any]]:
    """Return a document of the kind with every field; of events, one a type with every field of that type."""
    document = _filled(_FORMS[kind], "")
    if kind is not DocumentKind.EVENT:
        return [document]
    common = {name: value for name, value in document.items() if name not in _PARTS.values()}
    return [
        common | ({_PARTS[one]: document[_PARTS[one]]} if one in _PARTS else {}) | {"type": str(one)}
        for one in EventType
    ]


def codes(kind: DocumentKind, document: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Yield every place of a document that holds a code, with all the codes that it may hold."""
    yield from _codes(_FORMS[kind], document, ())


def _filled(schema: dict[str, Any], name: str) -> Any:
    reference = schema.get("$ref", "").rpartition("/")[2]
    known = _WITH_A_FORM.get(reference) or _WITH_A_FORM.get(name)
    schema = _DEFS[reference] if reference else schema
    if known is not None or "enum" in schema:
        return known or schema["enum"][0]
    if "properties" in schema:
        return {one: _filled(inner, one) for one, inner in schema["properties"].items() if one not in _OWN}
    if "items" in schema:
        return [_filled(schema["items"], name)]
    plain = {"boolean": True, "integer": max(schema.get("minimum", 1), 1)}
    return plain.get(schema["type"], name[: schema.get("maxLength")])


def _codes(schema: dict[str, Any], value: Any, at: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    reference = schema.get("$ref", "").rpartition("/")[2]
    schema = _DEFS[reference] if reference else schema
    if "enum" in schema:
        yield at, schema["enum"]
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _codes(schema["properties"][name], inner, (*at, name))
    elif isinstance(value, list):
        yield from _codes(schema["items"], value[0], (*at, "0"))
