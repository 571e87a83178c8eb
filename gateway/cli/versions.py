"""`tongban adapter upload`, `list`, `show`, `activate`, `retire`, `rollback`, `compare`, `download`: what serves.

Each works on the store; a running gateway notices within a second.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import orjson
from rich.table import Column, Table

from gateway.adapters.bench import ProcessBench
from gateway.cli.changes import tell_changes
from gateway.cli.exits import Exit, as_json
from gateway.cli.layouts import AdapterFolder
from gateway.cli.setup import Desk, Setup, desk, pass_setup, run
from gateway.cli.telling import china, print_json, print_table, stamp
from gateway.core.conversion.versions import AdapterVersion, VersionChange
from gateway.core.errors import RejectedError
from gateway.flow.activate import ActivateVersion, RetireVersion, RollBack, TakeStep
from gateway.flow.shipped import RecordShipped
from gateway.flow.versions import ReadVersions, Shown, Uploaded, UploadVersion
from gateway.resources import installed, read_adapter_folder
from gateway.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class _Counter:
    """What an operator does with versions, at the store."""

    place: Desk
    upload: UploadVersion
    read: ReadVersions
    activate: ActivateVersion
    roll_back: RollBack
    retire: RetireVersion


@asynccontextmanager
async def _counter(settings: Settings) -> AsyncIterator[_Counter]:
    async with desk(settings) as place:
        await RecordShipped(versions=place.store, entries=place.entries)(installed(settings.adapters))
        bench, take = ProcessBench(), TakeStep(versions=place.store, entries=place.entries)
        yield _Counter(
            place=place,
            upload=UploadVersion(versions=place.store, bench=bench, entries=place.entries),
            read=ReadVersions(versions=place.store, bench=bench),
            activate=ActivateVersion(versions=place.store, take=take),
            roll_back=RollBack(versions=place.store, take=take),
            retire=RetireVersion(versions=place.store, partners=place.store, take=take),
        )


@click.command()
@click.argument("folder", type=AdapterFolder(), metavar="DIR")
@as_json
@pass_setup
def upload(setup: Setup, *, folder: Path, as_json: bool) -> None:
    """Check the adapter in DIR and keep it as a version that never changes; nothing is activated by this."""
    done = run(_upload(setup.settings(), read_adapter_folder(folder)))
    if as_json:
        print_json(_row(done.version) | {"first": done.first, "report": orjson.Fragment(done.report)})
    else:
        kept = "is kept 已留存" if done.first else "was kept already 此前已留存"
        click.echo(f"{_named(done.version)} {kept}: {done.version.state}.")
        if not done.version.passed:
            click.echo(f"Its check failed; see `tongban adapter show {done.version.layout} {done.version.version}`.")
    if not done.version.passed:
        raise click.exceptions.Exit(Exit.REFUSED)


async def _upload(settings: Settings, files: Mapping[str, bytes]) -> Uploaded:
    async with _counter(settings) as at:
        return await at.upload(files, at.place.entries.us)


@click.command("list")
@click.argument("layout", default="")
@as_json
@pass_setup
def list_(setup: Setup, *, layout: str, as_json: bool) -> None:
    """List the versions of every layout, or of LAYOUT, in the order in which they came."""
    kept = run(_kept(setup.settings(), layout))
    if as_json:
        print_json([_row(each) for each in kept])
        return
    table = Table(Column("layout", no_wrap=True), "version", "state", "origin", "kept", "by", "digest")
    for each in kept:
        table.add_row(each.layout, each.version, each.state, each.origin, china(each.put_at), each.put_by, each.digest)
    print_table(table)


async def _kept(settings: Settings, layout: str) -> tuple[AdapterVersion, ...]:
    async with _counter(settings) as at:
        return await at.read.all(layout)


@click.command()
@click.argument("layout")
@click.argument("version")
@as_json
@pass_setup
def show(setup: Setup, *, layout: str, version: str, as_json: bool) -> None:
    """Show a version: its state, its report, and what was done with its layout so far."""
    shown = run(_show(setup.settings(), layout, version))
    if as_json:
        report = {"report": orjson.Fragment(shown.report)}
        print_json(_row(shown.version) | report | {"history": [_step(each) for each in shown.history]})
        return
    click.echo(f"{_named(shown.version)}: {shown.version.state}, {shown.version.origin} {shown.version.digest}")
    click.echo("Its check passed. 检查通过。" if shown.version.passed else "Its check failed. 检查未通过。")
    _tell_failures(orjson.loads(shown.report))
    for each in shown.history:
        click.echo(f"  {china(each.at)} {each.step} {each.version} {each.by}")


def _tell_failures(report: Mapping[str, Any]) -> None:
    for each in report["examples"]:
        if not each["passed"]:
            click.echo(f"  FAIL {each['kind']} {each['variant'] or '?'}: {each['name']}")
    for each in report.get("generated", ()):  # a version judged by an older program has none
        for failure in each["failures"]:
            places = ", ".join(at or "(document)" for at in failure["pointers"])
            click.echo(f"  FAIL {each['kind']} {each['variant']}: {failure['code']} {places}")
    for message in report["messages_without_example"]:
        click.echo(f"  FAIL {message}: no example 缺少示例")


async def _show(settings: Settings, layout: str, version: str) -> Shown:
    async with _counter(settings) as at:
        return await at.read.one(layout, version)


@click.command()
@click.argument("layout")
@click.argument("version")
@as_json
@pass_setup
def activate(setup: Setup, *, layout: str, version: str, as_json: bool) -> None:
    """Let a checked version convert from now on; documents under way finish on the version they began with."""
    _tell_step(setup, lambda at: at.activate(layout, version, at.place.entries.us), as_json=as_json)


@click.command()
@click.argument("layout")
@as_json
@pass_setup
def rollback(setup: Setup, *, layout: str, as_json: bool) -> None:
    """Let the version that served before convert again; once more, and the one before that does."""
    _tell_step(setup, lambda at: at.roll_back(layout, at.place.entries.us), as_json=as_json)


@click.command()
@click.argument("layout")
@click.argument("version")
@as_json
@pass_setup
def retire(setup: Setup, *, layout: str, version: str, as_json: bool) -> None:
    """Take a version out of service; refused while active partners speak its layout."""
    _tell_step(setup, lambda at: at.retire(layout, version, at.place.entries.us), as_json=as_json)


def _tell_step(setup: Setup, step: Callable[[_Counter], Awaitable[AdapterVersion]], *, as_json: bool) -> None:
    async def take() -> AdapterVersion:
        async with _counter(setup.settings()) as at:
            return await step(at)

    now = run(take())
    if as_json:
        print_json(_row(now))
    else:
        click.echo(f"{_named(now)} is {now.state}.")


@click.command()
@click.argument("places", nargs=-1, required=True, metavar="DIR DIR | LAYOUT VERSION VERSION")
@as_json
@pass_setup
def compare(setup: Setup, *, places: tuple[str, ...], as_json: bool) -> None:
    """Say what changed: rows and codes by table, and files; of two folders, or of two versions that are kept."""
    match places:
        case (old, new):
            changes = run(
                _compare_folders(AdapterFolder().convert(old, None, None), AdapterFolder().convert(new, None, None))
            )
        case (layout, old, new):
            changes = run(_compare_versions(setup.settings(), layout, old, new))
        case _:
            raise click.UsageError("two folders, or a layout and two of its versions")
    if as_json:
        print_json(changes)
    else:
        tell_changes(changes)


async def _compare_folders(old: Path, new: Path) -> dict[str, Any]:
    return await ProcessBench().compare(read_adapter_folder(old), read_adapter_folder(new))


async def _compare_versions(settings: Settings, layout: str, old: str, new: str) -> dict[str, Any]:
    async with _counter(settings) as at:
        return await at.read.compare(layout, old, new)


@click.command()
@click.argument("layout")
@click.argument("version")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@pass_setup
def download(setup: Setup, *, layout: str, version: str, folder: Path) -> None:
    """Write the files of a version to FOLDER, which must be new: with them an old conversion can be run again."""
    if folder.exists():
        raise RejectedError(f"{folder} is there already", code="folder_exists")
    files = run(_files(setup.settings(), layout, version))
    for name, content in files.items():
        path = folder / name  # the loader let no name through that leads out of its folder
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    click.echo(f"{layout} {version}: {len(files)} files in {folder}. 已写出。")


async def _files(settings: Settings, layout: str, version: str) -> dict[str, bytes]:
    async with _counter(settings) as at:
        return await at.read.files(layout, version)


def _named(version: AdapterVersion) -> str:
    return f"{version.layout} {version.version}"


def _row(version: AdapterVersion) -> dict[str, Any]:
    return {
        "layout": version.layout,
        "version": version.version,
        "state": version.state,
        "passed": version.passed,
        "origin": version.origin,
        "digest": version.digest,
        "put_at": stamp(version.put_at),
        "put_by": version.put_by,
    }


def _step(change: VersionChange) -> dict[str, Any]:
    return {"step": change.step, "version": change.version, "at": stamp(change.at), "by": change.by}


VERSION_COMMANDS = (upload, list_, show, activate, rollback, retire, compare, download)
