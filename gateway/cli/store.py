"""`tongban store`: move a store to another database, and keep it safe."""

import sys
from pathlib import Path

import click

from gateway import store as stores
from gateway.cli.exits import CommandGroup, as_json
from gateway.cli.retire import retire
from gateway.cli.setup import Setup, desk, pass_setup, passphrase_option, run
from gateway.cli.telling import print_json
from gateway.core.audit.note import LogKey
from gateway.core.trust.algorithms import Signer
from gateway.flow.restore import Accepted, AcceptRestore
from gateway.settings import Settings
from gateway.store import Copied, Progress


@click.group(cls=CommandGroup)
def store() -> None:
    """Move the store to another database, and keep it safe."""


store.add_command(retire)


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


@store.command()
@click.argument("file", type=click.Path(path_type=Path))
@as_json
@pass_setup
def backup(setup: Setup, *, file: Path, as_json: bool) -> None:
    """Write the store, a SQLite file, as it is at this moment to a new FILE; the gateway may be running.

    FILE appears when it is whole, on the disk, and the root of its log was recomputed from its leaves.
    """
    head = run(stores.back_up(setup.settings().store, file))
    if as_json:
        print_json({"file": str(file), "size": head.size, "root": head.root.hex()})
        return
    click.echo(f"{file}: a log of {head.size} entries, root {head.root.hex()}. 已备份并核验。")


@store.command()
@passphrase_option
@as_json
@pass_setup
def accept_restore(setup: Setup, *, passphrase: bytes | None, as_json: bool) -> None:
    """Go on with a store that was restored from a backup, where the newer one is lost; no gateway may run.

    The log says from which size on it is not the log that was signed, and each place of a lost entry is filled by an
    entry that says so. Without it a gateway refuses to start on an older store.
    """
    key, signer = setup.log_signer(passphrase)
    accepted = run(_accept(setup.settings(), key, signer))
    if as_json:
        lost = (
            {"size": accepted.size, "lost": accepted.lost, "checkpoint": accepted.checkpoint.note} if accepted else {}
        )
        print_json({"accepted": accepted is not None, **lost})
    elif accepted:
        click.echo(
            f"Of the log, {accepted.size} entries were restored and {accepted.lost} are lost. 已确认恢复并记入日志。"
        )
        click.echo(accepted.checkpoint.note, nl=False)
    else:
        click.echo("The store is not behind what was signed. 存储未落后于已签名的日志。")


async def _accept(settings: Settings, key: LogKey, signer: Signer) -> Accepted | None:
    async with desk(settings, restored=True) as place:
        sealing = place.sealing(key, signer)
        return await AcceptRestore(store=place.store, entries=place.entries, signed=place.signed, checkpoint=sealing)()


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
