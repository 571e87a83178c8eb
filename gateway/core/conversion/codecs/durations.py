"""Time limits: "20个工作日", a number beside a unit code, a bare number, or 即办."""

import re
from typing import Any, Final

from gateway.core.conversion.codecs.codec import Carry, Codec, Way, blank
from gateway.core.conversion.codecs.codes import CodeTable, code_of
from gateway.core.conversion.codecs.scalars import HALF_WIDTH
from gateway.core.conversion.options import Options
from gateway.core.conversion.remarks import Remark, reduced, refuse

_SPOKEN: Final = re.compile(r"([0-9]{1,5})\s{0,4}个?\s{0,4}(\D{1,12})", re.ASCII)
_AMOUNT: Final = re.compile(r"[0-9]{1,5}", re.ASCII)
_MOST: Final = 99_999
_UNIT: Final = 1  # the unit's place among a row's two


def duration(options: Options, table: CodeTable | None, *, columns: int) -> Codec:
    """Make the codec of an amount and a unit: two canonical paths; one text, one number or two columns regionally."""
    instant, unit = options.texts("instant", ("",)), options.text("unit", "")
    wire = options.choice("wire", ("text", "integer"), "text")
    if table is None and not unit:
        options.complain("option_missing", "units", "units (a code table) or unit (one canonical unit)")
    if table is None or columns == 2:  # noqa: PLR2004 - amount and unit
        return _counted(_Columns(unit, wire, table if columns == 2 else None))  # noqa: PLR2004 - amount and unit
    return _spoken(_Speech(table, instant, unit, options.text("counter", "个")))


class _Columns:
    """An amount column, with a unit column beside it or one unit for all."""

    def __init__(self, unit: str, wire: str, table: CodeTable | None) -> None:
        self.unit, self.wire = unit, wire
        codec = code_of(table) if table else None
        self.read_unit: Carry | None = codec.read.carry if codec else None
        self.write_unit: Carry | None = codec.write.carry if codec else None

    def read(self, value: Any) -> Any:
        if self.read_unit is None:
            amount = _amount(value, self.wire)
            return None if amount is None else (amount, self.unit)
        return _beside(_amount(value[0], self.wire), self.read_unit, value[1])

    def write(self, value: Any) -> Any:
        amount = _amount(value[0], "integer")
        written = str(amount) if amount is not None and self.wire == "text" else amount
        if self.write_unit is not None:
            return _beside(written, self.write_unit, value[1])
        if value[1] not in (None, self.unit):
            raise _at_unit(refuse("constant_differs", self.unit, value[1]))
        return written


class _Speech:
    """A text that says amount and unit, or that there is no waiting at all."""

    def __init__(self, table: CodeTable, instant: tuple[str, ...], unit: str, counter: str) -> None:
        self.table, self.counter = table, counter
        self.instant, self.unit = tuple(filter(None, instant)), unit
        self.expected = " | ".join([f"20{counter}{word}" for word in list(table.read)[:8]] + list(self.instant))

    def read(self, value: Any) -> Any:
        if blank(value):
            return None
        said = value.translate(HALF_WIDTH).strip() if type(value) is str else ""
        if said in self.instant:
            return (0, self.unit or None)
        found = _SPOKEN.fullmatch(said)
        word = found[2].strip() if found else ""
        unit = self.table.read.get(word)
        if found is None or unit is None:
            raise refuse("duration_unreadable", self.expected)
        if word in self.table.lossy_read:
            raise reduced((int(found[1]), unit))
        return (int(found[1]), unit)

    def write(self, value: Any) -> Any:
        amount = _amount(value[0], "integer")
        if amount is None and value[1] is None:
            return None
        if amount == 0 and self.instant and value[1] in (None, self.unit):
            return self.instant[0]
        word = self.table.write.get(value[1]) if type(value[1]) is str else None
        if amount is None:
            raise refuse("parts_missing", "an amount and a unit")
        if word is None:
            raise _at_unit(refuse("code_unmapped", " | ".join(list(self.table.write)[:8]), value[1]))
        written = f"{amount}{self.counter}{word}"
        if value[1] in self.table.lossy_write:
            raise reduced(written, _UNIT)
        return written


def _spoken(speech: _Speech) -> Codec:
    return Codec(
        name="duration",
        read=Way(carry=speech.read),
        write=Way(carry=speech.write),
        normalises="wording and white space of a time limit",
    )


def _counted(columns: _Columns) -> Codec:
    return Codec(name="duration", read=Way(carry=columns.read), write=Way(carry=columns.write))


def _amount(value: Any, wire: str) -> int | None:
    if blank(value):
        return None
    if wire == "text" and type(value) is str and _AMOUNT.fullmatch(value.strip()):
        return int(value)
    if wire == "integer" and type(value) is int and 0 <= value <= _MOST:
        return value
    raise refuse("duration_unreadable", f"a number from 0 to {_MOST}")


def _beside(amount: Any, carry: Carry, unit: object) -> tuple[Any, Any]:
    """Return the amount with its unit carried; what a codec remarks of the unit is said of the unit's place."""
    try:
        return amount, carry(unit)
    except Remark as remark:
        if remark.value is not None:
            raise reduced((amount, remark.value), _UNIT) from None
        raise _at_unit(remark) from None


def _at_unit(remark: Remark) -> Remark:
    return Remark(tuple(problem._replace(part=_UNIT) for problem in remark.problems))
