"""What a field's values look like, and whether a canonical field could hold them; values themselves go nowhere."""

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Final

from stdnum.cn import ric, uscc

from gateway.core.conversion.codecs.times import LAYOUTS
from gateway.core.conversion.suggest.canonical import CanonicalField
from gateway.core.conversion.suggest.samples import RegionalField

# Ways to say yes and no, each pair as one layout would write it; the first of a pair is yes.
BOOLEANS: Final[tuple[tuple[Any, Any], ...]] = (
    (True, False),
    ("1", "0"),
    ("是", "否"),
    ("Y", "N"),
    ("true", "false"),
    ("有", "无"),
    ("支持", "不支持"),
    (1, 0),
)
SEPARATORS: Final = ("^", ";", "；", ",", "，", "、", "|")
_PROVINCES: Final = ("1[1-5]", "2[1-3]", "3[1-7]", "4[1-6]", "5[0-4]", "6[1-5]", "71", "8[12]")
_PLACE: Final = re.compile(f"(?:{'|'.join(_PROVINCES)})[0-9]{{4}}(?:[0-9]{{3}}){{0,2}}")
_PHONE: Final = re.compile(
    r"(?:\+?86[- ]?)?1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}|[48]00-?[0-9]{3,4}-?[0-9]{3,4}|12345"
)
_MOBILE: Final = re.compile(r"(?:\+?86[- ]?)?1[3-9][0-9]{9}")
_LIMIT: Final = re.compile(r"[0-9]{1,5}\s?个?(?:工作日|自然日|天|日|月|年|小时|分钟)|即办|当场办结|立等可取")
_DIGITS: Final = re.compile(r"[0-9]{1,17}")
_CHINESE: Final = re.compile("[\u4e00-\u9fff]")
_URL: Final = re.compile(r"https?://\S+")
_LONG: Final = 24  # characters beyond which nothing is a code or its label
_FIT, _MISFIT, _ODD = 1.0, 0.05, 0.4


def is_region(value: Any) -> bool:
    """Tell whether a value is a division code of 6, 9 or 12 digits."""
    return bool(_PLACE.fullmatch(str(value)))


def is_resident_id(value: Any) -> bool:
    """Tell whether a value is a resident id with the right check character; its place may be unknown."""
    text = str(value).upper()
    return len(text) == 18 and ric.compact(text)[:17].isdecimal() and ric.calc_check_digit(text) == text[-1]  # noqa: PLR2004 - GB 11643


def is_credit_code(value: Any) -> bool:
    """Tell whether a value is a unified social credit code (GB 32100) with the right check character."""
    return bool(uscc.is_valid(str(value)))


def is_limit(value: Any) -> bool:
    """Tell whether a value is a time limit in words."""
    return type(value) is str and bool(_LIMIT.fullmatch(value.strip()))


def is_phone(value: Any) -> bool:
    """Tell whether a value is a telephone number as written in China."""
    return bool(_PHONE.fullmatch(str(value).strip()))


def is_mobile(value: Any) -> bool:
    """Tell whether a value is a telephone number that somebody carries about, not that of an office."""
    return bool(_MOBILE.fullmatch(str(value).strip()))


def formats_of(values: Iterable[Any]) -> tuple[str, ...]:
    """Return the fewest date and time formats that together read every value; none where some value is no date."""
    left = [value for value in values if value is not None]
    chosen: list[str] = []
    while left:
        best = max(LAYOUTS, key=lambda name: sum(_reads(name, value) for value in left))
        remaining = [value for value in left if not _reads(best, value)]
        if len(remaining) == len(left):
            return ()
        chosen.append(best)
        left = remaining
    return tuple(chosen)


def _reads(name: str, value: Any) -> bool:
    try:
        read = LAYOUTS[name].read(value.strip() if type(value) is str else value)
    except (ValueError, OverflowError):
        return False
    return read is not None and "1900" <= read[:4] <= "2200"


def is_timed(name: str) -> bool:
    """Tell whether a format has a time of day."""
    return LAYOUTS[name].timed


def boolean_pair(field: RegionalField) -> tuple[Any, Any] | None:
    """Return the one pair of spellings that all values belong to; None where that is none, or not certain."""
    seen = {(type(value), _said(value)) for value in field.values}
    if not seen:
        return None
    fitting = [pair for pair in BOOLEANS if seen <= {(type(one), one) for one in pair}]
    return fitting[0] if len(fitting) == 1 else None


def separator_of(field: RegionalField) -> str:
    """Return the separator that its texts are lists with; "" where none occurs."""
    texts = [value for value in field.values if type(value) is str]
    found = [mark for mark in SEPARATORS if any(mark in text for text in texts)]
    return found[0] if found else ""


