"""docs/cli.md names every command and every option, and none that is not there."""

import re

import click
import pytest

from gateway.cli.exits import Exit
from gateway.cli.root import tongban
from tests.cli.workplace import CHECKOUT

PAGE = (CHECKOUT / "docs" / "cli.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^##+ `(tongban[^`]*)`\n(.*?)(?=^##|\Z)", PAGE, flags=re.MULTILINE | re.DOTALL))


def walk(command, name="tongban"):
    yield name, command
    if isinstance(command, click.Group):
        asking = click.Context(command)
        for inner in command.list_commands(asking):
            yield from walk(command.get_command(asking, inner), f"{name} {inner}")


COMMANDS = dict(walk(tongban))


def options(command):
    options = [each for each in command.params if isinstance(each, click.Option)]
    return {spelled for each in options for spelled in (*each.opts, *each.secondary_opts)}


def test_every_command_has_its_section_and_every_section_its_command():
    assert set(SECTIONS) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_described_and_every_description_is_of_an_option(name):
    rows = [line.split("|")[1] for line in SECTIONS[name].splitlines() if line.startswith("| `--")]
    described = set(re.findall(r"`(--[a-z-]+)", " ".join(rows))) - {"--help"}

    assert described == options(COMMANDS[name])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_explains_itself(name):
    command = COMMANDS[name]
    bare = [each.name for each in command.params if isinstance(each, click.Option) and not each.help]

    assert command.help
    assert bare == []


def test_every_exit_code_is_described_and_no_other():
    table = PAGE.partition("## Exit codes")[2].partition("## ")[0]

    assert {int(code) for code in re.findall(r"^\| (\d+) \|", table, flags=re.MULTILINE)} == set(Exit)
