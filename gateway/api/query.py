"""Query parameters, read strictly: what is unknown, repeated or malformed is told at once, not ignored."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, TypeVar
from urllib.parse import urlencode

from multidict import MultiMapping

from gateway.core.errors import Fault, RejectedError

_T = TypeVar("_T")
_TEXT_LIMIT: Final = 128
_SIZE_LIMIT: Final = 2**53 - 1  # what every JSON reader reads exactly

# English and Chinese.
_FAULTS: Final = {
    "parameter_unknown": ("there is no such query parameter", "没有该查询参数"),
    "parameter_repeated": ("a query parameter stands more than once", "查询参数重复"),
    "parameter_missing": ("a query parameter is missing", "缺少查询参数"),
    "parameter_invalid": ("a query parameter has a value that it cannot have", "查询参数取值不合规则"),
}


@dataclass(frozen=True, slots=True)
class Query:
    """The query of one request; every read leaves its fault behind, and `close` raises them together."""

    given: MultiMapping[str]
    _known: set[str] = field(default_factory=set)
    _faults: list[Fault] = field(default_factory=list)

    def text(self, name: str) -> str:
        """Return a short printable text, or "" where it is not given."""
        return self._read(name, "", _text, f"1 to {_TEXT_LIMIT} printable characters")

    def region(self, name: str) -> str:
        """Return a division code or its prefix, or "" where it is not given."""
        return self._read(name, "", _region, "2 to 12 digits")

    def page(self, name: str, *, most: int) -> int:
        """Return how many a page may hold; `most` where it is not given."""
        return self._read(name, most, lambda text: _within(text, 1, most), f"1 to {most}")

    def size(self, name: str) -> int | None:
        """Return a count, or None where it is not given."""
        return self._read(name, None, lambda text: _within(text, 0, _SIZE_LIMIT), "a whole number from 0")

    def required_size(self, name: str) -> int:
        """Return a count that must be given."""
        size = self.size(name)
        if size is None and name not in self.given:
            self._tell(name, "parameter_missing", "a whole number from 0")
        return size or 0

    def moment(self, name: str) -> datetime | None:
        """Return an instant with its offset from UTC, or None where it is not given."""
        return self._read(name, None, _moment, "an RFC 3339 time, such as 2026-11-02T08:30:00Z")

    def choice(self, name: str, *choices: str) -> str:
        """Return one of a few words, or "" where it is not given."""
        return self._read(name, "", lambda text: _one_of(text, choices), " | ".join(choices))

    def close(self) -> None:
        """Raise a RejectedError `query_invalid` with every fault, if there is one; call it when all is read."""
        for name in sorted(set(self.given) - self._known):
            self._tell(name if name.isascii() and name.isidentifier() else "", "parameter_unknown", self._names())
        if self._faults:
            raise RejectedError("the query cannot be read", code="query_invalid", faults=tuple(self._faults))

    def _read(self, name: str, absent: _T, read: Callable[[str], _T], expected: str) -> _T:
        self._known.add(name)
        values = self.given.getall(name, [])
        if len(values) > 1:
            self._tell(name, "parameter_repeated", "one value")
            return absent
        try:
            return read(values[0]) if values else absent
        except ValueError:
            self._tell(name, "parameter_invalid", expected)
            return absent

    def _tell(self, name: str, code: str, expected: str) -> None:
        message, message_zh = _FAULTS[code]
        pointer = f"/query/{name}" if name else "/query"
        self._faults.append(
            Fault(pointer=pointer, code=code, message=message, message_zh=message_zh, expected=expected)
        )

    def _names(self) -> str:
        return " | ".join(sorted(self._known)) or "no query"


def next_page(address: str, query: Mapping[str, str], **changed: str) -> str:
    """Return the value of a Link header (RFC 8288) that leads to the next page of the same search."""
    return f'<{address}?{urlencode({**query, **changed})}>; rel="next"'


def _text(text: str) -> str:
    if not 0 < len(text) <= _TEXT_LIMIT or not text.isprintable():
        raise ValueError
    return text


def _region(text: str) -> str:
    if not (text.isascii() and text.isdigit() and 2 <= len(text) <= 12):  # noqa: PLR2004 - GB/T 2260 and below
        raise ValueError
    return text


def _within(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_SIZE_LIMIT))):
        raise ValueError
    if not least <= (number := int(text)) <= most:
        raise ValueError
    return number


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


def _one_of(text: str, choices: Sequence[str]) -> str:
    if text not in choices:
        raise ValueError
    return text
