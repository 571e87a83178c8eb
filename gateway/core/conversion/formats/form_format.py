"""Forms as browsers and most Chinese interfaces post them (application/x-www-form-urlencoded): names and texts.

Percent signs encode bytes of the document's encoding, which for GBK is not what the WHATWG's rules for browsers say,
and what regional systems do. A name that stands several times is a list.
"""

import re
from typing import Any, Final
from urllib.parse import quote_plus, unquote_to_bytes

from gateway.core.conversion.formats.charset import as_text, malformed
from gateway.core.conversion.formats.wire import Wire
from gateway.core.conversion.formats.xml_format import add

_FIELD_LIMIT: Final = 2_000
_BROKEN: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def read_form(body: bytes, charset: str, wire: Wire) -> dict[str, Any]:
    """Read one form as {name: text, or list of texts}; raises MalformedDocumentError with a stable code."""
    pieces = [piece for piece in body.strip().split(b"&") if piece]
    if not pieces:
        raise malformed("empty_document")
    if len(pieces) > _FIELD_LIMIT:
        raise malformed("form_too_many", f"at most {_FIELD_LIMIT} fields")
    if _BROKEN.search(body):
        raise malformed("form_syntax", "two hexadecimal digits after each %")
    found: dict[str, Any] = {}
    for piece in pieces:
        name, equals, value = (_decoded(part, charset) for part in piece.partition(b"="))
        if not equals or not name:
            raise malformed("form_syntax", "name=value, joined by &")
        add(found, name, value, array=(name,) in wire.arrays)
    return found


def write_form(document: dict[str, Any], wire: Wire) -> bytes:
    """Write {name: scalar, or list of scalars}; raises ValueError for what a form cannot carry."""
    pieces = [
        f"{_encoded(name, wire.charset)}={_encoded(scalar_text(one), wire.charset)}"
        for name, value in document.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    if not 0 < len(pieces) <= _FIELD_LIMIT or "" in document:
        raise ValueError("a form has named fields, and no more than are read")
    return "&".join(pieces).encode("ascii")


def scalar_text(value: object) -> str:
    """Return a scalar as text; raises ValueError for what is none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        raise ValueError("only texts, numbers and truth values stand in a field")  # noqa: TRY004 - as above
    return "" if value is None else str(value)


def _decoded(part: bytes, charset: str) -> str:
    return as_text(unquote_to_bytes(part.replace(b"+", b" ")), charset)


def _encoded(text: str, charset: str) -> str:
    return quote_plus(text, encoding=charset, errors="strict")
