"""Reads the claims of a signed document one by one, collecting what is wrong instead of stopping at the first."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gateway.core.trust.refusals import reason

if TYPE_CHECKING:
    from gateway.core.errors import Fault

TEXT_LIMIT = 256  # characters of a claim
URL_LIMIT = 2048
_COUNT_LIMIT = 2**31 - 1
_LAST_SECOND = 253402300799  # 9999-12-31T23:59:59Z, the last a datetime holds
# RFC 9562 5.7, in the lower-case form that section 4 has every sender write: one id has one spelling.
_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


class ClaimReader:
    """The claims of one document; `faults` grows as they are read, in the order of reading.

    A claim that is missing or of the wrong form reads as "" or 0 and is already told; `told` says which those are, so
    that nothing is reported twice.
    """

    __slots__ = ("_claims", "_malformed", "_missing", "_path", "faults", "told")

    def __init__(self, claims: Mapping[str, Any], *, missing: str, malformed: str, path: str = "") -> None:
        self._claims = claims
        self._missing = missing
        self._malformed = malformed
        self._path = path
        self.faults: list[Fault] = []
        self.told: set[str] = set()

    def text(self, name: str, *, limit: int = TEXT_LIMIT) -> str:
        """Return a required, printable, non-empty text."""
        if name not in self._claims:
            self.tell(self._missing, name, expected="text")
            return ""
        return self._text(name, limit)

    def optional_text(self, name: str) -> str | None:
        """Return a text that may be absent."""
        return self._text(name, TEXT_LIMIT) if name in self._claims else None

    def seconds(self, name: str) -> int:
        """Return a required NumericDate (RFC 7519) in whole seconds."""
        return self._whole(name, _LAST_SECOND, "whole seconds since 1970")

    def count(self, name: str) -> int:
        """Return a required whole number from 0."""
        return self._whole(name, _COUNT_LIMIT, f"a whole number from 0 to {_COUNT_LIMIT}")

    def inside(self, name: str) -> "ClaimReader":
        """Return a reader of the claims within an object, empty if it is none; its faults are told here."""
        value = self._claims.get(name)
        claims = value if isinstance(value, dict) else {}
        inner = ClaimReader(claims, missing=self._missing, malformed=self._malformed, path=f"{self._path}/{name}")
        inner.faults = self.faults
        return inner

    def require(self, name: str, *, right: bool, code: str, expected: str, got: str | None = None) -> None:
        """Tell a fault of a claim unless it is right, or already told."""
        if not right and name not in self.told:
            self.tell(code, name, expected=expected, got=got)

    def tell(self, code: str, name: str, *, expected: str, got: str | None = None) -> None:
        """Add one fault."""
        self.told.add(name)
        self.faults.append(reason(code, f"{self._path}/{name}", expected=expected, got=got))

    def _whole(self, name: str, most: int, expected: str) -> int:
        value = self._claims.get(name)
        if type(value) is int and 0 <= value <= most:
            return value
        self.tell(self._malformed if name in self._claims else self._missing, name, expected=expected)
        return 0

    def _text(self, name: str, limit: int) -> str:
        value = self._claims[name]
        if isinstance(value, str) and 0 < len(value) <= limit and value.isprintable():
            return value
        self.tell(self._malformed, name, expected=f"text of 1 to {limit} printable characters")
        return ""


def is_uuid7(text: str) -> bool:
    """Tell whether the text is a UUIDv7 in lower case, the form of every exchange id."""
    return _UUID7.fullmatch(text) is not None


def moment(seconds: int) -> datetime:
    """Return a NumericDate as an aware UTC datetime."""
    return datetime.fromtimestamp(seconds, UTC)
