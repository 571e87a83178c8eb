"""XML read without document types, entities or network, as the same kind of document that JSON gives.

An element with neither children nor attributes is a text; any other is an object of its children, with attributes as
"@name" and its text, beside attributes, as "#text". Elements that repeat, or that a table declares an array, are a
list. A name in a namespace is "{uri}name". Text that stands between elements is refused, since no table could carry it.
"""

import re
from typing import Any, Final

from lxml import etree

from gateway.core.conversion.formats.charset import Wire, codec_name, malformed
from gateway.core.conversion.formats.json_format import DEPTH_LIMIT, too_deep
from gateway.core.errors import MalformedDocumentError

_DECLARATION: Final = re.compile(r"\s*<\?xml\s[^>]{0,200}\?>")
_ENCODING: Final = re.compile(rb"\s*<\?xml\s[^>]{0,100}?encoding\s?=\s?[\"']([A-Za-z0-9._-]{1,20})[\"']")
_TRUNCATED: Final = {
    etree.ErrorTypes.ERR_DOCUMENT_END,
    etree.ErrorTypes.ERR_TAG_NOT_FINISHED,
    etree.ErrorTypes.ERR_GT_REQUIRED,
}

_Names = tuple[str, ...]


def read_xml(body: bytes, charset: str, wire: Wire) -> dict[str, Any]:
    """Read one XML document as {root name: content}; raises MalformedDocumentError with a stable code."""
    text = _text(body, charset, wire)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise malformed("xml_dtd_forbidden", "no document type declaration")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(_DECLARATION.sub("", text, count=1).encode(), parser)
    except etree.XMLSyntaxError as error:
        raise _diagnosis(text, error) from None
    name = str(root.tag)
    return {name: _content(root, (name,), wire.arrays)}


def write_xml(document: dict[str, Any], wire: Wire) -> bytes:
    """Write {root name: content}; raises ValueError for what XML cannot carry."""
    if len(document) != 1 or too_deep(document):
        raise ValueError("one root element, and no more levels than are read")
    ((name, content),) = document.items()
    try:
        root = etree.Element(name)
        _fill(root, content)
        written = etree.tostring(root, encoding=wire.charset.upper(), xml_declaration=True)
    except (TypeError, LookupError) as error:
        raise ValueError("not XML") from error
    return written if isinstance(written, bytes) else written.encode()


def _text(body: bytes, charset: str, wire: Wire) -> str:
    """Decode strictly; the media type, the XML declaration and the layout must not contradict each other."""
    found = _ENCODING.match(body[:200])
    declared = codec_name(found[1].decode().lower()) if found else ""
    if charset and declared and charset != declared:
        raise malformed("encoding_wrong", charset)
    try:
        text = body.decode(charset or declared or codec_name(wire.charset))
    except UnicodeError:
        raise malformed("encoding_wrong", charset or declared) from None
    if text.startswith("\ufeff"):
        raise malformed("bom_forbidden")
    if not text.strip():
        raise malformed("empty_document")
    return text


def _content(element: etree._Element, path: _Names, arrays: frozenset[_Names]) -> Any:
    if len(path) > DEPTH_LIMIT:
        raise malformed("too_deep", f"at most {DEPTH_LIMIT} levels")
    text = str(element.text or "")
    found: dict[str, Any] = {f"@{name!s}": value for name, value in element.attrib.items()}
    if not len(element):
        if not found:
            return text
        return found | {"#text": text} if text.strip() else found
    if text.strip():
        raise malformed("xml_mixed_content")
    for child in element:
        if (child.tail or "").strip() or not isinstance(child.tag, str):
            raise malformed("xml_mixed_content")
        _add(found, child.tag, _content(child, (*path, child.tag), arrays), array=(*path, child.tag) in arrays)
    return found


def _add(found: dict[str, Any], name: str, value: object, *, array: bool) -> None:
    if name not in found:
        found[name] = [value] if array else value
    elif isinstance(found[name], list):
        found[name].append(value)
    else:
        found[name] = [found[name], value]


def _fill(element: etree._Element, content: object) -> None:
    """Write a value into an element; raises ValueError for characters and names that XML does not have."""
    if not isinstance(content, dict):
        element.text = _spoken(content)
        return
    for name, value in content.items():
        if name == "#text":
            element.text = _spoken(value)
        elif name.startswith("@"):
            element.set(name[1:], _spoken(value))
        else:
            for one in value if isinstance(value, list) else [value]:
                _fill(etree.SubElement(element, name), one)


def _spoken(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        raise TypeError("a list inside a list")
    return "" if value is None else str(value)


def _diagnosis(text: str, error: etree.XMLSyntaxError) -> MalformedDocumentError:
    if getattr(error, "code", 0) in _TRUNCATED or not text.rstrip().endswith(">"):
        return malformed("xml_truncated")
    if "depth" in str(error).lower():
        return malformed("too_deep", f"at most {DEPTH_LIMIT} levels")
    return malformed("xml_syntax")
