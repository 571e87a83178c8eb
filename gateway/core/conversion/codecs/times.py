"""Dates and times in every layout that regions write; canonical is RFC 3339, times always with +08:00.

A regional time without an offset is Beijing time. China has kept one offset and no summer time since 1991-09-15,
so the fixed offset is exact for anything a case can hold.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Final

from gateway.core.conversion.codecs.codec import Codec, Way, blank
from gateway.core.conversion.options import Options
from gateway.core.conversion.remarks import reduced, refuse

BEIJING: Final = timezone(timedelta(hours=8))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MS: Final = 253_402_271_999_999  # 9999-12-31T23:59:59.999+08:00
_MIDNIGHT: Final = "00:00:00"
_SECONDS: Final = 19  # characters of a time without a fraction
_OWN: Final = 25  # characters of a time as this gateway writes it, without a fraction

# How a layout reads: returns "YYYY-MM-DDThh:mm:ss[.fff]" in Beijing time, or None; may raise ValueError.
_Reader = Callable[[Any], str | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Layout:
    """One way to write a date or time, made of the letters YYYY MM DD hh mm ss and literal characters."""

    read: _Reader
    write: Callable[[str], Any]  # from "YYYY-MM-DDThh:mm:ss[.fff]"
    timed: bool = True
    minutes: bool = False  # it has no seconds
    fraction: int = 0  # digits of a second that it keeps
    sliced: bool = False  # it is made of fixed positions, so what follows the seconds does not matter


_FIELDS: Final = ("YYYY", "MM", "DD", "hh", "mm", "ss")
_CANONICAL: Final = "YYYY-MM-DDThh:mm:ss"
_PATTERNS: Final = (
    "YYYYMMDD",
    "YYYY-MM-DD",
    "YYYY/MM/DD",
    "YYYY.MM.DD",
    "YYYY年MM月DD日",
    "YYYYMMDDThhmmss",
    "YYYYMMDDhhmmss",
    "YYYYMMDDhh:mm:ss",
    "YYYY-MM-DD hh:mm:ss",
    "YYYY-MM-DD hh:mm",
    "YYYY/MM/DD hh:mm:ss",
    "YYYY-MM-DDThh:mm:ss",
    "YYYYMMDDhhmm",
)
_READER: Final = """
def read(v):
    if type(v) is not str or len(v) != {length}{literals}:
        return None
    iso = f"{iso}"
    check(iso)
    return None if iso[11:13] == "24" else iso
"""


def _pattern(name: str) -> _Layout:
    """Make a layout of fixed positions from its name, which is one of ours and no adapter's."""
    literals = "".join(f" or v[{at}] != {mark!r}" for at, mark in enumerate(name) if mark not in "YMDhms")
    iso = _composed(_CANONICAL, name)
    for letters, default in (("hh", "00"), ("mm", "00"), ("ss", "00")):
        iso = iso.replace(letters, default)
    space: dict[str, Any] = {"check": datetime.fromisoformat}
    exec(_READER.format(length=len(name), literals=literals, iso=iso), space)  # noqa: S102 - our own names only
    written = _composed(name, _CANONICAL)
    write: Callable[[str], str] = eval(f'lambda v: f"{written}"')  # noqa: S307 - the same
    return _Layout(read=space["read"], write=write, timed="hh" in name, minutes="ss" not in name, sliced=True)


def _composed(form: str, source: str) -> str:
    """Return `form` with each field replaced by the slice of a value written as `source`."""
    for letters in _FIELDS:
        if (at := source.find(letters)) >= 0:
            form = form.replace(letters, f"{{v[{at}:{at + len(letters)}]}}")
    return form


def _read_iso(value: Any) -> str | None:
    if type(value) is not str or not _SECONDS <= len(value) <= 35 or value[10] not in "Tt" or value[7] != "-":  # noqa: PLR2004 - longest RFC 3339 time
        return None
    return _local(datetime.fromisoformat(value[:10] + "T" + value[11:].upper()))


def _read_milliseconds(value: Any) -> str | None:
    return _local(_EPOCH + timedelta(milliseconds=value)) if type(value) is int and 0 <= value <= _LAST_MS else None


def _read_milliseconds_text(value: Any) -> str | None:
    digits = type(value) is str and len(value) == 13 and value.isascii() and value.isdigit()  # noqa: PLR2004 - 13 digits
    return _read_milliseconds(int(value)) if digits else None


def _local(moment: datetime) -> str:
    """Write a moment in Beijing time; one without an offset already is."""
    local = moment.replace(tzinfo=None) if moment.tzinfo is None else moment.astimezone(BEIJING).replace(tzinfo=None)
    if not local.microsecond:
        return local.isoformat(timespec="seconds")
    return local.isoformat(timespec="microseconds" if local.microsecond % 1000 else "milliseconds")


