"""What changed between two versions of an adapter, told to people."""

from collections.abc import Mapping
from typing import Any

import click

_MARKS = {"added": "+", "removed": "-", "changed": "~"}


def tell_changes(changes: Mapping[str, Any]) -> None:
    """Print a comparison: rows and codes by table, then files."""
    click.echo(f"- {changes['old']}\n+ {changes['new']}")
    _tell_by_table("rows 映射行", changes["rows"], _row_line)
    _tell_by_table("codes 代码", changes["codes"], _code_line)
    for path, change in changes["files"]:
        click.echo(f"{_MARKS[change]} {path}")
    if not changes["files"]:
        click.echo("Nothing changed. 没有变化。")


def _tell_by_table(title: str, changes: list[Mapping[str, Any]], line: Any) -> None:
    table = ""
    for each in changes:
        if each["table"] != table:
            table = each["table"]
            click.echo(f"\n{table}  {title}")
        click.echo(f"  {_MARKS[each['change']]} {line(each)}")


def _row_line(change: Mapping[str, Any]) -> str:
    line = f"{_ends(change['canonical'])} <-> {_ends(change['regional'])}"
    if change["was_canonical"] or change["was_regional"]:
        line += f" (was {_ends(change['was_canonical'])} <-> {_ends(change['was_regional'])})"
    return f"{line}: {', '.join(change['what'])}" if change["what"] else line


def _ends(paths: list[str]) -> str:
    return ", ".join(paths) or "-"


def _code_line(change: Mapping[str, Any]) -> str:
    return f"{change['direction']} {change['code']}: {change['was'] or '-'} -> {change['now'] or '-'}"
