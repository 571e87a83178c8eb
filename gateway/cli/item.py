"""`tongban item`: bring a region's service items into the catalogue."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from gateway.cli.exits import CommandGroup, Exit, as_json
from gateway.cli.layouts import adapter_in, adapter_option
from gateway.cli.lines import FaultReport, lines_of
from gateway.cli.setup import Setup, desk, pass_setup, passphrase_option, run
from gateway.cli.telling import print_json
from gateway.core.conversion.adapter import Adapter
from gateway.core.errors import NotFoundError
from gateway.core.model import DocumentKind
from gateway.flow.import_items import ImportItems, ImportProgress
from gateway.flow.mirror_items import MirrorItems
from gateway.partners.courier import HTTPCourier
from gateway.resources import shipped_forms
from gateway.settings import Settings
from gateway.store.keyring import Keyring


@click.group(cls=CommandGroup)
def item() -> None:
    """Bring a region's service items into the catalogue."""


@item.command("import")
@click.argument("file", type=click.File("rb"))
@adapter_option
@click.option(
    "--faults", type=click.Path(dir_okay=False, path_type=Path), help="Keep the faulty lines here, as NDJSON."
)
@as_json
@pass_setup
def import_(setup: Setup, *, file: BinaryIO, folder: Path, faults: Path | None, as_json: bool) -> None:
    """Import FILE, one service item a line in the region's own format.

    Good lines are kept, faulty ones told on stderr by number; then the exit code is 1. Doing it again changes nothing.
    """
    with _progress(file) as progress, FaultReport(progress.console, faults) as report:
        done = run(_import(setup.settings(), adapter_in(folder), file, report, progress))
    if as_json:
        print_json(_document(done))
    else:
        _tell(done)
    if done.faulty:
        raise click.exceptions.Exit(Exit.REFUSED)


async def _import(
    settings: Settings, adapter: Adapter, file: BinaryIO, report: FaultReport, progress: Progress
) -> ImportProgress:
    task = progress.task_ids[0]

    def on_progress(state: ImportProgress) -> None:
        at = file.tell() if file.seekable() else None
        progress.update(task, completed=at, lines=state.lines, faulty=state.faulty)

    form = shipped_forms()[DocumentKind.SERVICE_ITEM]
    async with desk(settings) as place:
        importing = ImportItems(items=place.store, form=form, entries=place.entries)
        return await importing(lines_of(file), adapter, on_fault=report, on_progress=on_progress)


@item.command()
@click.argument("partners", metavar="[PARTNER]...", nargs=-1)
@passphrase_option
@as_json
@pass_setup
def mirror(setup: Setup, *, partners: tuple[str, ...], passphrase: bytes | None, as_json: bool) -> None:
    """Copy now what mirrored partners publish, and tell how far each copy goes.

    A running gateway does this each minute by itself.
    """
    told = run(_mirror(setup.settings(), passphrase, partners))
    if as_json:
        print_json(told)
        return
    for each in told:
        click.echo(
            f"{each['owner']}: {each['added']} added, {each['changed']} changed, {each['refused']} refused, "
            f"{each['items']} items in all 已镜像"
        )
    if not told:
        click.echo("No partner is mirrored; see `tongban partner add --mirror`. 尚无镜像。")


async def _mirror(settings: Settings, passphrase: bytes | None, wanted: tuple[str, ...]) -> list[dict[str, Any]]:
    signer = Keyring(Path(settings.keys), passphrase=passphrase).signer()
    async with desk(settings) as place, HTTPCourier() as courier:
        copying = MirrorItems(
            identity=place.identity,
            signer=signer,
            reader=courier,
            partners=place.store,
            feed=place.store,
            form=shipped_forms()[DocumentKind.SERVICE_ITEM],
            entries=place.entries,
            clock=place.clock,
            chance=place.entries.chance,
        )
        mirrored = {each.id: each for each in await copying.mirrored()}
        for name in wanted:
            if name not in mirrored:
                raise NotFoundError(f"{name} is not a mirrored partner", code="partner_unknown")
        copied = {name: await copying(mirrored[name]) for name in wanted or mirrored}
        copies = {each.owner: each for each in await place.store.mirrors()}
        return [{"owner": name, **asdict(made), "items": copies[name].items} for name, made in copied.items()]


def _progress(file: BinaryIO) -> Progress:
    """Return a bar on stderr over the bytes of the file; none where nobody watches."""
    console = Console(stderr=True)
    told = TextColumn("{task.fields[lines]} lines, {task.fields[faulty]} faulty 行/错误")
    progress = Progress(
        BarColumn(), TaskProgressColumn(), told, TimeRemainingColumn(), console=console, disable=not console.is_terminal
    )
    progress.add_task("import", total=os.fstat(file.fileno()).st_size if file.seekable() else None, lines=0, faulty=0)
    return progress


def _tell(done: ImportProgress) -> None:
    kept = done.kept
    click.echo(f"{done.lines} lines: {kept.added} added, {kept.changed} changed, {kept.unchanged} unchanged 已导入")
    click.echo(f"{done.quarantined} of them quarantined 存疑; {done.faulty} left out 未导入")


def _document(done: ImportProgress) -> dict[str, Any]:
    return {
        "lines": done.lines,
        "added": done.kept.added,
        "changed": done.kept.changed,
        "unchanged": done.kept.unchanged,
        "quarantined": done.quarantined,
        "faulty": done.faulty,
    }
