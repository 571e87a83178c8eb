"""`tongban store retire`: take away what is old, on purpose."""

from datetime import datetime
from pathlib import Path

import click

from gateway.cli.exits import as_json
from gateway.cli.setup import Setup, desk, pass_setup, run
from gateway.cli.telling import Moment, print_json, stamp
from gateway.flow.ports import Retired
from gateway.flow.retire import RetireOld
from gateway.settings import Settings
from gateway.store.archive import FolderArchive


@click.command()
@click.argument("what", type=click.Choice([kind.value for kind in Retired]))
@click.option("--before", type=Moment(), required=True, help="What is older; without an offset it is China's time.")
@click.option(
    "--archive", type=click.Path(file_okay=False, path_type=Path), help="Write entries into this folder first."
)
@click.option("--dry-run", is_flag=True, help="Only tell what would go.")
@as_json
@pass_setup
def retire(setup: Setup, /, *, what: str, before: datetime, archive: Path | None, dry_run: bool, as_json: bool) -> None:
    """Retire exchanges received, or log entries recorded, before a time; the log says so. At least eight days stay.

    Exchanges go with what carried them, but for what is due, in flight or dead; their ids stay, so that none is taken
    anew. Entries go in whole bundles of 256 that a checkpoint signs; their hashes stay, so that every proof verifies.
    """
    kind = Retired(what)
    if archive is not None and kind is not Retired.ENTRIES:
        raise click.UsageError("only entries are archived")
    told = run(_retired(setup.settings(), kind, before, archive, dry_run=dry_run))
    if as_json:
        print_json({"what": what, "before": stamp(before), "retired": not dry_run, **told})
        return
    shown = ", ".join(f"{count} {name}" for name, count in told.items())
    click.echo(f"{shown}: {'would be retired 将清退' if dry_run else 'retired 已清退'}.")


async def _retired(
    settings: Settings, kind: Retired, before: datetime, archive: Path | None, *, dry_run: bool
) -> dict[str, int]:
    async with desk(settings) as place:
        retiring = RetireOld(store=place.store, entries=place.entries, clock=place.clock)
        retiring.require_past(before)
        size = await retiring.size_before(before) if kind is Retired.ENTRIES else 0
        stock = await place.store.stock(before, size)
        kept = FolderArchive(folder=archive) if archive else None
        if kind is Retired.ENTRIES:
            if not dry_run:
                await retiring.log(before, archive=kept)
            return {"entries": stock.entries}
        if not dry_run:
            await retiring.exchanges(before)
        return {"exchanges": stock.exchanges, "deliveries": stock.deliveries}
