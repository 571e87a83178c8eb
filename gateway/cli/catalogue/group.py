"""The group of commands about the catalogue as a whole."""

import click

from gateway.cli.catalogue.compare import compare
from gateway.cli.catalogue.cross_region import cross_region
from gateway.cli.catalogue.export import export
from gateway.cli.catalogue.lint import lint
from gateway.cli.catalogue.rates import rates
from gateway.cli.exits import CommandGroup


@click.group(cls=CommandGroup)
def catalogue() -> None:
    """Judge, measure, compare and export what the catalogue publishes."""


for _command in (lint, rates, compare, cross_region, export):
    catalogue.add_command(_command)
