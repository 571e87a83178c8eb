"""`tongban adapter`: judge an adapter before it serves anybody, and convert documents with it."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import click
from rich.console import Console

from gateway.adapters.work import GENERATE, report_on
from gateway.cli.convert import Converter, Way, convert_lines, convert_one
from gateway.cli.exits import CommandGroup, Exit, as_json
from gateway.cli.explain import explain
from gateway.cli.layouts import AdapterFolder, adapter_named, named_option
from gateway.cli.lines import FaultReport
from gateway.cli.report import Places, ReportTeller
from gateway.cli.setup import Setup, pass_setup
from gateway.cli.suggest import suggest_
from gateway.cli.tables import tables
from gateway.cli.telling import print_json
from gateway.cli.versions import VERSION_COMMANDS
from gateway.core.conversion.conformance.page import page_of
from gateway.core.conversion.conformance.record import record_of
from gateway.core.errors import AdapterError
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
@click.option("--all", "everything", is_flag=True, help="List what is long, too, and not only how much there is.")
@click.option(
    "--generate",
    type=click.IntRange(min=0),
    default=GENERATE,
    show_default=True,
    metavar="N",
    help="Draw N documents a message from its schema, and try them too.",
)
@as_json
def check_(*, folder: Path, html: Path | None, everything: bool, generate: int, as_json: bool) -> None:
    """Load an adapter, try its examples and generated documents both ways, and list what its tables leave out."""
    files = read_adapter_folder(folder)
    places = Places(files)
    try:
        report = report_on(files, generate=generate)
    except AdapterError as error:
        raise _placed(error, places) if not as_json else error from None
    if html is not None:
        html.write_text(page_of(report), encoding="utf-8")
    if as_json:
        print_json(record_of(report))
    else:
        ReportTeller(places, everything=everything)(report)
    if not report.passed:
        raise click.exceptions.Exit(Exit.REFUSED)


def _placed(error: AdapterError, places: Places) -> AdapterError:
    """Return an error for people: each fault with the line of its row."""
    faults = tuple(replace(one, pointer=places(one.pointer)) for one in error.faults)
    return AdapterError(str(error), code=error.code, faults=faults)


@adapter.command()
@named_option
@click.option(
    "--document", "kind", type=click.Choice([kind.value for kind in DocumentKind]), required=True, help="What it is."
)
@click.option("--to", "way", type=click.Choice([way.value for way in Way]), required=True, help="Which form to make.")
@click.option(
    "--ndjson/--single", "many", default=None, help="One document a line; by default if FILE ends in .ndjson."
)
@click.argument("file", type=click.File("rb"), default="-")
@pass_setup
def convert(setup: Setup, *, named: str, kind: str, way: str, many: bool | None, file: BinaryIO) -> None:
    """Convert FILE, or stdin, and write the result to stdout.

    Line by line, the good lines are kept in their order and the faulty ones told on stderr by number.
    """
    converter = Converter(
        adapter=adapter_named(setup, named), kind=DocumentKind(kind), way=Way(way), forms=shipped_forms()
    )
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
