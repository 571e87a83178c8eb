"""`tongban catalogue lint`: which items break which rule."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click
import orjson
from rich.table import Table

from gateway.cli.catalogue.options import at_option, format_option, instant, out_option, region_option
from gateway.cli.catalogue.writing import JsonArray, binary_out
from gateway.cli.exits import Exit
from gateway.cli.setup import Setup, desk, pass_setup, run
from gateway.cli.sheets import SheetFormat, open_sheet
from gateway.cli.telling import print_table
from gateway.core.catalogue.linting import Outcome, Rule, Severity
from gateway.core.catalogue.rulebook import RULES
from gateway.core.catalogue.search import ItemFilter
from gateway.flow.lint_catalogue import Finding, LintCatalogue, LintTotals
from gateway.flow.published import EveryItem
from gateway.settings import Settings

_TOLD: Final = 20  # findings, where people read them
_HEADER: Final = ("rule", "severity", "title", "标题", "code", "name", "region", "pointers")

OnFinding = Callable[[Finding], None]


@click.command()
@click.option("--rule", "names", multiple=True, type=click.Choice(list(RULES)), metavar="ID", help="Only this rule.")
@region_option
@at_option
@format_option
@out_option
@pass_setup
def lint(
    setup: Setup, *, names: tuple[str, ...], region: str, at: datetime | None, form: str, out: Path | None
) -> None:
    """Hold the published items to the rules; the exit code is 1 where one breaks a rule of severity error."""
    rules = [RULES[name] for name in names or RULES]
    settings = setup.settings()

    def looked(on_finding: OnFinding) -> LintTotals:
        return run(_lint(settings, rules, instant(at), region, on_finding))

    totals = _REPORTS[form](looked, out)
    if any(counts[Outcome.BROKEN] for rule, counts in totals.rules if rule.severity is Severity.ERROR):
        raise click.exceptions.Exit(Exit.REFUSED)


async def _lint(
    settings: Settings, rules: Sequence[Rule], at: datetime, region: str, on_finding: OnFinding
) -> LintTotals:
    async with desk(settings) as place:
        linting = LintCatalogue(items=EveryItem(items=place.store))
        return await linting(rules, ItemFilter(region=region, at=at), on_finding=on_finding)


Looked = Callable[[OnFinding], LintTotals]


def _as_text(looked: Looked, out: Path | None) -> LintTotals:
    if out is not None:
        raise click.UsageError("the summary goes to stdout; --out is for json, csv and xlsx")
    first: list[Finding] = []
    totals = looked(lambda finding: first.append(finding) if len(first) < _TOLD else None)
    table = Table("rule", "severity 级别", "title 标题", "broken 违反", "kept 符合", "not judged 不判定", "不适用")
    for rule, counts in totals.rules:
        told = [
            counts[outcome] for outcome in (Outcome.BROKEN, Outcome.KEPT, Outcome.NOT_JUDGED, Outcome.NOT_CONCERNED)
        ]
        table.add_row(rule.id, rule.severity, f"{rule.title} {rule.title_zh}", *map(str, told))
    print_table(table)
    click.echo(f"{totals.items} items 事项")
    for finding in first:
        click.echo(f"{finding.rule.id} {finding.item.code} {finding.item.name}: {' '.join(finding.pointers)}")
    if (more := sum(counts[Outcome.BROKEN] for _, counts in totals.rules) - len(first)) > 0:
        click.echo(f"… and {more} more: --format csv lists them all 其余请导出")
    return totals


def _as_json(looked: Looked, out: Path | None) -> LintTotals:
    with binary_out(out) as file:
        file.write(b'{"findings":')
        with JsonArray(file) as array:
            totals = looked(lambda finding: array.add(_document(finding)))
        rules = [_counted(rule, counts) for rule, counts in totals.rules]
        file.write(b',"items":%d,"rules":%s}\n' % (totals.items, orjson.dumps(rules)))
    return totals


def _as_sheet(kind: SheetFormat) -> Callable[[Looked, Path | None], LintTotals]:
    def report(looked: Looked, out: Path | None) -> LintTotals:
        with open_sheet(kind, out, _HEADER) as sheet:
            return looked(lambda finding: sheet.row(_row(finding)))

    return report


def _row(finding: Finding) -> tuple[str, ...]:
    rule, item = finding.rule, finding.item
    told = (rule.id, rule.severity.value, rule.title, rule.title_zh)
    return (*told, item.code, item.name, item.region, " ".join(finding.pointers))


def _document(finding: Finding) -> dict[str, Any]:
    item = finding.item
    named = {"code": item.code, "name": item.name, "region": item.region, "version": item.version}
    return {"rule": finding.rule.id, "severity": finding.rule.severity} | named | {"pointers": finding.pointers}


def _counted(rule: Rule, counts: dict[Outcome, int]) -> dict[str, Any]:
    words = {"id": rule.id, "severity": rule.severity, "title": rule.title, "title_zh": rule.title_zh}
    return words | {outcome.value.replace("-", "_"): counts[outcome] for outcome in Outcome}


_REPORTS: Final[dict[str, Callable[[Looked, Path | None], LintTotals]]] = {
    "text": _as_text,
    "json": _as_json,
    **{kind.value: _as_sheet(kind) for kind in SheetFormat},
}
