"""JSON read strictly after RFC 8259 and RFC 7493: no duplicate keys, no half characters, numbers exact, depth bounded.

Reading twice is cheaper than reading carefully: where writing the document again gives the same bytes, nothing was
dropped and nothing rounded, and that is how machines send it. Only the rest goes through the careful parser.
"""

import json
from decimal import Decimal
from typing import Any, Final

import orjson

from gateway.core.conversion.formats.charset import as_utf8, malformed
from gateway.core.errors import MalformedDocumentError

DEPTH_LIMIT: Final = 32
_EXPONENT_LIMIT: Final = 30


def read_json(body: bytes, charset: str = "") -> Any:
    """Read one JSON document; raises MalformedDocumentError with a stable code."""
    body = as_utf8(body, charset)
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _diagnosis(error) from None
    # A document with no more brackets than levels cannot be too deep.
    if body.count(b"{") + body.count(b"[") > DEPTH_LIMIT and too_deep(document, DEPTH_LIMIT):
        raise malformed("too_deep", f"at most {DEPTH_LIMIT} levels")
    return document if _comes_back(document, body) else _read_carefully(body)


def write_json(document: object, charset: str = "utf-8") -> bytes:
    """Write a document; characters that the encoding lacks are escaped.

    Raises ValueError for what JSON cannot carry.
    """
    try:
        body = orjson.dumps(document)
    except TypeError:  # half a character, an integer beyond 64 bits, or no JSON value at all
        raise ValueError("not a JSON value") from None
    if charset == "utf-8":
        return body
    try:
        return body.decode().encode(charset)
    except UnicodeError:
        return json.dumps(document, ensure_ascii=True, separators=(",", ":")).encode()


def too_deep(value: object, limit: int = DEPTH_LIMIT) -> bool:
    """Tell whether a value is nested deeper than `limit` levels, without going deeper itself."""
    level = [value]
    for _ in range(limit):
        below: list[object] = []
        for one in level:
            if type(one) is dict:
                below.extend(one.values())
            elif type(one) is list:
                below.extend(one)
        level = [one for one in below if type(one) in (dict, list)]
        if not level:
            return False
    return True


def _comes_back(document: object, body: bytes) -> bool:
    try:
        return orjson.dumps(document) == body
    except TypeError:  # pragma: no cover - orjson writes whatever it reads
        return False


def _read_carefully(body: bytes) -> Any:
    try:
        return _CAREFUL.decode(body.decode())
    except _DuplicateKeyError:
        raise malformed("json_duplicate_key", "each key once") from None
    except ValueError:
        raise malformed("json_number", "numbers of at most 30 digits") from None


class _DuplicateKeyError(Exception):
    """A key stands twice in one object."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _DuplicateKeyError
    return found


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if abs(number.adjusted()) > _EXPONENT_LIMIT or len(text) > _EXPONENT_LIMIT:
        raise ValueError("out of range")
    return number


def _integer(text: str) -> int:
    if len(text) > _EXPONENT_LIMIT:
        raise ValueError("out of range")
    return int(text)


_CAREFUL: Final = json.JSONDecoder(object_pairs_hook=_object, parse_float=_number, parse_int=_integer)


# What orjson says, in part, and the code for it; in this order.
_DIAGNOSES: Final = (
    ("zero-length", "empty_document"),
    ("BOM", "bom_forbidden"),
    ("UTF-8", "encoding_wrong"),
    ("surrogate", "json_surrogate"),
    ("infinity", "json_number"),
    ("depth", "too_deep"),
    ("end of data", "json_truncated"),
)


def _diagnosis(error: orjson.JSONDecodeError) -> MalformedDocumentError:
    """Say why a document could not be read, from what the parser said."""
    return malformed(next((code for said, code in _DIAGNOSES if said in error.msg), "json_syntax"))
