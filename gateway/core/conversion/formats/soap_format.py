"""SOAP 1.1 and 1.2 envelopes: the document is what stands in the Body, as XML gives it, and the Header beside it.

`<Envelope><Header><auth>k</auth></Header><Body><submit><no>1</no></submit></Body></Envelope>` is read as
`{"Header": {"auth": "k"}, "submit": {"no": "1"}}`. Names in the layout's namespace stand bare. What tells one SOAP
library from another (xsi:type, xsi:nil, encodingStyle) says nothing of the document and is left out.
"""

from typing import Any, Final

from lxml import etree

from gateway.core.conversion.formats.charset import malformed
from gateway.core.conversion.formats.json_format import too_deep
from gateway.core.conversion.formats.wire import SOAP_1_1, SOAP_1_2, Wire
from gateway.core.conversion.formats.xml_format import (
    attributes_of,
    content,
    decoded,
    element_name,
    fill,
    parse,
    serialised,
)

NAMESPACES: Final = {
    SOAP_1_1: "http://schemas.xmlsoap.org/soap/envelope/",
    SOAP_1_2: "http://www.w3.org/2003/05/soap-envelope",
}
HEADER: Final = "Header"
FAULT: Final = "Fault"
_INSTANCE: Final = "http://www.w3.org/2001/XMLSchema-instance"
_DRESSING: Final = tuple(f"@{{{namespace}}}" for namespace in (*NAMESPACES.values(), _INSTANCE))


def read_soap(body: bytes, charset: str, wire: Wire) -> dict[str, Any]:
    """Read one envelope; raises MalformedDocumentError, `soap_fault` for one that holds a fault."""
    document = open_soap(body, charset, wire)
    if FAULT in document:
        raise malformed("soap_fault")
    return document


def open_soap(body: bytes, charset: str, wire: Wire) -> dict[str, Any]:
    """Read one envelope; a fault is read as {"Fault": {"code", "reason", "detail"}}, the same of both versions."""
    root = parse(decoded(body, charset, wire))
    namespace = next((one for one in NAMESPACES.values() if element_name(root) == f"{{{one}}}Envelope"), None)
    if namespace is None:
        raise malformed("soap_envelope")
    parts = {element_name(part): part for part in root}
    inner = parts.pop(f"{{{namespace}}}Body", None)
    header = parts.pop(f"{{{namespace}}}{HEADER}", None)
    if parts or inner is None or len(inner) != 1 or len(root) != 1 + (header is not None):
        raise malformed("soap_envelope")
    if inner[0].tag == f"{{{namespace}}}{FAULT}":
        return {FAULT: _fault(inner[0], wire)}
    found: dict[str, Any] = {}
    if header is not None and len(header):
        _require_understood(header, namespace, wire)
        found[HEADER] = _content(header, HEADER, wire)
    _undress(inner, wire)
    name = element_name(inner[0])
    if name == HEADER:
        raise malformed("soap_envelope")
    return found | {name: content(inner[0], (name,), wire.arrays)}


def write_soap(document: dict[str, Any], wire: Wire) -> bytes:
    """Write one envelope; raises ValueError for what it cannot carry."""
    inside = {name: value for name, value in document.items() if name != HEADER}
    header = document.get(HEADER)
    if len(inside) != 1 or not isinstance(header, dict | None) or too_deep(document):
        raise ValueError("one element in the Body, and a Header of elements")
    namespace = NAMESPACES[wire.soap.version]
    prefixes = {"soapenv": namespace} | ({"ns": wire.soap.namespace} if wire.soap.namespace else {})
    envelope = etree.Element(f"{{{namespace}}}Envelope", nsmap=prefixes)
    if header:
        fill(etree.SubElement(envelope, f"{{{namespace}}}{HEADER}"), _dressed(header, wire, outermost=True))
    fill(etree.SubElement(envelope, f"{{{namespace}}}Body"), _dressed(inside, wire, outermost=True))
    return serialised(envelope, wire.charset)


def _content(element: etree._Element, name: str, wire: Wire) -> Any:
    _undress(element, wire)
    return content(element, (name,), wire.arrays)


def _require_understood(header: etree._Element, namespace: str, wire: Wire) -> None:
    """Refuse a block that its sender wants understood or refused, and no table is known to read."""
    for block in header:
        name = etree.QName(block).localname
        if block.get(f"{{{namespace}}}mustUnderstand") in ("1", "true") and name not in wire.soap.understood:
            raise malformed("soap_not_understood", " | ".join(sorted(wire.soap.understood)))


def _undress(element: etree._Element, wire: Wire) -> None:
    """Leave out the layout's own namespace, and the attributes that belong to SOAP libraries."""
    own = f"{{{wire.soap.namespace}}}"
    for one in element.iter():
        name = element_name(one)
        if wire.soap.namespace and name.startswith(own):
            one.tag = name[len(own) :]
        for attribute in attributes_of(one):
            if attribute.startswith(_DRESSING):
                del one.attrib[attribute.removeprefix("@")]


def _dressed(value: Any, wire: Wire, *, outermost: bool = False) -> Any:
    """Put bare names into the layout's namespace: the outermost ones, and the others where it is qualified."""
    if not wire.soap.namespace or not (outermost or wire.soap.qualified):
        return value
    if isinstance(value, list):
        return [_dressed(one, wire) for one in value]
    if not isinstance(value, dict):
        return value
    own = f"{{{wire.soap.namespace}}}"
    return {name if name[:1] in ("@", "#", "{") else own + name: _dressed(inner, wire) for name, inner in value.items()}


def _fault(fault: etree._Element, wire: Wire) -> dict[str, Any]:
    """Read a fault of either version: its code without prefix, its reason, and its detail."""
    for one in fault.iter():
        if isinstance(one.tag, str):
            one.tag = etree.QName(one).localname
    read = _content(fault, FAULT, wire)
    read = read if isinstance(read, dict) else {}
    code, reason = read.get("faultcode", read.get("Code")), read.get("faultstring", read.get("Reason"))
    return {
        "code": _first_text(code).rpartition(":")[2],
        "reason": _first_text(reason),
        "detail": read.get("detail", read.get("Detail", "")),
    }


def _first_text(value: object) -> str:
    """Return the first text of what a fault says, which SOAP 1.2 wraps and repeats in several languages."""
    while isinstance(value, dict | list) and value:
        if isinstance(value, list):
            value = value[0]
        else:
            value = next((value[name] for name in ("#text", "Value", "Text") if name in value), "")
    return value if isinstance(value, str) else ""
