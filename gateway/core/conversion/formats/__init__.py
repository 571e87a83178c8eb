"""Bytes to documents and back: strict, bounded, and never repeating what was in them."""

from typing import Any

from gateway.core.conversion.formats.charset import codec_name, media_type
from gateway.core.conversion.formats.form_format import read_form, write_form
from gateway.core.conversion.formats.json_format import read_json, write_json
from gateway.core.conversion.formats.payload import close_payloads, open_payloads
from gateway.core.conversion.formats.soap_format import read_soap, write_soap
from gateway.core.conversion.formats.table_format import read_table, write_table
from gateway.core.conversion.formats.wire import Wire
from gateway.core.conversion.formats.xml_format import read_xml, write_xml
from gateway.core.errors import UnsupportedFormatError

__all__ = ["Wire", "read_document", "write_document"]


def read_document(body: bytes, declared: str, wire: Wire) -> Any:
    """Read bytes in the wire's format, in the encoding that their media type declares.

    Raises UnsupportedFormatError for another format, MalformedDocumentError for what cannot be read.
    """
    found = media_type(declared)
    if found.format != ("xml" if wire.format == "soap" else wire.format):
        raise UnsupportedFormatError(f"this document travels as {wire.format}")
    document = _read(body, found.charset, wire)
    return document if wire.payload is None else open_payloads(document, wire.payload, wire.arrays)


def write_document(document: dict[str, Any], wire: Wire) -> bytes:
    """Write a regional document; raises ValueError for what its format cannot carry."""
    written = document if wire.payload is None else close_payloads(document, wire.payload, wire.charset)
    match wire.format:
        case "xml":
            return write_xml(written, wire)
        case "soap":
            return write_soap(written, wire)
        case "form":
            return write_form(written, wire)
        case "csv" | "tsv":
            return write_table(written, wire)
        case _:
            return write_json(written, wire.charset)


def _read(body: bytes, charset: str, wire: Wire) -> Any:
    match wire.format:
        case "xml":
            return read_xml(body, charset, wire)
        case "soap":
            return read_soap(body, charset, wire)
        case "form":
            return read_form(body, charset or codec_name(wire.charset), wire)
        case "csv" | "tsv":
            return read_table(body, charset or codec_name(wire.charset), wire)
        case _:
            return read_json(body, charset or codec_name(wire.charset))
