"""Tells which values of samples are nobody's, and so may stand in an adapter's examples as they are.

In any field these are yes and no, short time limits, the official names of codes, and one or two Latin letters or
digits. A field that is, or may be, a code, a count, or a date or division of something that is not personal keeps what
looks like one; a name, a telephone or identity number that strays into it does not.
"""

import re
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, Final

from gateway.core.conversion.codecs.codec import blank
from gateway.core.conversion.rows import Path
from gateway.core.conversion.suggest import shapes, words
from gateway.core.conversion.suggest.codecs import choose
from gateway.core.conversion.suggest.evidence import Candidate
from gateway.core.conversion.suggest.proposing import Proposal
from gateway.core.conversion.suggest.samples import RegionalField

_SHORT: Final = 2
_SURE: Final = 0.5  # of a candidate, to believe that a date is nobody's
_YES_OR_NO: Final = frozenset(one for pair in shapes.BOOLEANS for one in pair if type(one) is str)
_MARKS: Final = re.compile(f"[{re.escape(''.join(shapes.SEPARATORS))}]")
# No telephone number, no date of birth, and no name in Latin letters is written like this.
_CODE: Final = re.compile(r"[0-9]{1,6}|[0-9]{1,3}[._-][0-9]{1,3}|[A-Za-z]{1,3}(?:[._-]?[0-9]{1,4})?", re.ASCII)
_COUNT: Final = re.compile(r"[0-9]{1,4}", re.ASCII)
_YEAR: Final = re.compile("[0-9]{4}")


class Sort(StrEnum):
    """What a field holds that is nobody's."""

    CODE = "code"
    COUNT = "count"
    MOMENT = "moment"
    PLACE = "place"


class PublicValues:
    """Knows the official names of codes and what each field holds; tells of each value whether it may be shown."""

    def __init__(
        self, found: Mapping[Path, RegionalField], proposal: Proposal, labels: Mapping[str, Mapping[str, str]]
    ) -> None:
        self._sorts = dict(_sorts(proposal))
        self._allowed = {path: frozenset(one.allowed) for path, one in found.items() if one.allowed}
        official = [name for names in labels.values() for name in names]
        self._names = frozenset(official) | frozenset(map(words.unbracketed, official))
        self._codes = frozenset(code for names in labels.values() for code in names.values())

    def has(self, path: Path, value: Any) -> bool:
        """Tell whether a value of a field is nobody's."""
        if type(value) is bool or blank(value):
            return True
        text = str(value).strip()
        if text in self._allowed.get(path, ()):
            return True
        parts = [part.strip() for part in _MARKS.split(text)]
        return all(self._part(part, self._sorts.get(path)) for part in parts)

    def _part(self, text: str, sort: Sort | None) -> bool:
        if is_slight(text) or text in _YES_OR_NO or text in self._names:
            return True
        if shapes.is_limit(text) and not _YEAR.match(text):
            return True  # 20个工作日, and not 1990年
        if sort is None or shapes.is_resident_id(text) or shapes.is_phone(text):
            return False
        if sort is Sort.CODE:
            return is_bare_code(text) or text in self._codes
        if sort is Sort.COUNT:
            return bool(_COUNT.fullmatch(text))
        return shapes.is_region(text) if sort is Sort.PLACE else bool(shapes.formats_of([text]))


def is_slight(text: str) -> bool:
    """Tell whether a text is one or two letters or digits; a name of two Chinese characters is not."""
    return len(text) <= _SHORT and text.isascii()


def is_bare_code(text: str) -> bool:
    """Tell whether a text is so short a code that it can be nothing of anybody's."""
    return bool(_CODE.fullmatch(text))


def _sorts(proposal: Proposal) -> Collection[tuple[Path, Sort]]:
    found = [(one.regional.path, _decided_sort(one)) for one in proposal.decided]
    found += [(path, _likely_sort(several)) for path, several in proposal.undecided.items()]
    return [(path, sort) for path, sort in found if sort is not None]


def _decided_sort(one: Candidate) -> Sort | None:
    options = choose(one.regional, one.canonical).options
    if options.get("codec") == "list" and one.canonical.codes:
        return Sort.CODE
    return Sort.CODE if options.get("codec") == "code" else _sort(one)


def _likely_sort(several: tuple[Candidate, ...]) -> Sort | None:
    """Return what an undecided field holds; none where anything that it may be is personal."""
    if not several or any(one.canonical.personal for one in several):
        return None
    sort = _sort(several[0])
    return None if sort is Sort.MOMENT and several[0].score < _SURE else sort


def _sort(one: Candidate) -> Sort | None:
    if one.canonical.personal:
        return None
    if one.canonical.codes:
        return Sort.CODE
    shape = one.canonical.shape
    return {"integer": Sort.COUNT, "date": Sort.MOMENT, "timestamp": Sort.MOMENT, "region": Sort.PLACE}.get(shape)
