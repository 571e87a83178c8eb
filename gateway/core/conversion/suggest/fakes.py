"""Replaces values of samples by made-up ones of the same shape, so that an adapter's examples hold nobody's data.

What is nobody's stays as it is; everything else becomes another value of its shape. Equal values stay equal.
"""

from itertools import count
from typing import Any, Final

import orjson
from stdnum.cn import ric, uscc

from gateway.core.conversion.codecs.times import LAYOUTS
from gateway.core.conversion.rows import Path
from gateway.core.conversion.suggest import shapes
from gateway.core.conversion.suggest.public import PublicValues
from gateway.core.conversion.suggest.samples import embedded_objects

_PLACE: Final = "110101"
_MOMENT: Final = "2000-01-01T08:00:00"
_STEMS: Final = "甲乙丙丁戊己庚辛壬癸"


class Fakes:
    """Makes the replacements of one folder; owned by one run, and forgotten with it."""

    def __init__(self, public: PublicValues) -> None:
        self.made_up: dict[Path, None] = {}  # fields of which some value was replaced, in order
        self._public = public
        self._known: dict[tuple[type, Any], Any] = {}
        self._numbers = count(1)

    def document(self, value: Any, path: Path = ()) -> Any:
        """Return a document of the same shape with other values."""
        if type(value) is dict:
            return {name: self.document(inner, (*path, str(name))) for name, inner in value.items()}
        if type(value) is list:
            inner = (*path, "*") if any(type(one) is dict for one in value) else path
            return [self.document(one, inner) for one in value]
        embedded = embedded_objects(value)
        if embedded is not None:
            return orjson.dumps(self.document(embedded, path)).decode()
        if self._public.has(path, value):
            return value
        self.made_up[path] = None
        key = (type(value), value)
        if key not in self._known:
            self._known[key] = self._fake(value)
        return self._known[key]

    def _fake(self, value: Any) -> Any:
        number = next(self._numbers)
        if type(value) is not str:
            return _number(value, number)
        if shapes.is_resident_id(value):
            return _resident_id(number)
        if shapes.is_credit_code(value):
            return _credit_code(number)
        if shapes.is_region(value):
            return _PLACE.ljust(len(value), "0")
        formats = shapes.formats_of([value])
        if formats:
            return LAYOUTS[formats[0]].write(_MOMENT)
        return _text(value, number)


def _number(value: Any, number: int) -> Any:
    if shapes.formats_of([value]):
        return LAYOUTS["milliseconds"].write(_MOMENT)
    digits = len(str(abs(int(value))))
    made = 10 ** (digits - 1) + number % 10 ** (digits - 1)
    return -made if value < 0 else made


def _resident_id(number: int) -> str:
    body = f"{_PLACE}19000101{number % 1000:03d}"
    return body + str(ric.calc_check_digit(body + "0"))


def _credit_code(number: int) -> str:
    body = f"91{_PLACE}{number % 10**9:09d}"
    return body + str(uscc.calc_check_digit(body))


def _text(value: str, number: int) -> str:
    """Return a text with each letter and digit replaced by one of its sort; the last ones tell values apart."""
    made = [_mark(mark) for mark in value]
    left = number
    for index in reversed(range(len(made))):
        if left and made[index] in ("0", "某"):
            made[index] = str(left % 10) if made[index] == "0" else _STEMS[left % 10]
            left //= 10
    return "".join(made)


def _mark(mark: str) -> str:
    if mark.isdecimal():
        return "0"
    if not mark.isalpha():
        return mark
    if not mark.isascii():
        return "某"
    return "X" if mark.isupper() else "x"
