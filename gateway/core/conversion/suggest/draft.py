"""Writes a proposal as the files of an adapter: what is decided as rows, what is not as comments beside them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from gateway.core.conversion.formats.wire import SOAP_1_1, Wire
from gateway.core.conversion.pointer import escape, join
from gateway.core.conversion.rows import Path
from gateway.core.conversion.suggest import codes, shapes, toml
from gateway.core.conversion.suggest.canonical import CanonicalField, container_of
from gateway.core.conversion.suggest.codecs import Choice, choose
from gateway.core.conversion.suggest.evidence import Candidate
from gateway.core.conversion.suggest.inference import infer_schema
from gateway.core.conversion.suggest.proposing import Proposal
from gateway.core.conversion.suggest.reading import Samples
from gateway.core.conversion.suggest.samples import RegionalField
from gateway.core.model import DocumentKind

_PATH_LENGTH, _PATH_TOKENS = 256, 12  # of a row's path, as tables are loaded
_LIMIT_WORDS: Final = {"工作日": "working-day", "自然日": "calendar-day", "小时": "hour", "周": "week", "月": "month"}
_LIMITS_NOTE: Final = "time limits 时限"
_KEPT: Final = frozenset({"code", "list", "boolean", "duration", "integer"})


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a draft is made of."""

    name: str
    kind: DocumentKind
    event: str
    samples: Samples
    found: Mapping[Path, RegionalField]
    proposal: Proposal
    labels: Mapping[str, Mapping[str, str]]
    schema: bytes | None

    def files(self) -> dict[str, bytes]:
        """Return the files, examples apart, by path."""
        writer = _Writer(self)
        table = writer.table()
        texts = {"adapter.toml": self._manifest(), f"{self.kind}.mapping.toml": table}
        for name, fields in writer.tables.items():
            texts[f"codes/{name}.toml"] = codes.table_of(name, fields, self.labels.get(name, {}))
        if writer.spoken_limits:
            texts["codes/limit-words.toml"] = _limit_words()
        schema = self.schema or orjson.dumps(infer_schema(self.samples.documents), option=orjson.OPT_INDENT_2)
        return {name: text.encode() for name, text in texts.items()} | {f"schema/{self.kind}.schema.json": schema}

    @property
    def kept(self) -> frozenset[Path]:
        """Return the fields whose values say nothing of anybody: codes, yes and no, and public dates and divisions."""
        found = set()
        for one in self.proposal.decided:
            codec = choose(one.regional, one.canonical).options.get("codec", "text")
            public = not one.canonical.personal and codec in ("date", "datetime", "region")
            listed = codec == "list" and not one.canonical.codes
            if public or (codec in _KEPT and not listed):
                found.add(one.regional.path)
        return frozenset(found) | {path for path, one in self.found.items() if one.allowed}

    def _manifest(self) -> str:
        wire = self.samples.wire
        lines = [
            "# Proposed by `tongban adapter suggest`: read it before you trust it.",
            f"name = {toml.text(self.name)}",
            'version = "0.1.0"',
            f"title = {toml.text(self.name)}",
            f"titleZh = {toml.text(self.name)}",
            '# regions = ["420300000000"]    # the 12-digit divisions that use this layout',
            "",
            f"[documents.{self.kind}]",
            f"format = {toml.text(wire.format)}",
            f"charset = {toml.text(wire.charset)}",
            f'schema = "schema/{self.kind}.schema.json"',
            *self._style(wire),
        ]
        return "\n".join(lines) + "\n"

    def _style(self, wire: Wire) -> Iterator[str]:
        if wire.format == "soap":
            yield f"[documents.{self.kind}.soap]"
            yield f"version = {toml.text(wire.soap.version or SOAP_1_1)}"
            if wire.soap.namespace:
                yield f"namespace = {toml.text(wire.soap.namespace)}"
                yield f"qualified = {toml.value(wire.soap.qualified)}"
        elif wire.format in ("csv", "tsv"):
            yield f"[documents.{self.kind}.{wire.format}]"
            yield "single = true"


