"""Writes the little TOML that adapters are made of: texts, flags, lists and one-line tables, any name quoted safely."""

import json
from collections.abc import Mapping, Sequence


def text(value: str) -> str:
    """Return a TOML basic string; the escapes of JSON are TOML's, but for DEL, which TOML escapes too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def value(found: object) -> str:
    """Return any value a row has."""
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, int):
        return str(found)
    if isinstance(found, str):
        return text(found)
    if isinstance(found, Mapping):
        return "{ " + ", ".join(f"{name} = {value(one)}" for name, one in found.items()) + " }"
    if isinstance(found, Sequence):
        return "[" + ", ".join(map(value, found)) + "]"
    raise TypeError("not a value of a row")


def comment(line: str) -> str:
    """Return a line that is out of use, to be taken in by removing its #."""
    return f"# {_printable(line)}"


def words(said: str) -> str:
    """Return a comment for people, which stays one when a # is removed."""
    return f"## {_printable(said)}"


def _printable(said: str) -> str:
    """Return a text without control characters, which TOML allows in no comment."""
    return "".join(mark if mark.isprintable() else " " for mark in said)
