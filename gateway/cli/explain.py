"""`tongban adapter explain`: where every field of a canonical document comes from."""

from dataclasses import asdict
from typing import BinaryIO

import click
from rich.table import Column, Table

from gateway.cli.convert import Converter, Way
from gateway.cli.exits import as_json
from gateway.cli.layouts import adapter_named
from gateway.cli.setup import Setup, pass_setup
from gateway.cli.telling import print_json, print_table
from gateway.core.model import DocumentKind
from gateway.flow.records import DOCUMENT_BYTES
from gateway.resources import shipped_forms


@click.command()
@click.argument("named", metavar="DIR|LAYOUT")
@click.option(
    "--document", "kind", type=click.Choice([kind.value for kind in DocumentKind]), required=True, help="What it is."
)
@click.argument("file", type=click.File("rb"))
@as_json
@pass_setup
def explain(setup: Setup, *, named: str, kind: str, file: BinaryIO, as_json: bool) -> None:
    """Convert FILE from the region's format and say, field by field, which regional fields and which row made it."""
    adapter = adapter_named(setup, named)
    converter = Converter(adapter=adapter, kind=DocumentKind(kind), way=Way.CANONICAL, forms=shipped_forms())
    converted = converter(file.read(DOCUMENT_BYTES + 1))
    found = adapter.provenance(converter.kind, converted.document)
    if as_json:
        print_json(
            {
                "adapter": adapter.name,
                "version": adapter.version,
                "digest": adapter.digest,
                "variant": converted.variant,
                "fields": [asdict(each) for each in found],
                "losses": converted.losses,
            }
        )
        return
    click.echo(f"{adapter.name} {adapter.version} {converted.variant} {adapter.digest}")
    table = Table(Column("canonical", no_wrap=True), "regional", "row", "codec")
    for each in found:
        table.add_row(each.canonical, ", ".join(each.regional), each.row, each.codec)
    print_table(table)
    for pointer in converted.losses:
        click.echo(f"  lost 有损: {pointer}")
