"""`tongban adapter`: judge an adapter before it serves anybody, and convert documents with it."""

import sys
from pathlib import Path
from typing import BinaryIO

import click
from rich.console import Console

from gateway.adapters.work import GENERATE, report_on
from gateway.cli.convert import Converter, Way, convert_lines, convert_one
from gateway.cli.exits import CommandGroup, Exit, as_json
from gateway.cli.explain import explain
from gateway.cli.layouts import AdapterFolder, adapter_in, adapter_option
from gateway.cli.lines import FaultReport
from gateway.cli.report import tell_report
from gateway.cli.suggest import suggest_
from gateway.cli.tables import tables
from gateway.cli.telling import print_json
from gateway.cli.versions import VERSION_COMMANDS
from gateway.core.conversion.conformance.page import page_of
from gateway.core.conversion.conformance.record import record_of
from gateway.core.model import DocumentKind
from gateway.resources import read_adapter_folder, shipped_forms


@click.group(cls=CommandGroup)
def adapter() -> None:
    """Judge adapters, convert documents with them, and decide which version of each is in service."""


adapter.add_command(tables)
adapter.add_command(suggest_)


@adapter.command("check")
@click.argument("folder", type=AdapterFolder(), metavar="DIR|LAYOUT")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write the report as one page to FILE.")
@click.option(
    "--generate",
    type=click.IntRange(min=0),
    default=GENERATE,
    show_default=True,
    metavar="N",
    help="Draw N documents a message from its schema, and try them too.",
)
@as_json
def check_(*, folder: Path, html: Path | None, generate: int, as_json: bool) -> None:
    """Load an adapter, try its examples and generated documents both ways, and list what its tables leave out."""
    report = report_on(read_adapter_folder(folder), generate=generate)
    if html is not None:
        html.write_text(page_of(report), encoding="utf-8")
    if as_json:
        print_json(record_of(report))
    else:
        tell_report(report)
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
    report = FaultReport(errors)
    convert_lines(converter, file, out, report)
    if report.count:
        errors.print(f"{report.count} lines were left out. 部分行未转换。")
        raise click.exceptions.Exit(Exit.REFUSED)


for _command in (explain, *VERSION_COMMANDS):
    adapter.add_command(_command)
