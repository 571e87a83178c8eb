"""Every command ends with the same few exit codes, and says why on stderr."""

import sqlite3
from contextlib import closing

import click
import orjson
import pytest
from click.testing import CliRunner

from gateway.cli.exits import CommandGroup, Exit, as_json
from gateway.core import errors
from gateway.core.errors import (
    CorruptedError,
    Fault,
    GatewayError,
    InvalidDocumentError,
    RejectedError,
    RetryableError,
)

_FAULT = Fault(pointer="/a", code="required_missing", message="Missing.", message_zh="缺少。", expected="a name")


def ends_with(error, *arguments):
    @click.group(cls=CommandGroup)
    def outer(): ...

    @outer.group()
    def inner(): ...

    @inner.command()
    @as_json
    def fail(**_):
        raise error

    return CliRunner().invoke(outer, ["inner", "fail", *arguments])


@pytest.mark.parametrize(("family", "code"), [(RejectedError, 1), (RetryableError, 3), (CorruptedError, 4)], ids=str)
def test_each_family_of_errors_has_its_exit_code(family, code):
    result = ends_with(family("why"))

    assert result.exit_code == code
    assert result.stdout == ""
    assert result.stderr == f"Error: why [{family.code}]\n"


def test_every_error_of_the_gateway_belongs_to_a_family():
    classes = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, GatewayError)]

    assert {ends_with(each("why")).exit_code for each in classes} == {1, 3, 4}


def test_faults_are_told_with_their_pointers_in_both_languages():
    result = ends_with(InvalidDocumentError("broken", faults=(_FAULT,)))

    assert "/a required_missing: Missing. 缺少。 (expected: a name)" in result.stderr


def test_programs_get_the_failure_as_one_line_of_json():
    result = ends_with(InvalidDocumentError("broken", faults=(_FAULT,)), "--json")

    told = orjson.loads(result.stderr)
    assert result.stderr.count("\n") == 1
    assert (told["code"], told["message"]) == ("document_invalid", "broken")
    assert told["faults"][0]["pointer"] == "/a"


def test_a_file_that_cannot_be_read_is_a_refusal_not_a_traceback():
    result = ends_with(PermissionError(13, "Permission denied", "/secret"))

    assert (result.exit_code, result.stderr) == (1, "Error: /secret: Permission denied [system_refused]\n")


def test_a_full_disk_is_temporary():
    assert ends_with(OSError(28, "No space left on device")).exit_code == Exit.TEMPORARY


def test_ctrl_c_ends_with_130():
    assert ends_with(KeyboardInterrupt()).exit_code == Exit.INTERRUPTED


def test_wrong_usage_ends_with_2(run):
    for arguments in (["serve", "--bogus"], ["partner", "add"], ["nothing"], ["--config", "missing.toml", "serve"]):
        assert run(*arguments).exit_code == Exit.USAGE


def test_a_bug_ends_with_70_and_its_traceback(process, bare):
    program = """
from gateway.cli import root

@root.tongban.command()
def stumble():
    raise ZeroDivisionError

root.main()
"""

    code, out, errors = process(bare, "stumble", program=("-c", program)).end()

    assert (code, out) == (Exit.BUG, b"")
    assert b"ZeroDivisionError" in errors


def test_a_store_that_contradicts_itself_ends_with_4(settled, run):
    with closing(sqlite3.connect(settled / "gateway.sqlite")) as connection, connection:
        connection.execute("UPDATE tree SET size = 5")

    result = run("audit", "entries")

    assert (result.exit_code, result.stdout) == (Exit.CORRUPTED, "")


def test_a_store_that_another_process_holds_ends_with_3(settled, run):
    with closing(sqlite3.connect(settled / "gateway.sqlite", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")

        result = run("audit", "entries")

    assert (result.exit_code, "store_unavailable" in result.stderr) == (Exit.TEMPORARY, True)


def test_the_version_is_that_of_the_distribution(run):
    result = run("--version")

    assert result.exit_code == 0
    assert result.stdout.startswith("tongban ")
