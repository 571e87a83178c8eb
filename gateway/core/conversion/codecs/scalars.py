"""Text, numbers, money and yes-or-no."""

import html
import re
from decimal import Decimal
from typing import Any, Final

from gateway.core.conversion.codecs.codec import SAFE_INTEGER, Codec, Shortcut, Way, blank
from gateway.core.conversion.options import Options
from gateway.core.conversion.remarks import refuse

# Full-width forms U+FF01..FF5E are ASCII moved by 0xFEE0; the ideographic space is apart.
HALF_WIDTH: Final = {0x3000: " "} | {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}

_LINE_BREAK: Final = re.compile(r"<br\s{0,4}/?>|</p\s{0,4}>", re.IGNORECASE)
_TAG: Final = re.compile(r"</?[A-Za-z][^<>]*>")
_INTEGER: Final = re.compile(r"-?[0-9]{1,17}", re.ASCII)
_DECIMAL: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?", re.ASCII)
_FEN: Final = {"fen": Decimal(1), "yuan": Decimal(100), "wan-yuan": Decimal(1_000_000)}


def text(options: Options) -> Codec:
    """Make the codec of text without outer white space; on request without HTML, or with half-width characters."""
    full_width, markup, numbers = options.flag("full_width"), options.flag("html"), options.flag("numbers")
    cleaners = [_without_markup] * markup + [_half_width] * full_width
    normalises = ["outer white space"] + ["HTML"] * markup + ["full-width forms"] * full_width + ["numbers"] * numbers

    def read(value: Any) -> str | None:
        if numbers and type(value) is int:
            return str(value)
        if type(value) is not str:
            raise refuse("type_wrong", "text")
        for clean in cleaners:
            value = clean(value)
        return value.strip() or None

    direct = Way(carry=read, shortcut=Shortcut.NONE if cleaners else Shortcut.STRIPPED)
    write = Way(carry=_text, shortcut=Shortcut.TEXT)
    return Codec(name="text", read=direct, write=write, normalises=", ".join(normalises))


def integer(options: Options) -> Codec:
    """Make the codec of a whole number, written as a JSON number or as text."""
    wire = options.choice("wire", ("integer", "text"), "integer")
    same = Way(carry=_integer_or_none, shortcut=Shortcut.SAME_INTEGER)
    if wire == "integer":
        return Codec(name="integer", read=same, write=same)
    return Codec(
        name="integer",
        read=Way(carry=_integer_of_text),
        write=Way(carry=lambda value: str(_integer(value))),
        normalises="leading zeros, white space",
    )


def decimal(options: Options) -> Codec:
    """Make the codec of an exact decimal number; canonical is text such as "12.5", since floats round."""
    wire = options.choice("wire", ("text", "number"), "text")
    return Codec(
        name="decimal",
        read=Way(carry=lambda value: _plain(_decimal(value, wire))),
        write=Way(carry=lambda value: _on_wire(_decimal(value, "text"), wire)),
        normalises="leading and trailing zeros",
    )


def money(options: Options) -> Codec:
    """Make the codec of an amount in yuan, fen or ten thousand yuan; canonical is an integer of fen."""
    wire = options.choice("wire", ("text", "number"), "text")
    factor = _FEN[options.choice("unit", _FEN, "yuan") or "yuan"]
    places = options.integer("places", 2 if factor > 1 else 0, low=0, high=6)

    def read(value: Any) -> int | None:
        if (amount := _decimal(value, wire)) is None:
            return None
        fen = amount * factor
        if fen != int(fen) or abs(fen) > SAFE_INTEGER:
            raise refuse("number_unsafe", "a whole number of fen")
        return int(fen)

    def write(value: Any) -> Any:
        amount = Decimal(_integer(value)) / factor
        rounded = round(amount, places)
        if rounded != amount:
            raise refuse("number_unsafe", f"at most {places} decimal places")
        return format(rounded, "f") if wire == "text" else _on_wire(rounded, wire)

    return Codec(name="money", read=Way(carry=read), write=Way(carry=write), normalises="decimal places")


def boolean(options: Options) -> Codec:
    """Make the codec of yes or no, in the declared ways to say so; the first of each is written."""
    ways = {one: options.scalars(name, (one,)) for name, one in (("true", True), ("false", False))}
    meaning = {(type(way), way): truth for truth, several in ways.items() for way in several}
    if len(meaning) != sum(map(len, ways.values())):
        options.complain("option_invalid", "true", "no value that means both")
    spoken = {truth: several[0] for truth, several in ways.items() if several}
    expected = " | ".join(str(way) for several in ways.values() for way in several)

    def read(value: Any) -> bool | None:
        found = (
            meaning.get((type(value), value.strip() if type(value) is str else value)) if _plain_type(value) else None
        )
        if found is None and not blank(value):
            raise refuse("boolean_unreadable", expected, value)
        return found

    def write(value: Any) -> Any:
        if type(value) is not bool:
            raise refuse("type_wrong", "true | false")
        return spoken[value]

    partners = {way: truth for (kind, way), truth in meaning.items() if kind is str}
    return Codec(
        name="boolean",
        read=Way(carry=read, shortcut=Shortcut.LOOKUP, partners=partners),
        write=Way(carry=write, shortcut=Shortcut.TRUTH, partners=spoken),
        normalises="" if len(meaning) == len(ways) else "other ways to say yes or no",
    )


def _text(value: Any) -> str | None:
    if type(value) is not str:
        raise refuse("type_wrong", "text")
    return value or None


def _half_width(value: str) -> str:
    return value.translate(HALF_WIDTH)


def _without_markup(value: str) -> str:
    return html.unescape(_TAG.sub("", _LINE_BREAK.sub("\n", value)))


def _integer_or_none(value: Any) -> int | None:
    return None if blank(value) else _integer(value)


def _integer(value: Any) -> int:
    if type(value) is not int:
        raise refuse("type_wrong", "a whole number")
    if not -SAFE_INTEGER <= value <= SAFE_INTEGER:
        raise refuse("number_unsafe", "at most 2^53 - 1")
    return value


def _integer_of_text(value: Any) -> int | None:
    if blank(value):
        return None
    if type(value) is not str:
        raise refuse("type_wrong", "digits as text")
    if not _INTEGER.fullmatch(trimmed := value.strip()):
        raise refuse("number_unreadable", "digits")
    return _integer(int(trimmed))


def _decimal(value: Any, wire: str) -> Decimal | None:
    """Read a decimal exactly; a float's shortest form is what its sender wrote."""
    if blank(value):
        return None
    if wire == "number" and type(value) in (int, float, Decimal):
        written = format(Decimal(repr(value)) if type(value) is float else Decimal(value), "f")
    elif wire == "text" and type(value) is str:
        written = value.strip()
    else:
        raise refuse("type_wrong", "a number" if wire == "number" else "a number as text")
    if not _DECIMAL.fullmatch(written):
        raise refuse("number_unreadable", "at most 15 digits and 9 decimal places")
    return Decimal(written)


def _plain(value: Decimal | None) -> str | None:
    if value is None:
        return None
    written = format(value, "f")
    written = written.rstrip("0").rstrip(".") if "." in written else written
    return "0" if written in ("-0", "") else written


def _on_wire(value: Decimal | None, wire: str) -> Any:
    if value is None or wire == "text":
        return _plain(value)
    number = int(value) if value == int(value) else float(value)
    if Decimal(repr(number)) != value:
        raise refuse("number_unsafe", "a number every reader keeps exact")
    return number


def _plain_type(value: object) -> bool:
    return type(value) in (str, int, bool)
