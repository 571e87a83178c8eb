"""Makes and reads collaboration numbers (业务协同编号): short, typable, and wrong digits show.

`RRRRRR-XXXXX-XXXXXC`: the division that made it, 50 random bits in Crockford's base 32 (no I, L, O, U), and an
ISO 7064 MOD 37,36 check character over all of it, which may be any digit or capital.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from stdnum.iso7064 import mod_37_36

from gateway.core.model import DocumentKind

RANDOM_BITS = 50
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_NUMBER = re.compile(r"([0-9]{6})-([0-9A-HJKMNP-TV-Z]{5})-([0-9A-HJKMNP-TV-Z]{5})([0-9A-Z])")
_REGION = re.compile(r"[0-9]{6}(?:[0-9]{6})?")
_LENGTH = 17  # without hyphens
_LOOKALIKES = str.maketrans("OIL", "011")
# Where the canonical forms say the number; no other kind crosses as part of an application.
NUMBER_AT: Final[Mapping[DocumentKind, str]] = {
    DocumentKind.APPLICATION: "/caseNumbers/collaboration",
    DocumentKind.EVENT: "/collaborationNumber",
}
_SEPARATORS = str.maketrans("", "", " \t\u3000-\u2010\u2011\u2013\u2014\uff0d")


def collaboration_number(region: str, random: int) -> str:
    """Return the number for a division of 6 or 12 digits and 50 random bits.

    Raises ValueError when either is not what it should be.
    """
    if not _REGION.fullmatch(region):
        raise ValueError("a region has 6 or 12 digits")
    if not 0 <= random < 1 << RANDOM_BITS:
        raise ValueError("random must have at most 50 bits")
    letters = "".join(_ALPHABET[random >> shift & 31] for shift in range(RANDOM_BITS - 5, -1, -5))
    check = mod_37_36.calc_check_digit(region[:6] + letters)
    return f"{region[:6]}-{letters[:5]}-{letters[5:]}{check}"


def is_collaboration_number(text: str) -> bool:
    """Tell whether the text is a collaboration number exactly as one is written."""
    match = _NUMBER.fullmatch(text)
    return match is not None and bool(mod_37_36.is_valid("".join(match.groups())))


def read_collaboration_number(text: str) -> str | None:
    """Return the number that a person meant, or None when the check character is wrong.

    Case, spaces and hyphens do not matter; O is read as 0, and I and L as 1, but not in the check character: it may
    be any of them, and guessing there would let one wrong character pass.
    """
    letters = text.upper().translate(_SEPARATORS)
    if len(letters) != _LENGTH:
        return None
    body = letters[:-1].translate(_LOOKALIKES)
    number = f"{body[:6]}-{body[6:11]}-{body[11:]}{letters[-1]}"
    return number if is_collaboration_number(number) else None


def numbered(kind: DocumentKind, document: Mapping[str, Any], number: str) -> dict[str, Any]:
    """Return a canonical application or event that says this number, whatever it said before."""
    if kind is DocumentKind.EVENT:
        return {**document, "collaborationNumber": number}
    return {**document, "caseNumbers": {**document.get("caseNumbers", {}), "collaboration": number}}
