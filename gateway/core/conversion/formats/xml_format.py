"""XML read without document types, entities or network, as the same kind of document that JSON gives.

An element with neither children nor attributes is a text; any other is an object of its children, with attributes as
"@name" and its text, beside attributes, as "#text". Elements that repeat, or that a table declares an array, are a
list. A name in a namespace is "{uri}name". Text that stands between elements is refused, since no table could carry it.

What could make a short document expensive is counted before it is paid for: lxml looks an attribute up by walking all
of its element's, and writes a namespace out in full for each name in it.
"""

import re
from typing import Any, Final

from lxml import etree

from gateway.core.conversion.formats.charset import as_text, codec_name, malformed, one_family
from gateway.core.conversion.formats.json_format import DEPTH_LIMIT, too_deep
from gateway.core.conversion.formats.wire import CharacterData, Names, Wire
from gateway.core.errors import MalformedDocumentError

_TAG_LIMIT: Final = 100_000  # opening and closing ones, comments and sections
_ATTRIBUTE_LIMIT: Final = 64  # of one element
_NAME_LIMIT: Final = 512  # characters, with the namespace

_DECLARATION: Final = re.compile(r"\s{0,100}<\?xml\s[^>]{0,200}\?>")
_ENCODING: Final = re.compile(rb"\s*<\?xml\s[^>]{0,100}?encoding\s?=\s?[\"']([A-Za-z0-9._-]{1,20})[\"']")
_TRUNCATED: Final = {
    etree.ErrorTypes.ERR_DOCUMENT_END,
    etree.ErrorTypes.ERR_TAG_NOT_FINISHED,
    etree.ErrorTypes.ERR_GT_REQUIRED,
}


def read_xml(body: bytes, charset: str, wire: Wire) -> dict[str, Any]:
    """Read one XML document as {root name: content}; raises MalformedDocumentError with a stable code."""
    root = parse(decoded(body, charset, wire))
    name = element_name(root)
    return {name: content(root, (name,), wire.arrays)}


def write_xml(document: dict[str, Any], wire: Wire) -> bytes:
    """Write {root name: content}; raises ValueError for what XML cannot carry."""
    return serialised(root_of(document), wire.charset)


def root_of(document: object) -> etree._Element:
    """Make the element of {root name: content}; raises ValueError for what XML cannot carry."""
    if not isinstance(document, dict) or len(document) != 1 or too_deep(document):
        raise ValueError("one root element, and no more levels than are read")
    ((name, inner),) = document.items()
    root = _named(name)
    fill(root, inner)
    return root


def serialised(root: etree._Element, charset: str) -> bytes:
    """Write a tree with its declaration."""
    written = etree.tostring(root, encoding=charset.upper(), xml_declaration=True)
    return written if isinstance(written, bytes) else written.encode()


def decoded(body: bytes, charset: str, wire: Wire) -> str:
    """Decode strictly: as declared, else as the layout says; media type and XML declaration must not contradict.

    Regions use the names of GB 2312, GBK and GB 18030 for one another, so those three agree.
    """
    found = _ENCODING.match(body[:200])
    declared = codec_name(found[1].decode().lower()) if found else ""
    agreed = one_family(charset, declared)
    if not agreed and (charset or declared):
        raise malformed("encoding_wrong", charset)
    text = as_text(body, agreed or codec_name(wire.charset))
    if text.startswith("\ufeff"):
        raise malformed("bom_forbidden")
    return text


def parse(text: str) -> etree._Element:
    """Parse one document in text, whatever encoding its declaration names; raises MalformedDocumentError."""
    if not text.strip():
        raise malformed("empty_document")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise malformed("xml_dtd_forbidden", "no document type declaration")
    if text.count("<") > _TAG_LIMIT:
        raise malformed("xml_too_many", f"at most {_TAG_LIMIT} tags")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    declaration = _DECLARATION.match(text)
    try:
        return etree.fromstring(text[declaration.end() if declaration else 0 :].encode(), parser)
    except etree.XMLSyntaxError as error:
        raise _diagnosis(text, error) from None


def content(element: etree._Element, path: Names, arrays: frozenset[Names]) -> Any:
    """Return what an element holds; `path` names it and those above it."""
    if len(path) > DEPTH_LIMIT:
        raise malformed("too_deep", f"at most {DEPTH_LIMIT} levels")
    text = str(element.text or "")
    found = attributes_of(element)
    if not len(element):
        if not found:
            return text
        return found | {"#text": text} if text.strip() else found
    if text.strip():
        raise malformed("xml_mixed_content")
    for child in element:
        if (child.tail or "").strip() or not isinstance(child.tag, str):
            raise malformed("xml_mixed_content")
        name = element_name(child)
        below = (*path, name)
        add(found, name, content(child, below, arrays), array=below in arrays)
    return found


def element_name(element: etree._Element) -> str:
    """Return a name of a length that can be repeated for every element."""
    name = str(element.tag)
    if len(name) > _NAME_LIMIT:
        raise malformed("xml_name_too_long", f"at most {_NAME_LIMIT} characters, with the namespace")
    return name


def add(found: dict[str, Any], name: str, value: object, *, array: bool) -> None:
    """Add one of possibly several values under a name: the second one makes a list of them."""
    if name not in found:
        found[name] = [value] if array else value
    elif isinstance(found[name], list):
        found[name].append(value)
    else:
        found[name] = [found[name], value]


def attributes_of(element: etree._Element) -> dict[str, Any]:
    """Return an element's attributes as "@name"; raises MalformedDocumentError for too many, before looking at them."""
    if len(element.attrib) > _ATTRIBUTE_LIMIT:
        raise malformed("xml_too_many", f"at most {_ATTRIBUTE_LIMIT} attributes")
    found: dict[str, Any] = {f"@{name!s}": value for name, value in element.attrib.items()}
    if any(len(name) > _NAME_LIMIT for name in found):
        raise malformed("xml_name_too_long", f"at most {_NAME_LIMIT} characters, with the namespace")
    return found


def fill(element: etree._Element, value: object) -> None:
    """Write a value into an element; raises ValueError for characters and names that XML does not have."""
    if not isinstance(value, dict):
        element.text = _spoken(value)
        return
    for name, inner in value.items():
        if name == "#text":
            element.text = _spoken(inner)
        elif name.startswith("@"):
            element.set(name[1:], str(_spoken(inner)))
        else:
            for one in inner if isinstance(inner, list) else [inner]:
                fill(_named(name, element), one)


def _named(name: str, above: etree._Element | None = None) -> etree._Element:
    if len(name) > _NAME_LIMIT:
        raise ValueError("not a name that is read")
    return etree.Element(name) if above is None else etree.SubElement(above, name)


def _spoken(value: object) -> str | etree.CDATA:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        raise ValueError("XML has no list inside a list")  # noqa: TRY004 - what the caller cannot write is one error
    if isinstance(value, CharacterData) and "]]>" not in value:
        return etree.CDATA(value)
    return "" if value is None else str(value)


def _diagnosis(text: str, error: etree.XMLSyntaxError) -> MalformedDocumentError:
    if getattr(error, "code", 0) in _TRUNCATED or not text.rstrip().endswith(">"):
        return malformed("xml_truncated")
    if "depth" in str(error).lower():
        return malformed("too_deep", f"at most {DEPTH_LIMIT} levels")
    return malformed("xml_syntax")
