"""The `tongban` command: what an operator does with a gateway, and the entry point of the program."""

import importlib.metadata
import sys
import traceback
from pathlib import Path

import click

from gateway.cli.adapter import adapter
from gateway.cli.audit import audit
from gateway.cli.catalogue.group import catalogue
from gateway.cli.delivery import delivery
from gateway.cli.demo import demo
from gateway.cli.demo_cluster import demo_cluster
from gateway.cli.exits import CommandGroup, Exit
from gateway.cli.item import item
from gateway.cli.keys import keys
from gateway.cli.logs import log_for_people
from gateway.cli.migrate import migrate
from gateway.cli.partner import partner
from gateway.cli.serve import serve
from gateway.cli.setup import DEFAULT_CONFIG, Setup
from gateway.cli.store import store


def _version(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    if value:
        try:
            version = importlib.metadata.version("tongban")
        except importlib.metadata.PackageNotFoundError:
            version = "from a checkout that is not installed"
        click.echo(f"tongban {version}")
        ctx.exit()


@click.group(cls=CommandGroup)
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="TONGBAN_CONFIG",
    show_envvar=True,
    help=f"Settings file; without it, {DEFAULT_CONFIG} if that is there. TONGBAN_<SETTING> overrides each setting.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version."
)
@click.pass_context
def tongban(ctx: click.Context, *, config: Path | None) -> None:
    """The gateway at a region's border, for cross-province government services (跨省通办)."""  # noqa: D401
    ctx.obj = Setup(config=config)


for _command in (serve, demo, demo_cluster, keys, partner, delivery, adapter, item, catalogue, audit, store, migrate):
    tongban.add_command(_command)


def main() -> None:
    """Run the command line and leave with its exit code."""
    log_for_people("warning")
    try:
        tongban(prog_name="tongban")
    except Exception:  # noqa: BLE001 - the process entry: what nobody foresaw is a bug, and is told as one
        traceback.print_exc()
        sys.exit(Exit.BUG)
