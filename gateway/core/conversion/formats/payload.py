"""Documents inside a text of another document: an XML document in one parameter of a SOAP call, JSON in a form field.

They are opened once the document around them is read, and closed before it is written, so a table's pointers simply
lead on into them. The encoding that an inner XML declaration names is of no account: a text has none.
"""

from typing import Any

from lxml import etree

from gateway.core.conversion.formats.charset import malformed
from gateway.core.conversion.formats.json_format import DEPTH_LIMIT, read_json, too_deep, write_json
from gateway.core.conversion.formats.wire import CharacterData, Names, Payload
from gateway.core.conversion.formats.xml_format import content, element_name, parse, root_of
from gateway.core.conversion.pointer import join
from gateway.core.errors import MalformedDocumentError


def open_payloads(document: Any, payload: Payload, arrays: frozenset[Names]) -> Any:
    """Read the documents inside one that was just read; raises MalformedDocumentError that points at the text."""
    for at in payload.at:
        text = _found(document, at)
        if text is None or text == "":
            continue
        if not isinstance(text, str):
            raise malformed("payload_not_text", payload.format, join(at))
        document = _replaced(document, at, _opened(text, at, payload, arrays))
    if too_deep(document):
        raise malformed("too_deep", f"at most {DEPTH_LIMIT} levels")
    return document


def close_payloads(document: Any, payload: Payload, charset: str) -> Any:
    """Write the documents inside one that is about to be written; raises ValueError for what they cannot carry."""
    for at in payload.at:
        inner = _found(document, at)
        if inner is not None and inner != "":
            text = _closed(inner, payload, charset)
            document = _replaced(document, at, CharacterData(text) if payload.cdata else text)
    return document


def _opened(text: str, at: Names, payload: Payload, arrays: frozenset[Names]) -> Any:
    try:
        if payload.format == "json":
            return read_json(text.encode())
        root = parse(text)
        name = element_name(root)
        return {name: content(root, (*at, name), arrays)}
    except MalformedDocumentError as error:
        raise malformed(error.code, error.faults[0].expected, join(at)) from None


def _closed(inner: object, payload: Payload, charset: str) -> str:
    if payload.format == "json":
        return write_json(inner).decode()
    declaration = f'<?xml version="1.0" encoding="{charset.upper()}"?>' if payload.declaration else ""
    return declaration + etree.tostring(root_of(inner), encoding="unicode")


def _found(document: Any, at: Names) -> Any:
    for name in at:
        if not isinstance(document, dict):
            return None
        document = document.get(name)
    return document


def _replaced(document: Any, at: Names, value: Any) -> Any:
    """Return a document that differs in one place; the one given stays as it is."""
    if not at:
        return value
    return {**document, at[0]: _replaced(document[at[0]], at[1:], value)}
