"""Drafts code tables: what is known stands as a row, what is not is left to the operator, and digits are never trusted.

A value is known where it is the canonical code's own Chinese name, or where the schema explains it by that name. That
a digit equals the national one proves nothing: regions swap them, so such a pair is only a comment.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from gateway.core.conversion.suggest import shapes, toml
from gateway.core.conversion.suggest.canonical import CanonicalField
from gateway.core.conversion.suggest.samples import RegionalField

_TOLD: Final = 40  # undecided values listed
# How schemas explain codes: a code, a mark or a space, and its name; then the next.
_EXPLAINED: Final = re.compile("([0-9A-Za-z]{1,8})\\s*[-:：=．.、 ]\\s*([\u4e00-\u9fff（）]{1,30})")
_ASCII_CODE: Final = re.compile(r"[0-9A-Za-z_.-]{1,8}", re.ASCII)


def table_of(code_list: str, fields: Iterable[tuple[RegionalField, CanonicalField]], labels: Mapping[str, str]) -> str:
    """Return the draft of one code table as TOML; `labels` are the list's Chinese names and their codes."""
    several = list(fields)
    known = {value: code for regional, _ in several for value, code in _known(regional, labels)}
    names = {code: label for label, code in labels.items()}
    lines = [
        f"title = {toml.text(code_list)}",
        f"titleZh = {toml.text(several[0][1].title_zh)}",
        "# When every code below has a row or a reason, say so, and the check will hold the table to it:",
        f"# list = {toml.text(code_list)}",
        "",
        "values = [",
    ]
    taken: set[str] = set()
    for value, code in known.items():
        row: dict[str, object] = {"regional": value, "canonical": code, "title": names[code]}
        if code in taken:
            row |= {"only": "to-canonical", "lossy": True}
        taken.add(code)
        lines.append(f"  {toml.value(row)},")
    lines += [f"  {line}" for line in _undecided(several, known, names)]
    lines += ["]", "# Canonical codes without a partner yet; map each above, or give the reason why there is none:"]
    for code, label in names.items():
        if code not in taken:
            row = {"canonical": code, "reason": ""}
            lines.append(toml.comment(f"{label}: refused = [{toml.value(row)}]"))
    return "\n".join(lines) + "\n"


def _known(regional: RegionalField, labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    explained = dict(_EXPLAINED.findall(f"{regional.title} {regional.explained}"))
    for value in dict.fromkeys([*explained, *regional.allowed, *shapes.parts_of(regional)]):
        label = value if value in labels else explained.get(value, "")
        if label in labels:
            yield value, labels[label]


def _undecided(
    several: list[tuple[RegionalField, CanonicalField]], known: Mapping[str, str], names: Mapping[str, str]
) -> Iterator[str]:
    """Yield a comment for each value without a partner; only what looks like a code is written down."""
    values = dict.fromkeys(
        value for regional, _ in several for value in (*regional.allowed, *shapes.parts_of(regional))
    )
    for value in [one for one in values if one not in known and _ASCII_CODE.fullmatch(one)][:_TOLD]:
        same = f"  the same digits as 数字相同 {names[value]}: verify 须核实" if value in names else ""
        row = {"regional": value, "canonical": value if same else ""}
        yield toml.comment(f"{toml.value(row)},{same}")
