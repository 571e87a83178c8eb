"""`tongban catalogue export`: the published items for others, each format written as the items come."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import click
import orjson

from gateway.cli.catalogue.national import NationalTables
from gateway.cli.catalogue.options import at_option, instant, region_option, titles_of
from gateway.cli.catalogue.writing import JsonArray, binary_out
from gateway.cli.exits import Exit
from gateway.cli.setup import Setup, desk, pass_setup, run
from gateway.cli.sheets import SheetFormat, open_sheet
from gateway.cli.telling import fault_lines
from gateway.core.catalogue.cpsv import CONTEXT, public_service
from gateway.core.catalogue.search import ItemFilter
from gateway.core.catalogue.summary import COLUMNS
from gateway.core.conversion.adapter import Adapter, Conversion
from gateway.core.errors import InvalidDocumentError
from gateway.core.model import DocumentKind
from gateway.flow.published import EveryItem, Published
from gateway.resources import shipped_adapters
from gateway.settings import Settings

_FAULTS_TOLD: Final = 5  # of one item

Items = AsyncIterator[Published]
Writer = Callable[[Items, Path | None], Awaitable[int]]  # returns how many items were left out


async def _json(items: Items, out: Path | None) -> int:
    with binary_out(out) as file, JsonArray(file) as array:
        async for each in items:
            array.add(orjson.Fragment(each.item.document))
    return 0


async def _ndjson(items: Items, out: Path | None) -> int:
    with binary_out(out) as file:
        async for each in items:
            file.write(each.item.document + b"\n")
    return 0


async def _cpsv_ap(items: Items, out: Path | None) -> int:
    with binary_out(out) as file:
        file.write(b'{"@context":' + orjson.dumps(dict(CONTEXT)) + b',"@graph":')
        with JsonArray(file) as array:
            async for each in items:
                array.add(public_service(each.document, titles_of))
        file.write(b"}\n")
    return 0


async def _national(items: Items, out: Path | None) -> int:
    adapter = shipped_adapters()["national"]
    left_out = 0
    with binary_out(out) as file:
        async for each in items:
            if (converted := _converted(adapter, each)) is None:
                left_out += 1
            else:
                file.write(converted.body + b"\n")
    return left_out


async def _national_csv(items: Items, out: Path | None) -> int:
    if out is None:
        raise click.UsageError("one CSV a table needs a folder: --out DIR")
    adapter = shipped_adapters()["national"]
    left_out = 0
    with NationalTables(out, adapter) as tables:
        async for each in items:
            if (converted := _converted(adapter, each)) is None:
                left_out += 1
            else:
                tables.add(converted.document)
    return left_out


def _converted(adapter: Adapter, each: Published) -> Conversion | None:
    """Return an item in a layout, and tell what that could not say; None, with the faults told, where it cannot be."""
    try:
        converted = adapter.to_regional(DocumentKind.SERVICE_ITEM, each.document)
    except InvalidDocumentError as error:
        click.echo(f"{each.item.code}: {error.code}", err=True)
        for line in fault_lines(error.faults, limit=_FAULTS_TOLD):
            click.echo(line, err=True)
        return None
    for pointer in converted.losses:
        click.echo(f"{each.item.code}: lost 未能表达 {pointer}", err=True)
    return converted


def _sheet(kind: SheetFormat) -> Writer:
    async def write(items: Items, out: Path | None) -> int:
        with open_sheet(kind, out, list(COLUMNS)) as sheet:
            async for each in items:
                sheet.row([cell(each.document) for cell in COLUMNS.values()])
        return 0

    return write


_WRITERS: Final[dict[str, Writer]] = {
    "json": _json,
    "ndjson": _ndjson,
    "national": _national,
    "national-csv": _national_csv,
    "cpsv-ap": _cpsv_ap,
    **{kind.value: _sheet(kind) for kind in SheetFormat},
}


@click.command()
@click.option("--format", "form", type=click.Choice(list(_WRITERS)), required=True, help="What to write.")
@region_option
@at_option
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE|DIR", help="Write there; national-csv needs a folder."
)
@pass_setup
def export(setup: Setup, *, form: str, region: str, at: datetime | None, out: Path | None) -> None:
    """Write the published items as JSON, NDJSON, the national tables, CPSV-AP JSON-LD, CSV or XLSX.

    What the national tables cannot say is told on stderr; where an item cannot be said at all, the exit code is 1.
    """
    left_out = run(_export(setup.settings(), _WRITERS[form], ItemFilter(region=region, at=instant(at)), out))
    if left_out:
        click.echo(f"{left_out} items left out 未导出", err=True)
        raise click.exceptions.Exit(Exit.REFUSED)


async def _export(settings: Settings, writer: Writer, wanted: ItemFilter, out: Path | None) -> int:
    async with desk(settings) as place:
        return await writer(EveryItem(items=place.store)(wanted), out)
