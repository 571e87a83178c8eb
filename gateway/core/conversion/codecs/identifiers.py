"""Division codes and organisation codes, which regions write in several lengths and with or without hyphens."""

import re
from typing import Any, Final

from gateway.core.conversion.codecs.codec import Codec, Way, blank
from gateway.core.conversion.codecs.scalars import HALF_WIDTH
from gateway.core.conversion.options import Options
from gateway.core.conversion.remarks import reduced, refuse

_CANONICAL_DIGITS: Final = 12
_LENGTHS: Final = (6, 9, 12)
_ORGANISATION: Final = re.compile(r"[0-9A-Z]{3,32}", re.ASCII)
_PLAIN_SHORT: Final = 9  # GB 11714: eight characters and a check character


def region(options: Options) -> Codec:
    """Make the codec of a division code of 6, 9 or 12 digits; canonical is 12, `digits` the length to write."""
    digits = options.integer("digits", _CANONICAL_DIGITS, low=6, high=12)
    if digits not in _LENGTHS:
        options.complain("option_invalid", "digits", "6 | 9 | 12")

    def read(value: Any) -> str | None:
        code = value.strip() if type(value) is str else value
        if type(code) is str and len(code) in _LENGTHS and code.isascii() and code.isdigit():
            return code.ljust(_CANONICAL_DIGITS, "0")
        return _none(value, "region_unreadable", "6, 9 or 12 digits")

    def write(value: Any) -> str | None:
        if type(value) is not str or len(value) != _CANONICAL_DIGITS or not (value.isascii() and value.isdigit()):
            return _none(value, "region_unreadable", "12 digits")
        if value[digits:].strip("0"):
            raise reduced(value[:digits])
        return value[:digits]

    return Codec(name="region", read=Way(carry=read), write=Way(carry=write), normalises="length")


def organisation(options: Options) -> Codec:
    """Make the codec of a social credit code or an older organisation code; canonical has no hyphen, no lower case.

    Check digits are judged later, on the canonical form, since real data is known to be dirty.
    """
    hyphened = options.flag("hyphened")

    def read(value: Any) -> str | None:
        if type(value) is not str:
            return _none(value, "organisation_unreadable", "3 to 32 letters and digits")
        code = value.translate(HALF_WIDTH).replace("-", "").replace(" ", "").strip().upper()
        if _ORGANISATION.fullmatch(code):
            return code
        return _none(value, "organisation_unreadable", "3 to 32 letters and digits")

    def write(value: Any) -> str | None:
        if type(value) is not str or not _ORGANISATION.fullmatch(value):
            return _none(value, "organisation_unreadable", "3 to 32 capital letters and digits")
        return f"{value[:-1]}-{value[-1]}" if hyphened and len(value) == _PLAIN_SHORT else value

    return Codec(
        name="organisation", read=Way(carry=read), write=Way(carry=write), normalises="hyphens, case, full-width forms"
    )


def _none(value: object, code: str, expected: str) -> str | None:
    if blank(value):
        return None
    raise refuse(code, expected)
