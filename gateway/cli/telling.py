"""How results and faults are told: to people and to programs, and never with what stood in a document."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import click
import orjson
from rich.console import Console
from rich.table import Table

from gateway.core.errors import Fault

_WIDE: Final = 240  # columns, where no terminal sets a limit
_CHINA: Final = timezone(timedelta(hours=8))  # Asia/Shanghai has known no other offset since 1991


def china(moment: datetime) -> str:
    """Return an instant as people in China read it."""
    return f"{moment.astimezone(_CHINA):%Y-%m-%d %H:%M:%S}"


def stamp(moment: datetime) -> str:
    """Return an instant as programs read it: RFC 3339 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Moment(click.ParamType[datetime]):
    """An ISO 8601 date or time; without an offset it is China's."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the instant in UTC."""
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail("not a date or time like 2026-03-02 or 2026-03-02T09:30+08:00", param, ctx)
        return (moment if moment.tzinfo else moment.replace(tzinfo=_CHINA)).astimezone(UTC)


def print_json(value: object) -> None:
    """Print a result for programs, indented."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2))


def print_line(value: object) -> None:
    """Print one line of NDJSON."""
    click.echo(orjson.dumps(value))


def print_table(table: Table) -> None:
    """Print a table; where nobody looks at it, as wide as it needs to be, so that nothing is cut off."""
    console = Console()
    for column in table.columns:
        column.overflow = "fold"
    (console if console.is_terminal else Console(width=_WIDE)).print(table)


def reason(code: str, faults: Sequence[Fault], **more: object) -> bytes:
    """Return why something was refused as one line of JSON, with every fault."""
    told = {name: value if isinstance(value, int) else str(value) for name, value in more.items()}
    return orjson.dumps(told | {"code": code, "faults": list(faults)})


def fault_lines(faults: Sequence[Fault], *, limit: int) -> Iterator[str]:
    """Yield a line for each fault: where, which, and what belongs there."""
    for fault in faults[:limit]:
        expected = f" (expected: {fault.expected})" if fault.expected else ""
        yield f"  {fault.pointer or '(document)'} {fault.code}: {fault.message} {fault.message_zh}{expected}"
    if len(faults) > limit:
        yield f"  … and {len(faults) - limit} more"
