"""`tongban store`: move a store to another database, and keep it safe."""

import sys

import click

from gateway import store as stores
from gateway.cli.exits import CommandGroup, as_json
from gateway.cli.setup import run
from gateway.cli.telling import print_json
from gateway.store import Copied, Progress


@click.group(cls=CommandGroup)
def store() -> None:
    """Move the store to another database, and keep it safe."""


@store.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@as_json
def copy(*, source: str, target: str, as_json: bool) -> None:
    """Copy the store FROM to TO, in either database, and take TO into service in its place.

    No gateway may run. What was cut off goes on where it was, when the same command is given again. At the end every
    row of both is compared and the root of both logs is recomputed; then FROM is marked as moved.
    """
    shown = _ProgressLine(silent=as_json)
    done = run(stores.copy_store(source, target, shown.tell))
    shown.end()
    if as_json:
        print_json(
            {
                "from": stores.without_password(source),
                "to": stores.without_password(target),
                "resumed": done.resumed,
                "rows": done.tables,
                "log": {
                    "size": done.target.size,
                    "root_from": done.source.root.hex(),
                    "root_to": done.target.root.hex(),
                },
            }
        )
        return
    _tell_copied(done, stores.without_password(source), stores.without_password(target))


def _tell_copied(done: Copied, source: str, target: str) -> None:
    for table, rows in done.tables.items():
        click.echo(f"{rows:>12}  {table}")
    click.echo(f"Log 日志: {done.source.size} entries, recomputed from the leaves of both 由两端叶子重新计算")
    click.echo(f"  from 源   {done.source.root.hex()}")
    click.echo(f"  to   目标 {done.target.root.hex()}")
    click.echo(f"{source} was moved to {target}: set `store` to it. 已迁移，请将 store 设置改为目标。")


@store.command()
@click.argument("url", metavar="STORE")
@click.option("--yes", is_flag=True, help="Say that nothing was ever served from the copy.")
@as_json
def reopen(*, url: str, yes: bool, as_json: bool) -> None:
    """Take a STORE that was moved away into service again, because its copy was given up.

    Only where no gateway ever ran on the copy: two stores that continue one log would fork it.
    """
    if not yes:
        raise click.UsageError("say with --yes that no gateway ever ran on the copy")
    place = run(stores.reopen_store(url))
    shown = stores.without_password(url)
    if as_json:
        print_json({"store": shown, "reopened": bool(place), "moved_to": place})
    elif place:
        click.echo(f"{shown} is in service again; remove its copy, {place}. 已恢复使用，请删除副本。")
    else:
        click.echo(f"{shown} was not moved. 该存储未曾迁移。")


class _ProgressLine:
    """Tells on stderr how far a copy is: a line that is written over, or one a table where nobody looks."""

    def __init__(self, *, silent: bool) -> None:
        self._silent = silent
        self._live = sys.stderr.isatty()
        self._last = ("", "")

    def tell(self, progress: Progress) -> None:
        """Say how many of how many rows of a table have come, or that it was compared."""
        if self._silent:
            return
        step, table = "compared" if progress.compared else "copied", progress.table
        if self._live:
            click.echo(f"\r\x1b[K{step} {table}: {progress.rows} of {progress.total}", nl=False, err=True)
        elif self._last != (step, table):
            click.echo(f"{step} {table}", err=True)
        self._last = (step, table)

    def end(self) -> None:
        """Leave the line."""
        if self._live and not self._silent:
            click.echo("\r\x1b[K", nl=False, err=True)
