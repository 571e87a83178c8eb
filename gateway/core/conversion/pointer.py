"""RFC 6901 JSON Pointers: how tables, faults, losses and extensions name one place of a document."""

from typing import Any


def escape(token: str) -> str:
    """Return one reference token as it stands inside a pointer."""
    return token.replace("~", "~0").replace("/", "~1") if "~" in token or "/" in token else token


def tokens(pointer: str) -> tuple[str, ...]:
    """Split a pointer into its tokens; raises ValueError for what is not a pointer."""
    if pointer == "":
        return ()
    if not pointer.startswith("/"):
        raise ValueError("a pointer starts with /")
    return tuple(map(_unescape, pointer[1:].split("/")))


def join(parts: tuple[str, ...]) -> str:
    """Return the pointer with these tokens."""
    return "".join(f"/{escape(part)}" for part in parts)


def find(document: object, parts: tuple[str, ...]) -> Any:
    """Return the value at this place, or None where there is none."""
    here: Any = document
    for part in parts:
        here = step(here, part)
    return here


def step(here: object, part: str) -> object:
    """Return what one token leads to, or None where that is nothing."""
    if type(here) is dict:
        return here.get(part)
    if type(here) is list and part.isdecimal() and part.isascii() and len(part) < 8:  # noqa: PLR2004 - no longer arrays
        index = int(part)
        return here[index] if index < len(here) and str(index) == part else None
    return None


def _unescape(token: str) -> str:
    if "~" not in token:
        return token
    if token.replace("~0", "").replace("~1", "").count("~"):
        raise ValueError("a tilde is written ~0 and a slash ~1")
    return token.replace("~1", "/").replace("~0", "~")
