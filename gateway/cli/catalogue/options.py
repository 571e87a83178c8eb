"""What the commands about the catalogue have in common: of which region, at which instant, in which form."""

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from gateway.cli.sheets import Sheet, SheetFormat, open_sheet
from gateway.cli.telling import Moment
from gateway.core.catalogue.regions import significant
from gateway.resources import shipped_code_titles

_DIVISION = re.compile(r"|[0-9]{2}(?:[0-9]{2}){0,2}|[0-9]{9}|[0-9]{12}")


class Region(click.ParamType[str]):
    """A division code of 2, 4, 6, 9 or 12 digits, taken as what lies within it."""

    name = "division"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the digits that name the division."""
        if not _DIVISION.fullmatch(str(value)):
            self.fail("not a division code of 2, 4, 6, 9 or 12 digits, as 42 or 420300", param, ctx)
        return significant(str(value))


region_option: Callable[[Any], Any] = click.option(
    "--region", type=Region(), default="", metavar="DIVISION", help="Only items of this division and what lies in it."
)
at_option: Callable[[Any], Any] = click.option(
    "--at", type=Moment(), default=None, metavar="TIME", help="What is published then; without it, now."
)
out_option: Callable[[Any], Any] = click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write there instead of to stdout."
)

_FORMS: Final = ("text", "json", *(kind.value for kind in SheetFormat))
format_option: Callable[[Any], Any] = click.option(
    "--format",
    "form",
    type=click.Choice(_FORMS),
    default="text",
    show_default=True,
    help="For people, for programs, or for a spreadsheet.",
)


def sheet_of(form: str, out: Path | None, header: Sequence[str]) -> AbstractContextManager[Sheet]:
    """Begin a table in the format that was asked for."""
    return open_sheet(SheetFormat(form), out, header)


def titles_of(name: str, code: str) -> tuple[str, str]:
    """Return what people call a value of a code list, in English and Chinese; a value of no list is its own name."""
    return shipped_code_titles().get(name, {}).get(code, (code, code))


def said(name: str, code: str) -> str:
    """Return what people call a value of a code list, in both languages."""
    return " ".join(dict.fromkeys(titles_of(name, code)))


def instant(at: datetime | None) -> datetime:
    """Return the instant that was named, else now."""
    return at or datetime.now(UTC)
