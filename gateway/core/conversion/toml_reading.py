"""Reads a TOML file that people write with an editor, and tells them where in it something stands or is wrong."""

import re
import tomllib
from typing import Any, Final

_BOM: Final = b"\xef\xbb\xbf"  # Notepad writes one; it says nothing that UTF-8 does not say itself
_SAID_LIMIT: Final = 120  # characters of the reader's own message
_WHERE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_TWICE: Final = ("Cannot overwrite", "Duplicate inline", "Cannot declare")
_KEY: Final = re.compile(r"""\s*(?:\[{1,2}\s*)?([A-Za-z0-9_-]+|"[^"\n]{1,80}"|'[^'\n]{1,80}')""")
_NAMED: Final = re.compile(r"key '([^'\n]{1,80})'$")
_LINES_BACK: Final = 1_000  # from where a value ends to where its key stands
# What the reader says, in part, and what that means to somebody who edits tables.
_MEANT: Final = {
    "Unclosed array": "a comma is missing before this place, or the list is not closed by ]",
    "Unclosed inline table": "a comma is missing before this place, or the row is not closed by }",
    "Expected newline": "text behind a value that ends before this place",
    "Illegal character '\\n'": "a text is not closed on its line",
    "Invalid value": "a value: text needs quotation marks",
    "Invalid statement": "a name, = and a value: a name that is not of Latin letters needs quotation marks",
}
_MARK: Final = re.compile(
    r'''"""(?:\\.|[^\\])*?"""|\'{3}.*?\'{3}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|#[^\n]*|[][{},=\n]|[\w.-]+''', re.DOTALL
)
_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([\w.-]+)\s*\]")


class UnreadableTOMLError(Exception):
    """Why a file is no TOML: a stable code, and in words where and what."""

    def __init__(self, code: str, expected: str) -> None:
        super().__init__(expected)
        self.code = code
        self.expected = expected


def read_toml(body: bytes) -> dict[str, Any]:
    """Read TOML 1.0 in UTF-8, with or without a byte order mark; raises UnreadableTOMLError."""
    try:
        text = body.removeprefix(_BOM).decode()
    except UnicodeDecodeError as error:
        line = body.removeprefix(_BOM).count(b"\n", 0, error.start) + 1
        raise UnreadableTOMLError("file_not_utf8", f"line {line}: UTF-8; save the file as UTF-8, not as GBK") from None
    try:
        return tomllib.loads(text)
    except RecursionError:  # tomllib recurses into nested values
        raise UnreadableTOMLError("file_unreadable", "values nested less deeply") from None
    except ValueError as error:
        raise _told(text, str(error)) from None


def _told(text: str, said: str) -> UnreadableTOMLError:
    """Put what the reader says, which is of the file's form and of no document, into words with a place."""
    found = _WHERE.search(said)
    reason = _WHERE.sub("", said)
    line = int(found[1]) if found and found[1] else text.count("\n") + 1
    place = f"line {line}, column {found[2]}" if found and found[1] else "the end of the file"
    if reason.startswith(_TWICE):
        named = _NAMED.search(reason)
        return UnreadableTOMLError("key_repeated", f"{place}: {named[1] if named else _key_before(text, line)} once")
    words = next((meaning for start, meaning in _MEANT.items() if reason.startswith(start)), reason[:_SAID_LIMIT])
    return UnreadableTOMLError("file_unreadable", f"{place}: {words}")


def _key_before(text: str, line: int) -> str:
    """Return the key of the entry that ends on a line: a value may have several, and its rows begin with a brace."""
    for one in reversed(text.splitlines()[max(0, line - _LINES_BACK) : line]):
        if found := _KEY.match(one):
            return found[1]
    return "each key"


def lines_of_tables(body: bytes) -> dict[str, int]:
    """Return the line, from 1, on which each table of a list begins, by its JSON Pointer.

    Only for a file that `read_toml` reads: it goes once through the brackets, which are all it looks at.
    """
    text = body.removeprefix(_BOM).decode()
    scan = _Scan()
    line, fresh = 1, True
    for found in _MARK.finditer(text):
        mark = found[0]
        if fresh and not scan.open and mark == "[" and (header := _HEADER.match(text, found.start())):
            scan.header(header[2].split("."), line, listed=header[1] == "[[")
            scan.skip = header.end()
        elif found.start() >= scan.skip:
            scan.take(mark, line)
        line += mark.count("\n")
        fresh = mark == "\n"
    return scan.lines


class _Scan:
    """Where a walk through the brackets of a file stands."""

    def __init__(self) -> None:
        self.lines: dict[str, int] = {}
        self.open: list[list[Any]] = []  # [pointer, index in a list or None, key]
        self.skip = 0  # up to where a header was read
        self._table, self._key = "", ""
        self._counts: dict[str, int] = {}

    def header(self, names: list[str], line: int, *, listed: bool) -> None:
        """Enter the table that a header names: of a list of tables, the next or the last one."""
        at = ""
        for index, name in enumerate(names):
            at += f"/{name}"
            if listed and index == len(names) - 1:
                self._counts[at] = self._counts.get(at, -1) + 1
            if at in self._counts:
                at += f"/{self._counts[at]}"
        self._table = at
        self.lines[at] = line

    def take(self, mark: str, line: int) -> None:
        """Go on by one mark."""
        if mark in "[{":
            at = self._place()
            self.open.append([at, 0 if mark == "[" else None, ""])
            if mark == "{":
                self.lines[at] = line
        elif mark in "]}" and self.open:
            self.open.pop()
        elif mark == "," and self.open and self.open[-1][1] is not None:
            self.open[-1][1] += 1
        elif mark not in ",=\n":
            self._name(mark.strip("\"'"))

    def _place(self) -> str:
        if not self.open:
            return f"{self._table}/{self._key}"
        at, index, key = self.open[-1]
        return f"{at}/{key if index is None else index}"

    def _name(self, name: str) -> None:
        if self.open:
            self.open[-1][2] = name
        else:
            self._key = name
