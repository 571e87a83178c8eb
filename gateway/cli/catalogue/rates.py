"""`tongban catalogue rates`: how much of its catalogue a region has claimed, and how good it is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import click
from rich.table import Table

from gateway.cli.catalogue.options import at_option, instant, region_option, said
from gateway.cli.exits import as_json
from gateway.cli.setup import Setup, desk, pass_setup, run
from gateway.cli.telling import print_json, print_table
from gateway.core.catalogue.rates import NOTES, RATES
from gateway.core.catalogue.tally import Figure
from gateway.flow.measure_catalogue import MeasureCatalogue, Measured
from gateway.flow.published import EveryItem
from gateway.settings import Settings

_DIGITS: Final[Mapping[str, int]] = MappingProxyType({"province": 2, "city": 4, "county": 6})
_NOTES_TOLD: Final = 5  # of one rate


@click.command()
@region_option
@click.option("--level", default="", metavar="1..6", help="Only items of this level of government (行使层级).")
@click.option("--by", type=click.Choice(list(_DIGITS)), help="Figures of every division of this kind too.")
@at_option
@as_json
@pass_setup
def rates(setup: Setup, *, region: str, level: str, by: str | None, at: datetime | None, as_json: bool) -> None:
    """Print the rates of the published items: claimed, complete, online, faster, connected."""
    if level and level not in "123456":
        raise click.BadParameter("a level is 1 to 6", param_hint="--level")
    measured = run(_measure(setup.settings(), region, level, _DIGITS.get(by or "", 0), instant(at)))
    if as_json:
        print_json([_document(each) for each in measured])
    else:
        _tell(measured)


async def _measure(settings: Settings, region: str, level: str, digits: int, at: datetime) -> tuple[Measured, ...]:
    async with desk(settings) as place:
        measuring = MeasureCatalogue(items=EveryItem(items=place.store))
        partners = await place.store.partners()
        return await measuring(partners, at, region=region, level=level, digits=digits)


def _tell(measured: Sequence[Measured]) -> None:
    table = Table("division 行政区划", "level 层级", "items 事项", *(f"{rate.title} {rate.title_zh}" for rate in RATES))
    for each in measured:
        named = (each.group.region or "*", said("level", each.group.level) if each.group.level else "*")
        table.add_row(*named, str(each.items), *map(_figure, each.figures))
    print_table(table)
    for figure in measured[0].figures:
        for name, count in list(figure.notes.items())[:_NOTES_TOLD]:
            words = " ".join(NOTES.get(name, (f"lack 缺 {name}",)))
            click.echo(f"{figure.rate.title} {figure.rate.title_zh}: {count} × {words}")


def _figure(figure: Figure) -> str:
    value = "—" if figure.value is None else f"{figure.value:.1%}"
    return f"{value} ({figure.numerator}/{figure.denominator})"


def _document(each: Measured) -> dict[str, Any]:
    return {
        "region": each.group.region,
        "level": each.group.level,
        "items": each.items,
        "rates": {
            figure.rate.id: {
                "value": figure.value,
                "numerator": figure.numerator,
                "denominator": figure.denominator,
                "unit": figure.rate.unit,
                "notes": figure.notes,
            }
            for figure in each.figures
        },
    }
