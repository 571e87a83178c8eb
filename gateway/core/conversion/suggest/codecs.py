"""Chooses the codec of a proposed row by the values seen; where they do not say, the row is left to the operator."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.core.conversion.suggest import shapes
from gateway.core.conversion.suggest.canonical import CanonicalField
from gateway.core.conversion.suggest.samples import RegionalField


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """The options of a row beyond its paths, and what an operator should know; `undecided` says why it cannot stand."""

    options: Mapping[str, Any] = field(default_factory=dict)
    table: str = ""  # the code table it needs
    remark: str = ""
    undecided: str = ""


_NO_VALUE: Final = "no sample has a value 样本中没有取值"


def choose(regional: RegionalField, canonical: CanonicalField) -> Choice:
    """Return the codec of a row that ties these two."""
    if canonical.shape == "array":
        return _listed(regional, canonical)
    if canonical.codes:
        return Choice(options={"codec": "code", "table": canonical.codes} | _wire(regional), table=canonical.codes)
    if regional.shape == "array":
        rows = [{"canonical": "", "regional": ""}]
        return Choice(options={"codec": "array", "separator": "\n", "rows": rows})
    if canonical.shape in ("text", "any"):
        return _text(regional)
    if not regional.values:
        return Choice(undecided=_NO_VALUE)
    return {"integer": _integer, "boolean": _boolean, "date": _time, "timestamp": _time, "region": _region}[
        canonical.shape
    ](regional, canonical)


def _listed(regional: RegionalField, canonical: CanonicalField) -> Choice:
    options: dict[str, Any] = {"codec": "list"}
    remark = ""
    if regional.shape != "array":
        mark = shapes.separator_of(regional)
        options["separator"] = mark or ","
        remark = "" if mark else "no sample shows the separator 样本中未见分隔符"
    if canonical.codes:
        options["of"] = {"codec": "code", "table": canonical.codes} | _wire(regional)
    return Choice(options=options, table=canonical.codes, remark=remark)


def _wire(regional: RegionalField) -> dict[str, str]:
    """Return how codes are written: a table that is still being filled takes numbers and texts alike."""
    return {"wire": "either"} if any(type(value) is int for value in regional.values) else {}


def _text(regional: RegionalField) -> Choice:
    kinds = {type(value) for value in regional.values}
    if kinds - {str, int}:
        return Choice(undecided="values that are no texts 取值不是文本")
    return Choice(options={"codec": "text", "numbers": True} if int in kinds else {})


def _integer(regional: RegionalField, canonical: CanonicalField) -> Choice:
    texts = all(type(value) is str for value in regional.values)
    if canonical.path[-1].endswith("Fen"):
        return Choice(options={"codec": "money", "unit": "yuan", "wire": "text" if texts else "number"})
    if all(map(shapes.is_limit, regional.values)):
        return Choice(undecided="a time limit in words: see duration 时限用语")
    if not texts and any(type(value) is not int for value in regional.values):
        return Choice(undecided="numbers and texts mixed 数字与文本混用")
    return Choice(options={"codec": "integer"} | ({"wire": "text"} if texts else {}))


def _boolean(regional: RegionalField, _: CanonicalField) -> Choice:
    pair = shapes.boolean_pair(regional)
    if pair is None:
        return Choice(undecided="how yes and no are said is not certain 是否取值不明确")
    return Choice(options={"codec": "boolean", "true": [pair[0]], "false": [pair[1]]})


def _time(regional: RegionalField, canonical: CanonicalField) -> Choice:
    formats = shapes.formats_of(regional.values)
    if not formats:
        return Choice(undecided="values in no known format of dates 日期格式未知")
    return Choice(options={"codec": "date" if canonical.shape == "date" else "datetime", "formats": list(formats)})


def _region(regional: RegionalField, _: CanonicalField) -> Choice:
    if not all(type(value) is str and shapes.is_region(value) for value in regional.values):
        return Choice(undecided="not division codes 不是行政区划代码")
    lengths = {len(str(value)) for value in regional.values}
    shorter = {"digits": lengths.pop()} if len(lengths) == 1 and lengths != {12} else {}
    return Choice(options={"codec": "region"} | shorter)
