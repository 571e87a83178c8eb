"""`tongban adapter tables`: what a front-end database must hold for a layout that exchanges by table."""

from pathlib import Path

import click

from gateway.cli.layouts import AdapterFolder, adapter_in
from gateway.core.errors import RejectedError
from gateway.partners.tables.schema import expected_tables
from gateway.partners.tables.sql import DIALECTS, script


@click.command()
@click.argument("folder", type=AdapterFolder(), metavar="DIR|LAYOUT")
@click.option("--dialect", type=click.Choice(sorted(DIALECTS)), required=True, help="Which kind of database it is.")
def tables(*, folder: Path, dialect: str) -> None:
    """Print the CREATE TABLE and CREATE INDEX statements of the tables that an adapter expects."""
    manifest = adapter_in(folder).manifest
    if manifest.tables is None:
        raise RejectedError("this layout does not exchange by table: it has no [transport] of that kind")
    click.echo(script(expected_tables(manifest, manifest.tables, DIALECTS[dialect])), nl=False)
