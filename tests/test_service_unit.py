"""The unit of systemd that ships: what it starts exists, and what it forbids is nothing that a node needs."""

import shlex
from configparser import RawConfigParser
from pathlib import Path

from click.testing import CliRunner

from gateway.cli.exits import Exit
from gateway.cli.root import tongban

UNIT = Path(__file__).parents[1] / "config" / "tongban@.service"


def unit() -> RawConfigParser:
    """Return the unit as sections of settings, each named once."""
    parser = RawConfigParser(delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their capitals
    parser.read_string(UNIT.read_text("utf-8"))
    return parser


def test_what_the_service_runs_is_a_command_of_this_program():
    program, *command = shlex.split(unit()["Service"]["ExecStart"])
    assert Path(program).name == "tongban"
    assert CliRunner().invoke(tongban, [*command, "--help"]).exit_code == 0


def test_a_node_may_write_to_the_folder_in_which_its_keys_are():
    service = unit()["Service"]
    assert service["ProtectSystem"] == "strict"
    assert (service["StateDirectory"], service["WorkingDirectory"]) == ("tongban", "%S/tongban")
    assert "/var" not in service["ReadOnlyPaths"]


def test_a_node_has_the_time_it_takes_to_end_and_is_started_again_however_often_that_fails():
    service = unit()["Service"]
    assert int(service["TimeoutStopSec"]) > 10
    assert (service["Restart"], unit()["Unit"]["StartLimitIntervalSec"]) == ("always", "0")


def test_a_node_whose_stored_data_contradict_themselves_is_not_started_again():
    given_up = {int(code) for code in unit()["Service"]["RestartPreventExitStatus"].split()}
    assert Exit.CORRUPTED in given_up
    assert not given_up & {Exit.TEMPORARY, Exit.BUG}
