"""`tongban catalogue compare`: one base item as several regions publish it, side by side."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from gateway.cli.catalogue.options import Region, at_option, format_option, instant, out_option, said, sheet_of
from gateway.cli.catalogue.writing import write_json
from gateway.cli.setup import Setup, desk, pass_setup, run
from gateway.cli.telling import print_table
from gateway.core.catalogue.comparison import Line, Rank
from gateway.flow.compare_items import CompareItems, Comparison, Pair
from gateway.flow.published import EveryItem
from gateway.settings import Settings

_RANKS = {
    Rank.STOPS: "1 stops a case 阻断办理",
    Rank.COSTS: "2 law or fee 依据或收费",
    Rank.WAITS: "3 differs 有差异",
    Rank.WORDS: "4 words 用语",
    Rank.SAME: "same 一致",
}


@click.command()
@click.option("--base-code", "base", required=True, metavar="CODE", help="Base code (基本编码) of the item.")
@click.option("--region", "regions", type=Region(), multiple=True, metavar="DIVISION", help="A region; repeatable.")
@at_option
@format_option
@out_option
@pass_setup
def compare(
    setup: Setup, *, base: str, regions: tuple[str, ...], at: datetime | None, form: str, out: Path | None
) -> None:
    """Put what regions publish of one base item side by side, what they should settle first."""
    compared = run(_compare(setup.settings(), base, regions, instant(at)))
    if compared.cut:
        click.echo("more items than stand side by side: name regions with --region 事项过多，请指定地区", err=True)
    if form == "json":
        write_json(out, _document(compared))
    elif form == "text":
        _tell(compared)
    else:
        header = ("rank", "aspect", "方面", "pointer", *(f"{item.region} {item.code}" for item in compared.items))
        with sheet_of(form, out, (*header, "settle", "处理建议")) as sheet:
            for line in compared.lines:
                sheet.row((int(line.rank), line.title, line.title_zh, line.pointer, *line.values, *_settle(line)))
            for pair in compared.pairs:
                sheet.row((None, *_handled(pair), "/crossRegion", " ".join(pair.modes)))


async def _compare(settings: Settings, base: str, regions: Sequence[str], at: datetime) -> Comparison:
    async with desk(settings) as place:
        return await CompareItems(items=EveryItem(items=place.store))(base, regions, at, said)


def _tell(compared: Comparison) -> None:
    table = Table("rank 级别", "aspect 方面", *(f"{item.region}\n{item.code}" for item in compared.items))
    for line in compared.lines:
        table.add_row(_RANKS[line.rank], f"{line.title} {line.title_zh}", *line.values)
    print_table(table)
    for pair in compared.pairs:
        modes = "; ".join(said("handling-mode", mode) for mode in pair.modes)
        click.echo(f"{pair.collecting} → {pair.handling.region} {pair.handling.code}: {modes}")
    for line in compared.lines:
        if line.settle:
            click.echo(f"{line.title} {line.title_zh}: {line.settle} {line.settle_zh}")


def _settle(line: Line) -> tuple[str, str]:
    return line.settle, line.settle_zh


def _handled(pair: Pair) -> tuple[str, str]:
    collecting, handling = pair.collecting, pair.handling.region
    return f"{collecting} has it handled in {handling}", f"{collecting}收件，{handling}办理"


def _document(compared: Comparison) -> dict[str, Any]:
    return {
        "items": [{"code": item.code, "name": item.name, "region": item.region} for item in compared.items],
        "lines": [
            {
                "rank": int(line.rank),
                "pointer": line.pointer,
                "title": line.title,
                "title_zh": line.title_zh,
                "values": line.values,
                "settle": line.settle,
                "settle_zh": line.settle_zh,
            }
            for line in compared.lines
        ],
        "pairs": [
            {
                "collecting": pair.collecting,
                "handling": pair.handling.region,
                "code": pair.handling.code,
                "modes": pair.modes,
            }
            for pair in compared.pairs
        ],
    }
