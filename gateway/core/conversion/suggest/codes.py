"""Drafts code tables: what is known stands as a row, what is not is left to the operator, and digits are never trusted.

A value is known where it is the canonical code's own Chinese name, or where the schema explains it by that name. That
a digit equals the national one proves nothing: regions swap them, so such a pair is only a comment.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.core.conversion.suggest import shapes, toml, words
from gateway.core.conversion.suggest.canonical import CanonicalField
from gateway.core.conversion.suggest.public import is_bare_code, is_slight
from gateway.core.conversion.suggest.samples import RegionalField

_TOLD: Final = 40  # undecided values listed
# How schemas explain codes: a code, a mark or a space, and its name; then the next.
_EXPLAINED: Final = re.compile("([0-9A-Za-z]{1,8})\\s*[-:：=．.、 ]\\s*([\u4e00-\u9fff（）]{1,30})")
_UNKNOWN: Final = "待核实 to be verified"
_ALSO: Final = {"only": "to-canonical", "lossy": True}  # of a value whose code has a partner already


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A region's field whose values one table maps."""

    regional: RegionalField
    canonical: CanonicalField
    sure: bool  # whether its row is proposed, and not only offered


def table_of(code_list: str, columns: Iterable[Column], labels: Mapping[str, str]) -> str:
    """Return the draft of one code table as TOML; `labels` are the list's Chinese names and their codes."""
    several = list(columns)
    labels = {**_shortened(labels), **labels}
    known = {value: code for one in several for value, code in _known(one.regional, labels)}
    names = {code: label for label, code in labels.items()}
    taken = set(known.values())
    lines = [
        f"title = {toml.text(code_list)}",
        f"titleZh = {toml.text(several[0].canonical.title_zh)}",
        toml.words(
            f"When every code has a row or a reason, say list = {toml.text(code_list)}: the check will see to it."
        ),
        "",
        "values = [",
        *(f"  {line}" for line in _mapped(known, names)),
        *(f"  {line}" for line in _undecided(several, known, names)),
        "]",
        toml.words("Canonical codes without a partner yet: give each a row above, or say why there is none."),
        "refused = [",
    ]
    for code, label in names.items():
        if code not in taken:
            row = {"canonical": code, "reason": _UNKNOWN}
            lines.append("  " + toml.comment(f"{toml.value(row)},  # {label}"))
    return "\n".join([*lines, "]"]) + "\n"


def _shortened(labels: Mapping[str, str]) -> dict[str, str]:
    """Return the official names without what is in brackets, where only one name is left so: 市级 for 市级（隶属）."""
    bare = [(words.unbracketed(label), code) for label, code in labels.items()]
    counts = Counter(label for label, _ in bare)
    return {label: code for label, code in bare if counts[label] == 1}


def _mapped(known: Mapping[str, str], names: Mapping[str, str]) -> Iterator[str]:
    taken: set[str] = set()
    for value, code in known.items():
        row: dict[str, object] = {"regional": value, "canonical": code, "title": names[code]}
        if code in taken:
            row |= _ALSO
        taken.add(code)
        yield f"{toml.value(row)},"


def _known(regional: RegionalField, labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    explained = dict(_EXPLAINED.findall(f"{regional.title} {regional.explained}"))
    for value in dict.fromkeys([*explained, *regional.allowed, *shapes.parts_of(regional)]):
        label = value if value in labels else explained.get(value, "")
        if label in labels:
            yield value, labels[label]


def _undecided(several: list[Column], known: Mapping[str, str], names: Mapping[str, str]) -> Iterator[str]:
    """Yield a comment for each value without a partner; only what looks like a code is written down."""
    values = dict.fromkeys(
        value
        for one in several
        for value in (*one.regional.allowed, *shapes.parts_of(one.regional))
        if is_bare_code(value) and (one.sure or is_slight(value))
    )
    for value in [one for one in values if one not in known][:_TOLD]:
        row: dict[str, object] = {"regional": value, "canonical": value}
        if value in names:
            row |= _ALSO if value in known.values() else {}
            yield toml.comment(f"{toml.value(row)},  # the same digits as 数字相同 {names[value]}: verify 须核实")
        else:
            yield toml.words(f"{toml.text(value)} has no partner yet 待核实: ask the region what it means")