def _milliseconds(value: str) -> int:
    moment = datetime.fromisoformat(value).replace(tzinfo=BEIJING)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


LAYOUTS: Final[dict[str, _Layout]] = {name: _pattern(name) for name in _PATTERNS} | {
    "ISO": _Layout(read=_read_iso, write=lambda value: f"{value}+08:00", fraction=6),
    "milliseconds": _Layout(read=_read_milliseconds, write=_milliseconds, fraction=3),
    "milliseconds-text": _Layout(
        read=_read_milliseconds_text, write=lambda value: str(_milliseconds(value)), fraction=3
    ),
}


def moment(options: Options) -> Codec:
    """Make the codec of a point in time; the first of `formats` is written, all are read."""
    layouts = _layouts(options)
    expected = " | ".join(layouts)
    understood, first = _any_of(layouts), next(iter(layouts.values()))
    whole, place = first.timed and not first.minutes, first.write
    direct = whole and first.sliced

    def read(value: Any) -> str | None:
        iso = understood(value)
        if iso is None:
            return _blank_or_refuse(value, "datetime_unreadable", expected)
        return iso + "+08:00"

    def write(value: Any) -> Any:
        if direct and _is_own(value):
            return place(value)
        iso = canonical_moment(value)
        if iso is None:
            return _blank_or_refuse(value, "datetime_unreadable", "RFC 3339 with an offset")
        written = first.write(iso)
        if (len(iso) > _SECONDS or not whole) and _drops(first, iso):
            raise reduced(written)
        return written

    return Codec(
        name="datetime", read=Way(carry=read), write=Way(carry=write), normalises="accepted formats and offsets"
    )


def day(options: Options) -> Codec:
    """Make the codec of a calendar day; a regional time of day that is not midnight is reported as lost."""
    layouts = _layouts(options)
    expected = " | ".join(layouts)
    understood, first = _any_of(layouts), next(iter(layouts.values()))

    def read(value: Any) -> str | None:
        iso = understood(value)
        if iso is None:
            return _blank_or_refuse(value, "date_unreadable", expected)
        if iso[11:] != _MIDNIGHT:
            raise reduced(iso[:10])
        return iso[:10]

    def write(value: Any) -> Any:
        if not _is_day(value):
            return _blank_or_refuse(value, "date_unreadable", "YYYY-MM-DD")
        return first.write(f"{value}T{_MIDNIGHT}")

    return Codec(name="date", read=Way(carry=read), write=Way(carry=write), normalises="accepted formats")


def _drops(layout: _Layout, iso: str) -> bool:
    """Tell whether a layout says less than this time: no fraction, no seconds, no time of day."""
    if not layout.timed:
        return iso[11:] != _MIDNIGHT
    return len(iso[_SECONDS + 1 :]) > layout.fraction or (layout.minutes and iso[17:19] != "00")


def canonical_moment(value: object) -> str | None:
    """Return a canonical time as "YYYY-MM-DDThh:mm:ss[.fff]" in Beijing time, or None for anything else."""
    if type(value) is not str or len(value) <= _SECONDS or value[10] != "T" or value[7] != "-":  # no week dates
        return None
    if _is_own(value):
        return value[:_SECONDS]
    try:
        read = datetime.fromisoformat(value)
        return None if read.tzinfo is None else _local(read)
    except (ValueError, OverflowError):
        return None


def _is_own(value: Any) -> bool:
    """Tell whether this is a whole second as this gateway writes it: every character has its place."""
    if type(value) is not str or len(value) != _OWN or value[_SECONDS:] != "+08:00" or value[10] != "T":
        return False
    if not value[4] == value[7] == "-" or not value[13] == value[16] == ":" or value[11:13] == "24":
        return False
    try:
        return bool(datetime.fromisoformat(value))
    except ValueError:
        return False


def _layouts(options: Options) -> dict[str, _Layout]:
    names = options.texts("formats")
    for name in names:
        if name not in LAYOUTS:
            options.complain("option_invalid", "formats", " | ".join(LAYOUTS))
    return {name: LAYOUTS[name] for name in names if name in LAYOUTS} or {"ISO": LAYOUTS["ISO"]}


def _any_of(layouts: dict[str, _Layout]) -> _Reader:
    """Make the reader that takes any of the layouts."""
    readers = [one.read for one in layouts.values()]

    def read(value: Any) -> str | None:
        for one in readers:
            try:
                if (iso := one(value)) is not None:
                    return iso
            except (ValueError, OverflowError):
                continue
        trimmed = value.strip() if type(value) is str else value
        return None if trimmed == value else read(trimmed)

    return read


def _is_day(value: object) -> bool:
    try:
        return type(value) is str and value[7:8] == "-" and bool(date.fromisoformat(value))  # no week dates
    except ValueError:
        return False


def _blank_or_refuse(value: object, code: str, expected: str) -> str | None:
    if blank(value):
        return None
    raise refuse(code, expected)