def parts_of(field: RegionalField) -> tuple[str, ...]:
    """Return the values of a field, lists taken apart, as texts."""
    mark = separator_of(field)
    texts = (str(value).strip() for value in field.values)
    return tuple(dict.fromkeys(part.strip() for text in texts for part in (text.split(mark) if mark else [text])))


def fit(field: RegionalField, canonical: CanonicalField) -> float:
    """Return how well the values seen could stand in a canonical field: 0 to 1, and 1 where none was seen."""
    if not field.values:
        return _FIT
    return _FITS[canonical.shape if not canonical.codes else "code"](field, canonical)


def _fits_time(field: RegionalField, canonical: CanonicalField) -> float:
    found = formats_of(field.values)
    if not found:
        return _MISFIT
    return _FIT if any(map(is_timed, found)) == (canonical.shape == "timestamp") else 0.8


def _fits_region(field: RegionalField, _: CanonicalField) -> float:
    return _FIT if all(map(is_region, field.values)) else _ODD


def _fits_integer(field: RegionalField, canonical: CanonicalField) -> float:
    if all(_DIGITS.fullmatch(str(value).strip()) for value in field.values):
        return _FIT
    limits = canonical.path[-1] == "days" and all(map(is_limit, field.values))
    money = canonical.path[-1].endswith("Fen") and all(_is_amount(value) for value in field.values)
    return _FIT if limits or money else _MISFIT


def _fits_boolean(field: RegionalField, _: CanonicalField) -> float:
    known = {(type(one), one) for pair in BOOLEANS for one in pair}
    return _FIT if all((type(value), _said(value)) in known for value in field.values) else _MISFIT


def _fits_code(field: RegionalField, canonical: CanonicalField) -> float:
    parts = parts_of(field)
    if canonical.path[-1] == "unit" and all(map(is_limit, field.values)):
        return _ODD  # the words of a limit say both; the amount is the one to recognise
    if any(len(part) > _LONG for part in parts) or (formats_of(field.values) and min(map(len, parts)) > 6):  # noqa: PLR2004 - no code
        return _MISFIT
    return _FIT if canonical.shape == "array" or not separator_of(field) else _ODD


def _fits_text(field: RegionalField, canonical: CanonicalField) -> float:
    last = canonical.path[-1]
    texts = [str(value).strip() for value in field.values]
    if any(type(value) is bool for value in field.values):
        return _MISFIT
    for ends, test in _EXPECTED:
        if last.endswith(ends):
            return _FIT if all(map(test, texts)) else 0.3
    timed = formats_of(field.values)
    return _ODD if any(map(is_timed, timed)) else _FIT


def _fits_anything(field: RegionalField, _: CanonicalField) -> float:
    return _ODD if formats_of(field.values) else _FIT


_FITS: Final[dict[str, Callable[[RegionalField, CanonicalField], float]]] = {
    "date": _fits_time,
    "timestamp": _fits_time,
    "region": _fits_region,
    "integer": _fits_integer,
    "boolean": _fits_boolean,
    "code": _fits_code,
    "text": _fits_text,
    "array": _fits_anything,
    "any": _fits_anything,
    "objects": _fits_anything,
}


def _no_chinese(text: str) -> bool:
    return not _CHINESE.search(text)


# How canonical texts end, and what their values then look like.
_EXPECTED: Final[tuple[tuple[tuple[str, ...], Callable[[str], bool]], ...]] = (
    (("email", "Email"), lambda text: "@" in text),
    (("url", "Url"), lambda text: "/" in text or "." in text),
    (("phone", "Phone", "idNumber", "Code", "code", "number", "Number", "postcode", "digest"), _no_chinese),
    (("name", "Name", "recipient", "officer"), lambda text: not text.isdecimal()),
)


@cache
def telling(canonical_path: tuple[str, ...], shape: str) -> tuple[tuple[str, Callable[[Any], bool]], ...]:
    """Return what values of a canonical field look like where that is telling in itself, with how to say it."""
    last = canonical_path[-1]
    found: list[tuple[str, Callable[[Any], bool]]] = []
    if shape == "region":
        found.append(("division codes 行政区划代码", is_region))
    if last == "idNumber":
        found.append(("resident ids 身份证号", is_resident_id))
    if canonical_path[-2:] == ("authority", "code"):
        found.append(("credit codes 统一社会信用代码", is_credit_code))
    if last in ("phone", "Phone"):
        found.append(("telephone numbers 电话号码", is_phone))
    if last.lower().endswith("email"):
        found.append(("e-mail addresses 邮箱", lambda value: "@" in str(value)))
    if last == "days":
        found.append(("time limits 时限", is_limit))
    if last.lower().endswith("url"):
        found.append(("web addresses 网址", lambda value: bool(_URL.match(str(value)))))
    return tuple(found)


def _is_amount(value: Any) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,4})?", str(value)))


def _said(value: Any) -> Any:
    return value.strip() if type(value) is str else value if type(value) in (bool, int) else str(value)
