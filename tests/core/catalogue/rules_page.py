"""Writes docs/catalogue-rules.md from the rules: `python -m tests.core.catalogue.rules_page`."""

from pathlib import Path

from gateway.core.catalogue.elements import ELEMENTS, Element
from gateway.core.catalogue.linting import Rule
from gateway.core.catalogue.rates import NOTES, RATES, Rate
from gateway.core.catalogue.rulebook import RULES

PAGE = Path(__file__).parents[3] / "docs" / "catalogue-rules.md"

_HEAD = """\
# Rules and rates of the catalogue / 事项质量规则与指标

## Rules / 规则

`tongban catalogue lint` holds every published item to these rules; [catalogue.md](catalogue.md) shows how.
A rule says one of four things of an item: *kept*, *broken*, *not judged* (a field that it reads is not there; nobody is
praised for what they do not tell), or *not concerned* (the rule speaks of other items).
An *error* is a contradiction or a hole; a *warning* is something that could be better.
Ids are a promise: a rule may be added, and none is given another meaning.

The clauses of Wenzhou's item checker (WZ) and the lists of 14 core (GD-C) and 6 extended (GD-E) fields of Guangdong
were seen in published texts; which canonical field answers each clause was inferred. A guide belongs to items that
people apply for: the GD rules are not concerned with penalties, coercion, levies and inspections (types 02, 03, 04,
06), and cannot judge an item of the unspecific type 00.

`tongban catalogue lint` 按下列规则检查每一个已发布事项，用法见 [catalogue.md](catalogue.md)。
规则对事项有四种结论：符合、违反、不判定（规则所需字段缺失，不因缺失而视为符合）、不适用。
错误指自相矛盾或必填缺失，警告指有待改进。编号一经发布不改作他用。
温州规则（WZ）条文及广东核心要素（GD-C）、扩展要素（GD-E）清单均见于公开资料，与标准字段的对应关系为推定。
GD 规则不适用于处罚、强制、征收、检查类事项，类型为 00 的不判定。

This page is made from `gateway/core/catalogue/`; a test holds both against each other.
"""

_RATES = """
## Rates / 指标

What `tongban catalogue rates` counts, of items in force at one instant.
`tongban catalogue rates` 的统计口径；只计在该时点生效的事项。
"""
_NOTES = """
Beside each rate stands what was left out of it, or found lacking, and how often: under the names of obligatory columns
(element completeness), of rules (guide completeness), or of these. 各指标旁列出未计入或缺失的情况及次数：
"""
_ELEMENTS = """
## Obligatory elements / 必填要素

The columns that the national tables do not allow to be empty. Public services (types 20, 21) are not asked for those
marked *, and items that nobody applies for (02, 03, 04, 06) only for those marked †, which is inferred.
国家库表的非空字段；公共服务不要求标 * 者，处罚、强制、征收、检查类只要求标 † 者（推定）。
"""


def rules_page() -> str:
    """Return the page."""
    rules = ("| id | severity 级别 | rule 规则 | reads 读取字段 |", "|---|---|---|---|", *map(_row, RULES.values()))
    rates = (
        "| id | rate 指标 | numerator | denominator | 口径 | source |",
        "|---|---|---|---|---|---|",
        *map(_rate, RATES),
    )
    notes = (
        "| note | meaning 含义 |",
        "|---|---|",
        *(f"| `{name}` | {en}<br>{zh} |" for name, (en, zh) in NOTES.items()),
    )
    elements = ("| column 列 | answered by 对应字段 |", "|---|---|", *map(_element, ELEMENTS))
    return "\n".join((_HEAD, *rules, _RATES, *rates, _NOTES, *notes, _ELEMENTS, *elements, ""))


def _row(rule: Rule) -> str:
    words = f"**{rule.title} {rule.title_zh}**<br>{rule.statement}<br>{rule.statement_zh}"
    return f"| `{rule.id}` | {rule.severity} | {words} | {' '.join(f'`{pointer}`' for pointer in rule.reads)} |"


def _rate(rate: Rate) -> str:
    title = f"{rate.title}<br>{rate.title_zh}"
    unit = f" (in {rate.unit})" if rate.unit != "items" else ""
    return f"| `{rate.id}` | {title} | {rate.numerator}{unit} | {rate.denominator} | {rate.rule_zh} | {rate.source} |"


def _element(element: Element) -> str:
    marks = "*" * (not element.public) + "†" * (not element.guided)
    return f"| `{element.column}` {marks} | {' '.join('`/' + '/'.join(path) + '`' for path in element.paths)} |"


if __name__ == "__main__":
    PAGE.write_text(rules_page(), encoding="utf-8")
