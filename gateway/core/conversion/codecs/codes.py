"""Code tables: which regional value is which canonical one, in which direction, and what that loses."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.core.conversion.codecs.codec import Carry, Codec, Shortcut, Way, blank
from gateway.core.conversion.options import Options
from gateway.core.conversion.remarks import reduced, refuse

VALUE_LIMIT = 1000
_DIRECTIONS = ("both", "to-canonical", "to-regional")
_EXPECTED_LIMIT = 40
_NUMBER = re.compile(r"0|[1-9][0-9]{0,14}", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeTable:
    """One code table, checked: each direction maps a value to one partner, and says which mappings lose something."""

    name: str
    code_list: str  # the canonical list it covers, "" for none
    read: Mapping[str, str]
    write: Mapping[str, str]
    lossy_read: frozenset[str]
    lossy_write: frozenset[str]
    refused_regional: frozenset[str]
    refused_canonical: frozenset[str]
    read_at: Mapping[str, str]  # where in its file each regional code is mapped
    write_at: Mapping[str, str]  # the same for each canonical code


def read_code_table(options: Options, *, name: str, code_lists: Mapping[str, Collection[str]] | None) -> CodeTable:
    """Check one code table file; every contradiction becomes a complaint."""
    for title in ("title", "titleZh", "source"):
        options.text(title, "")
    builder = _Builder()
    for value in options.elements("values", limit=VALUE_LIMIT):
        builder.add(value)
    for value in options.elements("refused", limit=VALUE_LIMIT):
        builder.refuse(value)
    table = builder.build(name, options.text("list", ""))
    _check_coverage(table, options, code_lists)
    options.finish()
    builder.check_losses(table)
    return table


class _Builder:
    def __init__(self) -> None:
        self.read: dict[str, str] = {}
        self.write: dict[str, str] = {}
        self.refused: dict[str, set[str]] = {"regional": set(), "canonical": set()}
        self.rows: list[tuple[Options, str, str, str, bool]] = []

    def add(self, value: Options) -> None:
        regional, canonical = value.text("regional", limit=64), value.text("canonical", limit=64)
        only, lossy = value.choice("only", _DIRECTIONS, "both"), value.flag("lossy")
        value.text("title", "")
        value.finish()
        if regional != regional.strip() or not regional or not canonical:
            value.complain("option_invalid", "regional", "a code without outer white space")
        if only != "to-regional" and self.read.setdefault(regional, canonical) != canonical:
            value.complain("code_repeated", "regional")
        if only != "to-canonical" and self.write.setdefault(canonical, regional) != regional:
            value.complain("code_repeated", "canonical", 'one partner; mark the others only = "to-canonical"')
        self.rows.append((value, regional, canonical, only, lossy))

    def refuse(self, value: Options) -> None:
        side = "regional" if value.has("regional") else "canonical"
        code = value.text(side, limit=64)
        value.text("reason")
        value.finish()
        if code in (self.read if side == "regional" else self.write):
            value.complain("rows_contradict", side, "a code is either mapped or refused")
        self.refused[side].add(code)

    def build(self, name: str, code_list: str) -> CodeTable:
        back, forth = self.write, self.read
        return CodeTable(
            name=name,
            code_list=code_list,
            read=forth,
            write=back,
            lossy_read=frozenset(code for code, partner in forth.items() if back.get(partner) != code),
            lossy_write=frozenset(code for code, partner in back.items() if forth.get(partner) != code),
            refused_regional=frozenset(self.refused["regional"]),
            refused_canonical=frozenset(self.refused["canonical"]),
            read_at={regional: row.pointer for row, regional, _, only, _ in self.rows if only != "to-regional"},
            write_at={canonical: row.pointer for row, _, canonical, only, _ in self.rows if only != "to-canonical"},
        )

    def check_losses(self, table: CodeTable) -> None:
        for value, regional, canonical, only, lossy in self.rows:
            reads = only != "to-regional" and regional in table.lossy_read
            writes = only != "to-canonical" and canonical in table.lossy_write
            if (reads or writes) and not lossy:
                value.complain("loss_undeclared", "lossy", "true")


def _check_coverage(table: CodeTable, options: Options, code_lists: Mapping[str, Collection[str]] | None) -> None:
    if not table.code_list or code_lists is None:
        return
    codes = code_lists.get(table.code_list)
    if codes is None:
        options.complain("code_list_unknown", "list", table.code_list)
        return
    for code in sorted(set(codes) - set(table.write) - table.refused_canonical):
        options.complain("code_uncovered", "values", code)
    for code in sorted((set(table.write) | set(table.read.values())) - set(codes)):
        options.complain("code_unlisted", "values", code)


def code(options: Options, tables: Mapping[str, CodeTable]) -> Codec:
    """Make the codec of a value in a code table; one without a partner is refused, never defaulted."""
    name = options.text("table", limit=64)
    wire = options.choice("wire", ("text", "integer", "either"), "text")
    table = tables.get(name)
    if table is None:
        options.complain("code_list_unknown", "table", "the name of a file in codes/")
    elif wire == "integer" and not all(map(_NUMBER.fullmatch, table.write.values())):
        options.complain("option_invalid", "wire", "a table whose regional codes are all numbers")
    else:
        return code_of(table, wire)
    return Codec(name="code", read=Way(carry=_never), write=Way(carry=_never))


def code_of(table: CodeTable, wire: str = "text") -> Codec:
    """Make the codec of one code table; `wire` is how the region writes it."""
    partners = {one: partner for one, partner in table.read.items() if one not in table.lossy_read}
    written = {one: int(partner) if wire == "integer" else partner for one, partner in table.write.items()}
    backward = {one: partner for one, partner in written.items() if one not in table.lossy_write}
    read = _carry(table.read, table.lossy_read, wire)
    return Codec(
        name="code",
        read=Way(carry=read, shortcut=Shortcut.NONE if wire == "integer" else Shortcut.LOOKUP, partners=partners),
        write=Way(carry=_carry(written, table.lossy_write, "text"), shortcut=Shortcut.LOOKUP, partners=backward),
        normalises="numbers become text" if wire == "either" else "",
    )


def _carry(partners: Mapping[str, Any], lossy: frozenset[str], wire: str) -> Carry:
    expected = " | ".join(list(partners)[:_EXPECTED_LIMIT])
    kinds = {"text": (str,), "integer": (int,), "either": (str, int)}[wire]

    def carry(value: Any) -> Any:
        if blank(value):
            return None
        if type(value) not in kinds:
            raise refuse("type_wrong", "a code as a number" if wire == "integer" else "a code as text")
        said = value.strip() if type(value) is str else str(value)
        partner = partners.get(said)
        if partner is None:
            raise refuse("code_unmapped", expected, value)
        if said in lossy:
            raise reduced(partner)
        return partner

    return carry


def _never(value: Any) -> Any:
    raise refuse("code_unmapped", "", value)
