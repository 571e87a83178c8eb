"""A conformance report for people at a terminal: what does not hold first, and where to find each row."""

from collections.abc import Iterable
from typing import Final

import click

from gateway.cli.telling import fault_lines
from gateway.core.conversion.conformance.page import BROKEN, ENDED, REFUSALS_ONLY, SORTS
from gateway.core.conversion.conformance.report import Collision, Coverage, Generated, Report, RowAt, Verdict

_FAULTS_TOLD: Final = 20


def tell_report(report: Report) -> None:
    """Print a report; values of documents never stand in it."""
    click.echo(f"{report.adapter} {report.version}  {report.digest}")
    for verdict in report.verdicts:
        _tell_verdict(verdict)
    for message in report.unexemplified:
        click.echo(f"FAIL  {message}: no example 缺少示例")
    if report.generated:
        click.echo("\ngenerated 生成的文档")
    for one in report.generated:
        _tell_generated(one)
    for coverage in report.coverage:
        _tell_coverage(coverage)
    _tell_collisions(report.collisions)
    for table, codes in report.partnerless.items():
        _list(f"codes that codes/{table}.toml cannot say 无对应代码", codes)
    click.echo("\nPassed. 通过。" if report.passed else "\nFailed. 未通过。")


def _tell_verdict(verdict: Verdict) -> None:
    click.echo(f"{'ok  ' if verdict.passed else 'FAIL'}  {verdict.kind} {verdict.variant or '?'}: {verdict.name}")
    for fault in verdict.faults[:_FAULTS_TOLD]:
        for line in fault_lines((fault,), limit=1):
            click.echo(line + _behind(verdict, fault.pointer))
    if len(verdict.faults) > _FAULTS_TOLD:
        click.echo(f"  … and {len(verdict.faults) - _FAULTS_TOLD} more")
    _list("differs in canonical form 与预期不同", _with_rows(verdict, verdict.canonical_differs))
    _list("does not come back 未能转回", _with_rows(verdict, verdict.regional_differs))
    _list("changes on a round trip 往返后改变", _with_rows(verdict, verdict.returned_differs))


def _tell_generated(one: Generated) -> None:
    said = f"{one.kind} {one.variant}: {one.drawn} drawn 生成, {one.converted} converted 转换"
    click.echo(f"{'ok  ' if one.passed else 'FAIL'}  {said}")
    if one.refusals_only:
        click.echo(f"  {REFUSALS_ONLY}")
    if one.ended:
        click.echo(f"  {ENDED[one.ended]}")
    for failure in one.failures:
        detail = f" ({failure.detail})" if failure.detail else ""
        _list(BROKEN[failure.code] + detail, [at or "(document)" for at in failure.pointers] or ["(document)"])
        _list("made by rows 相关行", failure.rows)
        _list("smallest document that fails, without its values 最小的失败文档", failure.shape)


def _tell_coverage(coverage: Coverage) -> None:
    click.echo(f"\n{coverage.kind} {coverage.variant}  {coverage.table}")
    _list("canonical fields never filled 未填充", coverage.never_filled)
    _list("regional fields never read 未读取", coverage.never_read)
    _list("rows that no example reaches 示例未覆盖", map(_row, coverage.unexercised))
    _list("lossy to canonical 转入有损", map(_row, coverage.lossy_to_canonical))
    _list("lossy to regional 转出有损", map(_row, coverage.lossy_to_regional))


def _tell_collisions(collisions: tuple[Collision, ...]) -> None:
    if collisions:
        click.echo("\ncollisions 冲突与合并")
    for sort, title in SORTS.items():
        _list(title, [_collision(one) for one in collisions if one.sort == sort])


def _collision(one: Collision) -> str:
    undeclared = "" if one.declared else "  UNDECLARED 未声明"
    return f"to {one.to} {one.place or '(element)'}: {', '.join(one.met)}  [{', '.join(one.rows)}]{undeclared}"


def _with_rows(verdict: Verdict, pointers: tuple[str, ...]) -> list[str]:
    return [f"{at or '(document)'}{_behind(verdict, at)}" for at in pointers]


def _behind(verdict: Verdict, pointer: str) -> str:
    rows = verdict.rows_behind(pointer)
    return f"  [{', '.join(rows)}]" if rows else ""


def _row(row: RowAt) -> str:
    return f"{row.path or '(element)'}  [{row}]"


def _list(title: str, entries: Iterable[str]) -> None:
    told = list(entries)
    if told:
        click.echo(f"  {title}: {len(told)}")
        for entry in told:
            click.echo(f"    {entry}")
