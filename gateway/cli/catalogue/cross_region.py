"""`tongban catalogue cross-region`: what a region handles for others, and what others handle for it."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from gateway.cli.catalogue.options import Region, at_option, format_option, instant, out_option, said, sheet_of
from gateway.cli.catalogue.writing import JsonArray, binary_out
from gateway.cli.setup import Setup, desk, pass_setup, run
from gateway.core.catalogue.crossing import JOINT, ONLINE, PROXY, Crossing, Offer, Reach
from gateway.flow.list_crossings import ListCrossings
from gateway.flow.published import EveryItem
from gateway.settings import Settings

_REACHES: Final = {Reach.PROVINCE: "in the province 省内通办", Reach.NATION: "across provinces 跨省通办"}
_MODES: Final = frozenset({ONLINE, PROXY, JOINT})
_OFFER: Final = ("code", "base_code", "name", "region", "reach", "modes", "collecting")
_CROSSING: Final = ("partner", "base_code", "name", "code", "their_name", "their_code", "we_handle", "they_handle")

Row = tuple[str, ...]
Rows = Callable[[Row], None]  # where rows go, one at a time


@click.command("cross-region")
@click.option("--region", type=Region(), required=True, metavar="DIVISION", help="The region whose list it is.")
@click.option(
    "--with", "partners", type=Region(), multiple=True, metavar="DIVISION", help="A partner region; repeatable."
)
@click.option("--reach", type=click.Choice([reach.value for reach in Reach]), help="Only items of this reach.")
@at_option
@format_option
@out_option
@pass_setup
def cross_region(
    setup: Setup,
    *,
    region: str,
    partners: tuple[str, ...],
    reach: str | None,
    at: datetime | None,
    form: str,
    out: Path | None,
) -> None:
    """List the items a region handles beyond its own counters; with partners, what each side handles for the other."""
    if partners and reach:
        raise click.UsageError("--reach is of a list without partners")
    header = _CROSSING if partners else _OFFER
    settings, moment = setup.settings(), instant(at)

    def listed(rows: Rows) -> Counter[str]:
        return run(_listed(settings, rows, region=region, partners=partners, reach=reach, at=moment))

    _WRITERS.get(form, _as_sheet(form))(listed, header, out)


async def _listed(
    settings: Settings, rows: Rows, *, region: str, partners: Sequence[str], reach: str | None, at: datetime
) -> Counter[str]:
    """Hand over every row, and return how many there are of each kind: of a reach, or of a partner."""
    counts: Counter[str] = Counter()
    async with desk(settings) as place:
        listing = ListCrossings(items=EveryItem(items=place.store))
        async for kind, row in _with(listing, region, partners, at) if partners else _own(listing, region, at):
            if reach in {None, kind}:
                counts[kind] += 1
                rows(row)
    return counts


async def _own(listing: ListCrossings, region: str, at: datetime) -> AsyncIterator[tuple[str, Row]]:
    async for each in listing.offers(region, at):
        reach = str(each.reach)
        named = (each.code, each.base_code, each.name, each.region)
        yield reach, (*named, reach, " ".join(each.modes), " ".join(each.collectors))


async def _with(
    listing: ListCrossings, region: str, partners: Sequence[str], at: datetime
) -> AsyncIterator[tuple[str, Row]]:
    async for each in listing.with_partners(region, partners, at):
        yield each.partner, _crossing(each)


def _crossing(each: Crossing) -> Row:
    base = next(offer.base_code for offer in (each.here, each.there) if offer is not None)
    sides = (*_named(each.here), *_named(each.there))
    return (each.partner, base, *sides, " ".join(each.we_handle), " ".join(each.they_handle))


def _named(offer: Offer | None) -> tuple[str, str]:
    return ("", "") if offer is None else (offer.name, offer.code)


Listed = Callable[[Rows], Counter[str]]
Writer = Callable[[Listed, Sequence[str], Path | None], None]


def _as_text(listed: Listed, _: Sequence[str], out: Path | None) -> None:
    if out is not None:
        raise click.UsageError("the list for people goes to stdout; --out is for json, csv and xlsx")
    counts = listed(lambda row: click.echo("  ".join(map(_said, filter(None, row)))))
    for kind, count in counts.items():
        click.echo(f"{count} {_REACHES.get(kind, f'with 与 {kind}')}")  # type: ignore[call-overload]  # a StrEnum is a str


def _as_json(listed: Listed, header: Sequence[str], out: Path | None) -> None:
    with binary_out(out) as file, JsonArray(file) as array:
        listed(lambda row: array.add(_document(header, row)))


def _as_sheet(form: str) -> Writer:
    def write(listed: Listed, header: Sequence[str], out: Path | None) -> None:
        with sheet_of(form, out, header) as sheet:
            listed(sheet.row)

    return write


def _document(header: Sequence[str], row: Row) -> dict[str, Any]:
    lists = {"modes", "collecting", "we_handle", "they_handle"}
    return {name: cell.split() if name in lists else cell for name, cell in zip(header, row, strict=True)}


def _said(cell: str) -> str:
    modes = cell.split()
    return "; ".join(said("handling-mode", mode) for mode in modes) if _MODES.issuperset(modes) else cell


_WRITERS: Final[dict[str, Writer]] = {"text": _as_text, "json": _as_json}
