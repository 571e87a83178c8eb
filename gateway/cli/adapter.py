"""`tongban adapter`: judge an adapter before it serves anybody, and convert documents with it."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import click
from rich.console import Console

from gateway.cli.convert import Converter, Way, convert_lines, convert_one
from gateway.cli.exits import CommandGroup, Exit, as_json
from gateway.cli.layouts import AdapterFolder, adapter_in, adapter_option
from gateway.cli.lines import FaultReport
from gateway.cli.telling import fault_lines, print_json
from gateway.core.conversion.conformance import Report, Verdict, canonical_fields, check, examples_in
from gateway.core.conversion.loading import load_adapter
from gateway.core.model import DocumentKind
from gateway.resources import read_adapter_folder, shipped_code_lists, shipped_forms, shipped_schemas

_FAULTS_TOLD = 20


@click.group(cls=CommandGroup)
def adapter() -> None:
    """Judge adapters, and convert documents with them; needs no settings and no store."""


@adapter.command("check")
@click.argument("folder", type=AdapterFolder(), metavar="DIR|LAYOUT")
@as_json
def check_(*, folder: Path, as_json: bool) -> None:
    """Load an adapter, try its examples both ways, and list what its tables leave out."""
    report = _judged(folder)
    if as_json:
        print_json(_document(report))
    else:
        _tell(report)
    if not report.passed:
        raise click.exceptions.Exit(Exit.REFUSED)


@adapter.command()
@adapter_option
@click.option(
    "--document", "kind", type=click.Choice([kind.value for kind in DocumentKind]), required=True, help="What it is."
)
@click.option("--to", "way", type=click.Choice([way.value for way in Way]), required=True, help="Which form to make.")
@click.option(
    "--ndjson/--single", "many", default=None, help="One document a line; by default if FILE ends in .ndjson."
)
@click.argument("file", type=click.File("rb"), default="-")
def convert(*, folder: Path, kind: str, way: str, many: bool | None, file: BinaryIO) -> None:
    """Convert FILE, or stdin, and write the result to stdout.

    Line by line, the good lines are kept in their order and the faulty ones told on stderr by number.
    """
    converter = Converter(adapter=adapter_in(folder), kind=DocumentKind(kind), way=Way(way), forms=shipped_forms())
    out = sys.stdout.buffer
    errors = Console(stderr=True)
    if many is None:
        many = str(getattr(file, "name", "")).endswith((".ndjson", ".jsonl"))  # a pipe may have no name
    if not many:
        convert_one(converter, file, out, errors)
        return
    with FaultReport(errors) as report:
        convert_lines(converter, file, out, report)
    if report.count:
        errors.print(f"{report.count} lines were left out. 部分行未转换。")
        raise click.exceptions.Exit(Exit.REFUSED)


def _judged(folder: Path) -> Report:
    files, lists, schemas = read_adapter_folder(folder), shipped_code_lists(), shipped_schemas()
    return check(
        load_adapter(files, lists),
        examples_in(files),
        forms=shipped_forms(),
        fields={kind: canonical_fields(schemas, kind) for kind in DocumentKind},
        code_lists=lists,
    )


def _tell(report: Report) -> None:
    click.echo(f"{report.adapter} {report.version}  {report.digest}")
    for verdict in report.verdicts:
        _tell_verdict(verdict)
    for message in report.unexemplified:
        click.echo(f"FAIL  {message}: no example 缺少示例")
    for coverage in report.coverage:
        click.echo(f"\n{coverage.kind} {coverage.variant}")
        _list("canonical fields never filled 未填充", coverage.never_filled)
        _list("regional fields never read 未读取", coverage.never_read)
        _list("rows that no example reaches 示例未覆盖", coverage.unexercised)
        _list("lossy to canonical 转入有损", coverage.lossy_to_canonical)
        _list("lossy to regional 转出有损", coverage.lossy_to_regional)
    for table, codes in report.partnerless.items():
        _list(f"codes that {table} cannot say 无对应代码", codes)
    click.echo("\nPassed. 通过。" if report.passed else "\nFailed. 未通过。")


def _tell_verdict(verdict: Verdict) -> None:
    click.echo(f"{'ok  ' if verdict.passed else 'FAIL'}  {verdict.kind} {verdict.variant or '?'}: {verdict.name}")
    for line in fault_lines(verdict.faults, limit=_FAULTS_TOLD):
        click.echo(line)
    _list("differs in canonical form", verdict.canonical_differs)
    _list("does not come back", verdict.regional_differs)
    _list("changes on a round trip", verdict.returned_differs)


def _list(title: str, pointers: tuple[str, ...]) -> None:
    if pointers:
        click.echo(f"  {title}: {len(pointers)}")
        for pointer in pointers:
            click.echo(f"    {pointer}")


def _document(report: Report) -> dict[str, Any]:
    return {
        "adapter": report.adapter,
        "version": report.version,
        "digest": report.digest,
        "passed": report.passed,
        "examples": [{"passed": verdict.passed} | asdict(verdict) for verdict in report.verdicts],
        "coverage": report.coverage,
        "codes_without_partner": report.partnerless,
        "messages_without_example": report.unexemplified,
    }
