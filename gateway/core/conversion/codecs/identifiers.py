"""Division codes and organisation codes as regions write them, and names beside the numbers they belong to."""

import re
from collections.abc import Mapping
from typing import Any, Final

from gateway.core.catalogue import identifiers
from gateway.core.conversion.codecs.codec import Codec, Way, blank
from gateway.core.conversion.codecs.codes import CodeTable, code_of
from gateway.core.conversion.codecs.scalars import HALF_WIDTH
from gateway.core.conversion.options import Options
from gateway.core.conversion.remarks import Problem, Remark, reduced, refuse

_CANONICAL_DIGITS: Final = 12
_LENGTHS: Final = (6, 9, 12)
_ORGANISATION: Final = re.compile(r"[0-9A-Z]{3,32}", re.ASCII)
_PLAIN_SHORT: Final = 9  # GB 11714: eight characters and a check character
# Eighteen characters with a division in the third to eighth (GB 32100), or in the first to sixth, and the old fifteen
# digits (GB 11643). Check digits are not asked for: a mistyped number is no name either.
_NUMBERED: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}|[0-9]{15}", re.ASCII)


def region(options: Options, tables: Mapping[str, CodeTable]) -> Codec:
    """Make the codec of a division code of 6, 9 or 12 digits; canonical is 12, `digits` the length to write.

    Divisions in the code table called `table` are read and written by their local names, all others by their digits.
    """
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

    plain = Codec(name="region", read=Way(carry=read), write=Way(carry=write), normalises="length")
    return _named(plain, options, tables) if options.has("table") else plain


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


def base_code(_: Options) -> Codec:
    """Make the codec of a base code of 12 characters that is sound by itself; any other text is refused.

    Where a column also holds local codes, `text` carries them and the catalogue judges them later.
    """

    def carry(value: Any) -> str | None:
        if type(value) is str and identifiers.base_code(value.strip()).sound:
            return value.strip()
        return _none(value, "base_code_unreadable", "a sound base code of 12 characters")

    return Codec(name="base-code", read=Way(carry=carry), write=Way(carry=carry))


def name_and_number() -> Codec:
    """Make the codec of a name beside its number, which some senders put in each other's place.

    They are put right only where the data leaves no doubt: what stands for the name is shaped like a social credit
    code or a resident identity number, and what stands for the number holds a letter beyond A to Z, as Chinese names
    do and numbers do not. Always written in order.
    """

    def read(value: Any) -> tuple[str | None, str | None]:
        name, number = _both(value)
        swapped = name is not None and number is not None and _is_number(name) and _is_name(number)
        return (number, name) if swapped else (name, number)

    return Codec(
        name="name-and-number",
        read=Way(carry=read),
        write=Way(carry=_both),
        normalises="outer white space, a name and a number in each other's place",
    )


def _both(value: Any) -> tuple[str | None, str | None]:
    problems = [
        Problem("type_wrong", "text", part=part)
        for part, one in enumerate(value)
        if type(one) is not str and one is not None
    ]
    if problems:
        raise Remark(tuple(problems))
    name, number = (None if blank(one) else one.strip() for one in value)
    return name, number


def _is_number(text: str) -> bool:
    return _NUMBERED.fullmatch(text.upper()) is not None


def _is_name(text: str) -> bool:
    return any(character.isalpha() and not character.isascii() for character in text)


def _named(plain: Codec, options: Options, tables: Mapping[str, CodeTable]) -> Codec:
    """Return the codec of division codes of which those in a code table have names of their own."""
    table = tables.get(options.text("table", limit=64))
    if table is None:
        options.complain("code_list_unknown", "table", "the name of a file in codes/")
        return plain
    if any(_is_division(code, _LENGTHS) for code in table.read):
        options.complain("option_invalid", "table", "a table whose regional codes are no division codes")
    if not all(_is_division(code, (_CANONICAL_DIGITS,)) for code in (*table.write, *table.read.values())):
        options.complain("option_invalid", "table", f"a table whose canonical codes have {_CANONICAL_DIGITS} digits")
    spoken = code_of(table)

    def read(value: Any) -> Any:
        known = type(value) is str and value.strip() in table.read
        return (spoken if known else plain).read.carry(value)

    def write(value: Any) -> Any:
        known = type(value) is str and value in table.write
        return (spoken if known else plain).write.carry(value)

    return Codec(name="region", read=Way(carry=read), write=Way(carry=write), normalises=plain.normalises)


def _is_division(code: str, lengths: tuple[int, ...]) -> bool:
    return len(code) in lengths and code.isascii() and code.isdigit()


def _none(value: object, code: str, expected: str) -> str | None:
    if blank(value):
        return None
    raise refuse(code, expected)
