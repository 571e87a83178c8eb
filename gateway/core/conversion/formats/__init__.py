"""Bytes to documents and back: strict, bounded, and never repeating what was in them."""

from typing import Any

from gateway.core.conversion.formats.charset import Wire, codec_name, media_type
from gateway.core.conversion.formats.json_format import read_json, write_json
from gateway.core.conversion.formats.xml_format import read_xml, write_xml
from gateway.core.errors import UnsupportedFormatError


def read_document(body: bytes, declared: str, wire: Wire) -> Any:
    """Read bytes in the wire's format, in the encoding that their media type declares.

    Raises UnsupportedFormatError for another format, MalformedDocumentError for what cannot be read.
    """
    found = media_type(declared)
    if found.format != wire.format:
        raise UnsupportedFormatError(f"this document travels as {wire.format}")
    if wire.format == "xml":
        return read_xml(body, found.charset, wire)
    return read_json(body, found.charset or codec_name(wire.charset))


def write_document(document: dict[str, Any], wire: Wire) -> bytes:
    """Write a regional document; raises ValueError for what its format cannot carry."""
    return write_xml(document, wire) if wire.format == "xml" else write_json(document, wire.charset)
