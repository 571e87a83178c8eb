"""Reads one table of an adapter's TOML file entry by entry; what is wrong becomes a complaint, never an exception."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gateway.core.conversion.pointer import escape
from gateway.core.conversion.remarks import RowFault

_TEXT_LIMIT = 512
_LIST_LIMIT = 64
_T = TypeVar("_T")


@dataclass(kw_only=True, slots=True)
class Complaints:
    """Everything found wrong with an adapter so far; owned by one loading."""

    found: list[RowFault] = field(default_factory=list)

    def add(self, file: str, pointer: str, code: str, expected: str = "") -> None:
        """Remember one reason not to load."""
        self.found.append(RowFault(file=file, pointer=pointer, code=code, expected=expected))


class Options:
    """The entries of one TOML table, each taken once; what was never taken is unknown."""

    __slots__ = ("_entries", "_taken", "complaints", "file", "pointer")

    def __init__(self, entries: object, *, file: str, pointer: str, complaints: Complaints) -> None:
        self.complaints = complaints
        self._taken: set[str] = set()
        self.file = file
        self.pointer = pointer
        self._entries: dict[str, Any] = entries if type(entries) is dict else {}
        if type(entries) is not dict:
            self.complain("option_invalid", expected="a table")

    def complain(self, code: str, name: str | None = None, expected: str = "") -> None:
        """Add a complaint about one entry, or about the whole."""
        at = self.pointer if name is None else f"{self.pointer}/{escape(name)}"
        self.complaints.add(self.file, at, code, expected)

    def has(self, name: str) -> bool:
        """Tell whether the entry is there."""
        return name in self._entries

    def names(self) -> tuple[str, ...]:
        """Return the names of all entries, taken or not."""
        return tuple(self._entries)

    def raw(self, name: str) -> Any:
        """Take an entry as it is, or None."""
        self._taken.add(name)
        return self._entries.get(name)

    def text(self, name: str, default: str | None = None, *, limit: int = _TEXT_LIMIT) -> str:
        """Take a text; without a default it is required."""
        if name not in self._entries:
            return self._absent(name, default, "")
        value = self.raw(name)
        if type(value) is str and len(value) <= limit:
            return value
        return self._wrong(name, default or "", f"text of at most {limit} characters")

    def texts(self, name: str, default: tuple[str, ...] | None = None, *, limit: int = _LIST_LIMIT) -> tuple[str, ...]:
        """Take a text or a list of texts; without a default it is required."""
        if name not in self._entries:
            return self._absent(name, default, ())
        value = self.raw(name)
        several = [value] if type(value) is str else value
        if type(several) is list and 0 < len(several) <= limit and all(type(one) is str for one in several):
            return tuple(several)
        return self._wrong(name, default or (), "text, or a list of texts")

    def choice(self, name: str, allowed: Collection[str], default: str | None = None) -> str:
        """Take one of the allowed texts; without a default it is required."""
        value = self.text(name, default)
        if value in allowed or (value == "" and not self.has(name)):
            return value
        return self._wrong(name, default or "", " | ".join(sorted(allowed)))

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Take a boolean, which where absent is the default."""
        value = self.raw(name) if name in self._entries else default
        return value if type(value) is bool else self._wrong(name, default=default, expected="true | false")

    def integer(self, name: str, default: int, *, low: int, high: int) -> int:
        """Take an integer within bounds."""
        value = self.raw(name) if name in self._entries else default
        if type(value) is int and low <= value <= high:
            return value
        return self._wrong(name, default, f"an integer from {low} to {high}")

    def scalars(self, name: str, default: tuple[Any, ...] | None = None) -> tuple[Any, ...]:
        """Take a text, integer or boolean, or a list of them; without a default it is required."""
        if name not in self._entries:
            return self._absent(name, default, ())
        value = self.raw(name)
        several = value if type(value) is list else [value]
        if 0 < len(several) <= _LIST_LIMIT and all(type(one) in (str, int, bool) for one in several):
            return tuple(several)
        return self._wrong(name, default or (), "a text, integer or boolean, or a list of them")

    def nested(self, name: str) -> "Options":
        """Take an entry that is itself a table."""
        return Options(
            self.raw(name), file=self.file, pointer=f"{self.pointer}/{escape(name)}", complaints=self.complaints
        )

    def elements(self, name: str, *, limit: int) -> "list[Options]":
        """Take a list of tables; more than `limit` are a complaint and none is read."""
        value = self.raw(name) if name in self._entries else []
        if type(value) is not list or len(value) > limit:
            return self._wrong(name, [], f"a list of at most {limit} tables")
        return [
            Options(one, file=self.file, pointer=f"{self.pointer}/{escape(name)}/{index}", complaints=self.complaints)
            for index, one in enumerate(value)
        ]

    def finish(self) -> None:
        """Complain about every entry that nobody took."""
        for name in self._entries:
            if name not in self._taken:
                self.complain("option_unknown", name)

    def _absent(self, name: str, default: _T | None, nothing: _T) -> _T:
        self._taken.add(name)
        if default is None:
            self.complain("option_missing", name)
            return nothing
        return default

    def _wrong(self, name: str, default: _T, expected: str) -> _T:
        self._taken.add(name)
        self.complain("option_invalid", name, expected)
        return default
