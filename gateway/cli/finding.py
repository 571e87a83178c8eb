"""`tongban item list` and `tongban item search`: what the catalogue holds, and what of it is published."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import click
import orjson
from rich.table import Table

from gateway.cli.exits import as_json
from gateway.cli.layouts import DivisionPrefix
from gateway.cli.setup import Setup, desk, pass_setup, run
from gateway.cli.telling import Moment, china, print_line, print_table, stamp
from gateway.core.catalogue.search import ItemFilter
from gateway.core.model import DocumentKind, ServiceItem
from gateway.flow.ports import ItemPage
from gateway.settings import Settings


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command every option by which items are asked for."""
    kinds = [DocumentKind.SERVICE_ITEM.value, DocumentKind.BASE_ITEM.value]
    options = (
        click.option("--at", type=Moment(), metavar="TIME", help="Published at this time; by default now."),
        click.option("--every", is_flag=True, help="Every version known, published or not."),
        click.option("--document", "kind", type=click.Choice(kinds), default=kinds[0], help="Which catalogue."),
        click.option("--code", default="", help="Any code of the item, or its beginning."),
        click.option("--region", type=DivisionPrefix(), metavar="PREFIX", help="Division, or its beginning."),
        click.option("--mode", type=click.Choice(["online", "proxy", "joint"]), help="Across provinces."),
        click.option("--subject", default="", metavar="CODE|THEME", help="Whom it serves, or a theme."),
        click.option("--authority", default="", metavar="CODE|NAME", help="Its code, or a part of its name."),
        click.option("--level", default="", metavar="CODE", help="Level of government."),
        click.option("--online/--not-online", default=None, help="Whether it is handled online."),
        click.option("--after", type=click.IntRange(0), default=0, help="Begin behind this position."),
        click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="At most so many."),
        as_json,
        pass_setup,
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command("list")
@_options
def list_items(setup: Setup, /, **asked: Any) -> None:
    """List the items that are published."""
    _answer(setup, name="", **asked)


@click.command("search")
@click.argument("name", metavar="TEXT")
@_options
def search_items(setup: Setup, /, **asked: Any) -> None:
    """List the published items whose name holds TEXT."""
    _answer(setup, **asked)


def _answer(
    setup: Setup, *, at: datetime | None, every: bool, kind: str, after: int, limit: int, as_json: bool, **asked: Any
) -> None:
    page = run(_find(setup.settings(), dict(asked, kind=DocumentKind(kind), at=at), after, limit, every=every))
    if as_json:
        for item in page.items:
            print_line(_document(item))
        if page.after is not None:
            print_line({"after": page.after})
        return
    table = Table("code 编码", "version", "name 名称", "region 区划", "authority 实施主体", "from 自", "to 至")
    for item in page.items:
        named = (item.code, str(item.version), item.name, item.region, item.facets.authority_name)
        table.add_row(*named, *(china(day) if day else "" for day in (item.effective_from, item.effective_to)))
    print_table(table)
    if page.after is not None:
        click.echo(f"more 更多: --after {page.after}", err=True)


async def _find(settings: Settings, asked: dict[str, Any], after: int, limit: int, *, every: bool) -> ItemPage:
    async with desk(settings) as place:
        at = None if every else asked["at"] or place.clock.now()
        return await place.store.find_items(
            ItemFilter(**{**asked, "at": at, "region": asked["region"] or "", "mode": asked["mode"] or ""}),
            after=after,
            limit=limit,
        )


def _document(item: ServiceItem) -> dict[str, Any]:
    return {
        "code": item.code,
        "version": item.version,
        "name": item.name,
        "region": item.region,
        "status": item.status,
        "effective_from": stamp(item.effective_from) if item.effective_from else None,
        "effective_to": stamp(item.effective_to) if item.effective_to else None,
        "authority": item.facets.authority_name,
        "modes": item.facets.modes,
        "document": orjson.Fragment(item.document),
    }
