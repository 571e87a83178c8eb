"""`tongban item`: bring a region's service items into the catalogue."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from gateway.cli.exits import CommandGroup, Exit, as_json
from gateway.cli.finding import list_items, search_items
from gateway.cli.importing import Aftermath, seekable
from gateway.cli.layouts import DivisionPrefix, adapter_option
from gateway.cli.lines import FaultReport
from gateway.cli.setup import Setup, desk, pass_setup, passphrase_option, run
from gateway.cli.telling import print_json
from gateway.core.conversion.loading import load_adapter
from gateway.core.errors import NotFoundError
from gateway.core.model import DocumentKind
from gateway.flow.import_items import ImportItems, ItemList
from gateway.flow.mirror_items import MirrorItems
from gateway.flow.ports import ImportProgress
from gateway.partners.courier import HTTPCourier
from gateway.resources import read_adapter_folder, shipped_code_lists, shipped_forms
from gateway.settings import Settings
from gateway.store.keyring import Keyring
from gateway.workers import converting

_SMALL_BYTES: Final = 8 << 20  # a file that is converted before other processes have begun


@click.group(cls=CommandGroup)
def item() -> None:
    """Bring a region's service items into the catalogue."""


item.add_command(list_items)
item.add_command(search_items)


@item.command("import")
@click.argument("file", type=click.File("rb"))
@adapter_option
@click.option(
    "--document",
    type=click.Choice([DocumentKind.SERVICE_ITEM.value, DocumentKind.BASE_ITEM.value]),
    default=DocumentKind.SERVICE_ITEM.value,
    show_default=True,
    help="Implementation list, or base catalogue.",
)
@click.option("--complete", metavar="PREFIX", type=DivisionPrefix(), help="FILE holds every item of this division.")
@click.option("--restart", is_flag=True, help="Begin anew, and convert what is known too.")
@click.option("--faults", type=click.Path(dir_okay=False, path_type=Path), help="Keep the faulty documents here.")
@click.option("--changes", type=click.Path(dir_okay=False, path_type=Path), help="Tell here what became of each item.")
@click.option("--workers", type=click.IntRange(0, 64), help="Processes that convert; one a core for a large file.")
@as_json
@pass_setup
def import_(setup: Setup, /, *, file: BinaryIO, folder: Path, as_json: bool, **options: Any) -> None:
    """Import FILE, a list of items in the region's own format: a document a line, a JSON array, or a table.

    Good documents are kept, faulty ones told on stderr by number; then the exit code is 1. Cut off, the same command
    goes on where it was. Doing it again changes nothing.
    """
    with seekable(file) as list_, _progress(list_) as progress:
        asked = ImportOptions(folder=folder, **options)
        done = run(_import(setup.settings(), list_, asked, progress))
    if as_json:
        print_json(_document(done))
    else:
        _tell(done, complete=asked.complete is not None)
    if done.faulty:
        raise click.exceptions.Exit(Exit.REFUSED)


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportOptions:
    """What was asked of an import on the command line."""

    folder: Path
    document: str
    complete: str | None
    restart: bool
    faults: Path | None
    changes: Path | None
    workers: int | None


async def _import(settings: Settings, file: BinaryIO, asked: ImportOptions, progress: Progress) -> ImportProgress:
    def on_progress(state: ImportProgress) -> None:
        progress.update(progress.task_ids[0], completed=state.position, lines=state.line, faulty=state.faulty)

    files = read_adapter_folder(asked.folder)
    given = ItemList(
        file=file,
        adapter=load_adapter(files, shipped_code_lists()),
        kind=DocumentKind(asked.document),
        complete=asked.complete,
        restart=asked.restart,
    )
    workers = _workers(given) if asked.workers is None else asked.workers
    async with desk(settings) as place, converting(files, given.kind, workers) as convert:
        bring = ImportItems(imports=place.store, entries=place.entries, clock=place.clock)
        done = await bring(given, convert, on_progress=on_progress)
        aftermath = Aftermath(imports=place.store, given=given, number=done.number)
        await aftermath.tell(FaultReport(progress.console))
        if asked.faults is not None:
            await aftermath.write_faults(asked.faults)
        if asked.changes is not None:
            await aftermath.write_changes(asked.changes)
        await bring.finish(given, done)
        return done


def _workers(given: ItemList) -> int:
    """Return how many processes are worth their start."""
    return (os.cpu_count() or 1) if given.read.size > _SMALL_BYTES else 0


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


def _tell(done: ImportProgress, *, complete: bool) -> None:
    click.echo(f"{done.line} lines: {done.added} added, {done.changed} changed, {done.unchanged} unchanged 已导入")
    click.echo(f"{done.quarantined} of them quarantined 存疑; {done.faulty} left out 未导入")
    if complete and done.faulty:
        click.echo("Nothing was ended: what was left out may be what is missing. 清单有误，未终止任何事项。", err=True)
    elif complete:
        click.echo(f"{done.ended} ended 已终止")


def _document(done: ImportProgress) -> dict[str, int]:
    return {
        "lines": done.line,
        "added": done.added,
        "changed": done.changed,
        "unchanged": done.unchanged,
        "ended": done.ended,
        "quarantined": done.quarantined,
        "faulty": done.faulty,
    }
