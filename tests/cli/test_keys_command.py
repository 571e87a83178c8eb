"""`tongban keys` for people and for programs."""

import orjson
import pytest
from click.testing import CliRunner

from gateway.cli.root import tongban
from gateway.store.keyring import KeyPurpose, Keyring


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.delenv("TONGBAN_KEYS_PASSPHRASE", raising=False)
    monkeypatch.setenv("TONGBAN_KEYS", str(tmp_path / "keys"))
    return lambda *arguments: CliRunner().invoke(tongban, ["keys", *arguments])


def test_a_key_is_made_as_asked(run, tmp_path):
    result = run("generate", "--algorithm", "es256", "--purpose", "log", "--json")

    made = orjson.loads(result.stdout)
    assert result.exit_code == 0
    assert (made["algorithm"], made["purpose"], made["active"]) == ("ES256", "log", True)
    assert Keyring(tmp_path / "keys").signer("ES256", purpose=KeyPurpose.LOG).key_id == made["kid"]


def test_people_are_told_what_was_made_and_how_it_is_protected(run):
    result = run("generate")

    assert result.exit_code == 0
    assert "Made the EdDSA exchange key" in result.stdout
    assert "not encrypted" in result.stdout


def test_the_passphrase_comes_from_a_file_without_its_line_end(run, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"open sesame\n")

    result = run("generate", "--passphrase-file", str(secret))

    assert result.exit_code == 0
    assert Keyring(tmp_path / "keys", passphrase=b"open sesame").signer().algorithm == "EdDSA"


def test_the_passphrase_comes_from_the_environment(run, tmp_path, monkeypatch):
    monkeypatch.setenv("TONGBAN_KEYS_PASSPHRASE", "open sesame")

    assert run("generate").exit_code == 0
    assert Keyring(tmp_path / "keys", passphrase=b"open sesame").signer().algorithm == "EdDSA"


def test_the_passphrase_is_not_taken_from_the_command_line(run):
    assert run("generate", "--passphrase", "open sesame").exit_code == 2


def test_the_list_is_a_table_or_json(run):
    kid = orjson.loads(run("generate", "--json").stdout)["kid"]

    table, listed = run("list"), run("list", "--json")

    assert kid in table.stdout
    assert [key["kid"] for key in orjson.loads(listed.stdout)] == [kid]


def test_an_empty_list_says_how_to_make_a_key(run):
    assert "tongban keys generate" in run("list").stdout
    assert orjson.loads(run("list", "--json").stdout) == []


def test_the_jwks_is_what_the_keyring_publishes(run, tmp_path):
    run("generate")
    run("generate", "--purpose", "log")

    assert orjson.loads(run("jwks").stdout) == Keyring(tmp_path / "keys").jwks()


def test_a_refusal_is_told_on_stderr_with_its_code_and_exit_code_1(run, tmp_path):
    run("generate")
    next((tmp_path / "keys").iterdir()).chmod(0o644)

    result = run("jwks")

    assert result.exit_code == 1
    assert "key_file_exposed" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("arguments", [("generate", "--algorithm", "rsa"), ("destroy",)])
def test_wrong_usage_exits_with_2(run, arguments):
    assert run(*arguments).exit_code == 2
