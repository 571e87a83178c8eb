"""Writes the mapping table of a draft: what is decided as rows, what is not as rows out of use where they would stand.

Rows stand in the order of the region's own fields, which is the order that documents are written back in. A line that
begins with one # is a row that loads when the # is taken away; one with two says something to people.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.core.conversion.pointer import escape, join
from gateway.core.conversion.rows import Path
from gateway.core.conversion.suggest import shapes, toml
from gateway.core.conversion.suggest.canonical import CanonicalField, container_of
from gateway.core.conversion.suggest.codecs import Choice, choose
from gateway.core.conversion.suggest.codes import Column
from gateway.core.conversion.suggest.evidence import Candidate
from gateway.core.conversion.suggest.proposing import Proposal
from gateway.core.conversion.suggest.samples import RegionalField

_PATH_LENGTH, _PATH_TOKENS = 256, 12  # of a row's path, as tables are loaded
_LIMITS_NOTE: Final = "time limits 时限"
_EMPTY: Final[Mapping[str, Any]] = {"integer": 0, "boolean": False}
_HEADER: Final = (
    "A score says how much speaks for a row, never that it is right; `note` says what speaks for it.",
    "A line with one # is a row left to you: take the # away to use it. What has no row travels in extensions.",
    "分数表示依据多少，不代表正确；行首单个 # 为备选行，去掉 # 即可启用；无对应行的字段保存在 extensions 中。",
)

Above = tuple[Path, Path]  # the regional and the canonical element that rows stand in


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """One row of the table, in use or not, or words about a field that has none."""

    row: Mapping[str, Any] = field(default_factory=dict)
    inside: "tuple[_Entry, ...]" = ()
    live: bool = False
    said: str = ""  # behind a row, or instead of one

    def lines(self, indent: str) -> Iterator[str]:
        """Yield the entry as lines of TOML."""
        if not self.row:
            yield indent + toml.words(self.said)
        elif not self.live:
            yield indent + toml.comment(f"{toml.value(self.row)}," + (f"  # {self.said}" if self.said else ""))
        elif not self.inside:
            yield f"{indent}{toml.value(self.row)},"
        else:
            yield f"{indent}{toml.value(self.row)[:-2]}, rows = ["
            for one in self.inside:
                yield from one.lines(f"{indent}  ")
            yield f"{indent}] }},"


class TableWriter:
    """Writes the rows of one table; remembers the code tables that they need."""

    def __init__(self, found: Mapping[Path, RegionalField], proposal: Proposal, event: str) -> None:
        self.tables: dict[str, list[Column]] = defaultdict(list)
        self.spoken_limits = False
        self._found, self._proposal, self._event = found, proposal, event
        self._decided = {one.regional.path: one for one in proposal.decided}
        self._pairs = {one.canonical.path: one for one in proposal.decided}
        self._filled: set[Path] = {("type",)} if event else set()
        self._by_element: dict[Path, list[Path]] = defaultdict(list)
        for path, regional in found.items():
            self._by_element[self._element(regional.container)].append(path)
        for one in proposal.decided:
            choice = self._choice(one)
            if not choice.undecided and _named(one):
                self._filled |= set(_fills(one, choice))

    def table(self) -> str:
        """Return the mapping table as TOML."""
        lines = [*map(toml.words, _HEADER), "", "rows = ["]
        for entry in self._level(((), ())):
            lines += entry.lines("  ")
        if self._event:
            lines.append(f"  {toml.value({'canonical': '/type', 'codec': 'constant', 'value': self._event})},")
        left = [entry for one in self._proposal.unfilled for entry in self._unfilled(one)]
        if left:
            lines += ["", "  " + toml.words("Needed in every document, and nothing fills them: find the field, or say")]
            lines.append("  " + toml.words("the only value there is. 每份文档都需要，但样本中没有对应字段。"))
            for entry in left:
                lines += entry.lines("  ")
        return "\n".join([*lines, "]"]) + "\n"

    def _level(self, above: Above) -> Iterator[_Entry]:
        for path in self._by_element.get(above[0], ()):
            if path in self._proposal.arrays:
                yield from self._array(self._proposal.arrays[path], above)
            elif path in self._decided:
                yield from self._row(self._decided[path], above)
            elif path in self._proposal.undecided:
                yield from self._offers(path, above)

    def _array(self, array: Candidate, above: Above) -> Iterator[_Entry]:
        """Yield an array with its rows; where none is sure, each of them in an array of its own, out of use."""
        regional, canonical = array.regional.path, array.canonical.path
        inside = tuple(self._level(((*regional, "*"), (*canonical, "*"))))
        row: dict[str, Any] = {"canonical": _from(canonical, above[1]), "regional": _from(regional, above[0])}
        row |= {"codec": "json", "array": True} if array.regional.shape == "embedded" else {"codec": "array"}
        row["note"] = _note(array)
        if any(one.live for one in inside):
            yield _Entry(row=row, inside=inside, live=True)
            return
        for one in inside:
            whole = {**row, "rows": [one.row]} if one.row else {}
            yield _Entry(row=whole, said=one.said)

    def _row(self, one: Candidate, above: Above) -> Iterator[_Entry]:
        if one.canonical.path[-1] == "unit" and (*one.canonical.path[:-1], "days") in self._pairs:
            return  # the row of the amount says both
        yield self._entry(one, above, live=True)

    def _offers(self, path: Path, above: Above) -> Iterator[_Entry]:
        candidates = self._proposal.undecided[path]
        if not candidates:
            yield _Entry(said=f"{toml.text(join(path))}: nothing alike 无相近字段")
        for one in candidates:
            yield self._entry(one, above, live=False)

    def _entry(self, one: Candidate, above: Above, *, live: bool) -> _Entry:
        """Return the row of a pair, or why it cannot stand."""
        choice = self._choice(one)
        taken = not live and any(map(self._is_filled, _fills(one, choice)))
        unsaid = choice.undecided or ("" if _named(one) else "a path that no row can name 路径无法书写")
        if taken or unsaid:
            why = unsaid or "which another row fills 已有对应行"
            regional, canonical = one.key
            return _Entry(said=f"{toml.text(regional)} may be {canonical}, {one.score:.2f}: {why}")
        row: dict[str, Any] = {
            "canonical": _from(one.canonical.path, above[1]),
            "regional": _from(one.regional.path, above[0]),
        }
        if choice.options.get("codec") == "duration":
            row["canonical"] = [row["canonical"], f"{row['canonical'].removesuffix('/days')}/unit"]
            unit = self._unit(one)
            if unit is not None:
                row["regional"] = [row["regional"], _from(unit.regional.path, above[0])]
                self.tables["limit-unit"].append(Column(regional=unit.regional, canonical=unit.canonical, sure=True))
        if choice.table:
            self.tables[choice.table].append(Column(regional=one.regional, canonical=one.canonical, sure=live))
        self.spoken_limits = self.spoken_limits or choice.options.get("units") == "limit-words"
        return _Entry(row={**row, **choice.options, "note": _note(one, choice.remark)}, live=live)

    def _choice(self, one: Candidate) -> Choice:
        """Return the codec of a row; a time limit is one in words, or an amount with its unit beside it."""
        if one.canonical.path[-1] == "days":
            if one.regional.values and all(map(shapes.is_limit, one.regional.values)):
                options = {"codec": "duration", "units": "limit-words", "instant": ["即办"], "unit": "immediate"}
                return Choice(options=options, remark=_LIMITS_NOTE)
            if self._unit(one) is not None:
                wire = "integer" if any(type(value) is int for value in one.regional.values) else "text"
                options = {"codec": "duration", "units": "limit-unit", "wire": wire}
                return Choice(options=options, remark=_LIMITS_NOTE)
        return choose(one.regional, one.canonical)

    def _unit(self, one: Candidate) -> Candidate | None:
        """Return the decided field of a decided amount's unit, in the same element."""
        unit = self._pairs.get((*one.canonical.path[:-1], "unit"))
        return unit if self._pairs.get(one.canonical.path) is one else None

    def _unfilled(self, one: CanonicalField) -> Iterator[_Entry]:
        if self._is_filled(one.path):
            return  # an array, whose elements have rows
        if one.shape == "objects":
            yield _Entry(said=f"{join(one.path)} {one.title_zh}: an array of objects 对象数组")
            return
        row = {"canonical": join(one.path), "codec": "constant", "value": _EMPTY.get(one.shape, "")}
        yield _Entry(row=row, said=one.title_zh)

    def _is_filled(self, path: Path) -> bool:
        """Tell whether a row in use fills a place, or something inside or around it."""
        return any(path[: len(one)] == one or one[: len(path)] == path for one in self._filled)

    def _element(self, container: Path) -> Path:
        """Return the element a container's rows stand in: an array without a canonical one makes none of its own."""
        while container and container[:-1] not in self._proposal.arrays:
            container = container_of(container[:-1])
        return container


def _fills(one: Candidate, choice: Choice) -> tuple[Path, ...]:
    path = one.canonical.path
    return (path, (*path[:-1], "unit")) if choice.options.get("codec") == "duration" else (path,)


def _from(path: Path, above: Path) -> str:
    """Return a path as a row inside `above` has it; the only element of an array is 0."""
    return "".join(f"/{escape(part if part != '*' else '0')}" for part in path[len(above) :])


def _note(one: Candidate, remark: str = "") -> str:
    reasons = "; ".join(each.said for each in one.evidence) or "made of the same fields 元素字段相近"
    return f"{one.score:.2f}: {reasons}" + (f"; {remark}" if remark else "")


def _named(one: Candidate) -> bool:
    """Tell whether a row can name both paths."""
    return _nameable(one.regional.path) and _nameable(one.canonical.path)


def _nameable(path: Path) -> bool:
    plain = all(part == "*" or (part not in ("", "-") and not part.isdecimal()) for part in path)
    return plain and len(path) <= _PATH_TOKENS and len(join(path)) <= _PATH_LENGTH
