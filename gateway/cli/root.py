"""The `tongban` command: what an operator does with a gateway, and the entry point of the program."""

import importlib
import importlib.metadata
import sys
import traceback
from pathlib import Path
from typing import Final

import click

from gateway.cli.exits import CommandGroup, Exit
from gateway.cli.logs import log_for_people
from gateway.cli.setup import DEFAULT_CONFIG, Setup

_COMMANDS: Final = {  # and the module in which each is made
    "serve": "gateway.cli.serve",
    "demo": "gateway.cli.demo",
    "demo-cluster": "gateway.cli.demo_cluster",
    "keys": "gateway.cli.keys",
    "partner": "gateway.cli.partner",
    "delivery": "gateway.cli.delivery",
    "adapter": "gateway.cli.adapter",
    "item": "gateway.cli.item",
    "catalogue": "gateway.cli.catalogue.group",
    "audit": "gateway.cli.audit",
    "store": "gateway.cli.store",
    "migrate": "gateway.cli.migrate",
}


class TongbanGroup(CommandGroup):
    """The commands, each imported when it is asked for: a node that was killed is back the sooner."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted({*_COMMANDS, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name."""
        if cmd_name not in _COMMANDS:
            return super().get_command(ctx, cmd_name)
        command: click.Command = getattr(importlib.import_module(_COMMANDS[cmd_name]), cmd_name.replace("-", "_"))
        return command


def _version(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    if value:
        try:
            version = importlib.metadata.version("tongban")
        except importlib.metadata.PackageNotFoundError:
            version = "from a checkout that is not installed"
        click.echo(f"tongban {version}")
        ctx.exit()


@click.group(cls=TongbanGroup)
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


def main() -> None:
    """Run the command line and leave with its exit code."""
    log_for_people("warning")
    try:
        tongban(prog_name="tongban")
    except Exception:  # noqa: BLE001 - the process entry: what nobody foresaw is a bug, and is told as one
        traceback.print_exc()
        sys.exit(Exit.BUG)