class _Writer:
    """Writes the rows of one table; remembers the code tables that they need."""

    def __init__(self, draft: Draft) -> None:
        self.draft, self.proposal = draft, draft.proposal
        self.tables: dict[str, list[tuple[RegionalField, CanonicalField]]] = defaultdict(list)
        self.spoken_limits = False
        self._pairs = {one.canonical.path: one for one in self.proposal.decided}
        self._by_container: dict[Path, list[Candidate]] = defaultdict(list)
        for one in self.proposal.decided:
            self._by_container[self._element(one.regional.container)].append(one)

    def table(self) -> str:
        """Return the mapping table as TOML."""
        lines = [
            "# A score says how much speaks for a row, never that it is right; `note` says what speaks for it.",
            "",
        ]
        lines += ["rows = [", *self._level((), (), "  ")]
        if self.draft.event:
            row = {"canonical": "/type", "codec": "constant", "value": self.draft.event}
            lines.append(f"  {toml.value(row)},")
        lines += [*self._left_over(), *self._unfilled(), "]"]
        return "\n".join(lines) + "\n"

    def _level(self, regional: Path, canonical: Path, indent: str) -> Iterator[str]:
        for one in self._by_container.get(regional, ()):
            yield from self._row(one, (regional, canonical), indent)
        for path, array in self.proposal.arrays.items():
            if self._element(container_of(path)) == regional:
                yield from self._array(path, array, (regional, canonical), indent)

    def _array(self, path: Path, array: Candidate, above: tuple[Path, Path], indent: str) -> Iterator[str]:
        inside = list(self._level((*path, "*"), (*array.canonical.path, "*"), f"{indent}  "))
        if not any(not line.lstrip().startswith("#") for line in inside):
            yield indent + toml.comment(f"{toml.text(join(path))} may be {join(array.canonical.path)}; no row is sure")
            return
        row: dict[str, Any] = {
            "canonical": self._from(array.canonical.path, above[1]),
            "regional": self._from(path, above[0]),
            "codec": "json" if array.regional.shape == "embedded" else "array",
        }
        row |= {"array": True} if array.regional.shape == "embedded" else {}
        row["note"] = _note(array)
        yield f"{indent}{toml.value(row)[:-2]}, rows = ["
        yield from inside
        yield f"{indent}] }},"

    def _row(self, one: Candidate, above: tuple[Path, Path], indent: str) -> Iterator[str]:
        unit = self._pairs.get((*one.canonical.path[:-1], "unit")) if one.canonical.path[-1] == "days" else None
        if one.canonical.path[-1] == "unit" and (*one.canonical.path[:-1], "days") in self._pairs:
            return  # the row of the amount says both
        choice = self._limit(one, unit) or choose(one.regional, one.canonical)
        row: dict[str, Any] = {
            "canonical": self._from(one.canonical.path, above[1]),
            "regional": self._from(one.regional.path, above[0]),
        }
        if choice.options.get("codec") == "duration":
            row["canonical"] = [row["canonical"], f"{row['canonical'].removesuffix('/days')}/unit"]
            if unit is not None:
                row["regional"] = [row["regional"], self._from(unit.regional.path, above[0])]
                self.tables["limit-unit"].append((unit.regional, unit.canonical))
        row |= {**choice.options, "note": _note(one, choice.remark)}
        named = all(map(_nameable, (one.regional.path, one.canonical.path)))
        if choice.undecided or not named:
            yield indent + toml.comment(f"{toml.value(row)},  {choice.undecided or 'a path that no row can name'}")
            return
        if choice.table:
            self.tables[choice.table].append((one.regional, one.canonical))
        yield f"{indent}{toml.value(row)},"

    def _limit(self, one: Candidate, unit: Candidate | None) -> Choice | None:
        """Return the codec of a time limit: in words, or an amount with its unit beside it."""
        if one.canonical.path[-1] != "days":
            return None
        if one.regional.values and all(map(shapes.is_limit, one.regional.values)):
            self.spoken_limits = True
            instant = {"instant": ["即办"], "unit": "immediate"}
            return Choice(options={"codec": "duration", "units": "limit-words"} | instant, remark=_LIMITS_NOTE)
        if unit is None:
            return None
        wire = "integer" if any(type(value) is int for value in one.regional.values) else "text"
        return Choice(options={"codec": "duration", "units": "limit-unit", "wire": wire}, remark=_LIMITS_NOTE)

    def _left_over(self) -> Iterator[str]:
        if self.proposal.undecided:
            yield ""
            yield "  # Left to you; what has no row travels in extensions and comes back out."
        for path, candidates in self.proposal.undecided.items():
            at = toml.text(join(path))
            if not candidates:
                yield "  " + toml.comment(f"{at}: nothing alike 无相近字段")
            for one in candidates:
                row = {"canonical": join(one.canonical.path), "regional": join(path), "note": _note(one)}
                yield "  " + toml.comment(f"{toml.value(row)},")

    def _unfilled(self) -> Iterator[str]:
        left = [one for one in self.proposal.unfilled if not (self.draft.event and one.path == ("type",))]
        if left:
            yield ""
            yield "  # Needed in every document, and nothing fills them: find the field, or say the only value."
        for one in left:
            row = {"canonical": join(one.path), "codec": "constant", "value": ""}
            yield "  " + toml.comment(f"{toml.value(row)},  {one.title_zh}")

    def _element(self, container: Path) -> Path:
        """Return the element a container's rows stand in: arrays of one are no element of their own."""
        while container and container[:-1] in self.proposal.sole:
            container = container_of(container[:-1])
        return container

    def _from(self, path: Path, above: Path) -> str:
        """Return a path as a row inside `above` has it; the only element of an array is 0."""
        rest = path[len(above) :]
        return "".join(f"/{escape(part if part != '*' else '0')}" for part in rest)


def _note(one: Candidate, remark: str = "") -> str:
    reasons = "; ".join(each.said for each in one.evidence) or "made of the same fields 元素字段相近"
    return f"{one.score:.2f}: {reasons}" + (f"; {remark}" if remark else "")


def _nameable(path: Path) -> bool:
    """Tell whether a row can name this path."""
    plain = all(part == "*" or (part not in ("", "-") and not part.isdecimal()) for part in path)
    return plain and len(path) <= _PATH_TOKENS and len(join(path)) <= _PATH_LENGTH


def _limit_words() -> str:
    rows: Iterable[str] = (
        f"  {toml.value({'regional': word, 'canonical': unit, 'title': word})}," for word, unit in _LIMIT_WORDS.items()
    )
    also = toml.value({"regional": "天", "canonical": "calendar-day", "only": "to-canonical", "lossy": True})
    said = '"天" is left to you: it may mean working days 须核实是否为工作日'
    return (
        "\n".join(
            [
                'title = "Words of time limits"',
                'titleZh = "时限用语"',
                "values = [",
                *rows,
                f"  {toml.comment(also)},  {said}",
                "]",
            ]
        )
        + "\n"
    )
