"""Writes docs/catalogue-rules.md from the rules: `python -m tests.core.catalogue.rules_page`."""

from pathlib import Path

from gateway.core.catalogue.linting import Rule
from gateway.core.catalogue.rulebook import RULES

PAGE = Path(__file__).parents[3] / "docs" / "catalogue-rules.md"

_HEAD = """\
# Rules for service items / 事项质量规则

`tongban catalogue lint` holds every published item to these rules; [catalogue.md](catalogue.md) shows how.
A rule says one of four things of an item: *kept*, *broken*, *not judged* (a field that it reads is not there; nobody is
praised for what they do not tell), or *not concerned* (the rule speaks of other items).
An *error* is a contradiction or a hole; a *warning* is something that could be better.
Ids are a promise: a rule may be added, and none is given another meaning.

The clauses of Wenzhou's item checker (WZ) and the lists of 14 core (GD-C) and 6 extended (GD-E) fields of Guangdong
were seen in published texts; which canonical field answers each clause was inferred. A guide belongs to items that people
apply for: the GD rules are not concerned with penalties, coercion, levies and inspections (types 02, 03, 04, 06), and
cannot judge an item of the unspecific type 00.

`tongban catalogue lint` 按下列规则检查每一个已发布事项，用法见 [catalogue.md](catalogue.md)。
规则对事项有四种结论：符合、违反、不判定（规则所需字段缺失，不因缺失而视为符合）、不适用。
错误指自相矛盾或必填缺失，警告指有待改进。编号一经发布不改作他用。
温州规则（WZ）条文及广东核心要素（GD-C）、扩展要素（GD-E）清单均见于公开资料，与标准字段的对应关系为推定。
GD 规则不适用于处罚、强制、征收、检查类事项，类型为 00 的不判定。

This page is made from `gateway/core/catalogue/`; a test holds both against each other.
"""


def rules_page() -> str:
    """Return the page."""
    table = ("| id | severity 级别 | rule 规则 | reads 读取字段 |", "|---|---|---|---|")
    return "\n".join((_HEAD, *table, *map(_row, RULES.values()), ""))


def _row(rule: Rule) -> str:
    words = f"**{rule.title} {rule.title_zh}**<br>{rule.statement}<br>{rule.statement_zh}"
    return f"| `{rule.id}` | {rule.severity} | {words} | {' '.join(f'`{pointer}`' for pointer in rule.reads)} |"


if __name__ == "__main__":
    PAGE.write_text(rules_page(), encoding="utf-8")
