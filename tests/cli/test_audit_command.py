"""`tongban audit`: the log is read, signed, proved, and a single changed byte is found."""

import sqlite3
from contextlib import closing

import orjson
import pytest

from tests.cli.workplace import CHECKOUT, GATEWAY

JWKS = CHECKOUT / "config" / "partner-ankang.jwks.json"


@pytest.fixture
def audit(settled, run):
    """A store with five entries: one registration, two suspensions, two resumptions."""
    add = ("--kind", "gateway", "--name", "安康", "--region", "610900000000", "--jwks", JWKS)
    run("partner", "add", "gateway.ankang", *add)
    for verb in ("suspend", "resume") * 2:
        run("partner", verb, "gateway.ankang")
    assert (settled / "gateway.sqlite").is_file()
    return lambda *arguments, **more: run("audit", *arguments, **more)


def entries(audit, *arguments):
    return [orjson.loads(line) for line in audit("entries", "--json", *arguments).stdout.splitlines()]


def change(folder, statement):
    """Do to the store what only somebody at the machine can do."""
    with closing(sqlite3.connect(folder / "gateway.sqlite")) as connection, connection:
        connection.execute(statement)


def failed(result):
    return [line.split()[1].rstrip(":") for line in result.stdout.splitlines() if line.startswith("FAIL")]


def test_entries_come_newest_first_and_the_reading_is_itself_logged(audit):
    found = entries(audit)

    assert [each["index"] for each in found] == [5, 4, 3, 2, 1, 0]
    assert [each["entry"]["kind"] for each in found][::5] == ["log_read", "partner_registered"]


@pytest.mark.parametrize(
    ("arguments", "indexes"),
    [
        (("--kind", "partner_suspended"), [3, 1]),
        (("--partner", "gateway.ankang", "--limit", "2"), [4, 3]),
        (("--before", "2"), [1, 0]),
        (("--outcome", "refused"), []),
        (("--number", "NOWHERE"), []),
        (("--exchange", "01a20093-66dd-7608-8a41-468bee605c1d"), []),
        (("--item", "nothing"), []),
        (("--until", "2020-01-01"), []),
        (("--since", "2020-01-01T00:00:00+08:00", "--kind", "partner_registered"), [0]),
    ],
)
def test_entries_are_found_by_what_is_asked(audit, arguments, indexes):
    assert [each["index"] for each in entries(audit, *arguments)] == indexes


def test_many_entries_are_read_in_pages(audit):
    for _ in range(3):
        audit("entries")

    assert [each["index"] for each in entries(audit, "--limit", "7")] == [8, 7, 6, 5, 4, 3, 2]


def test_people_read_times_of_china(audit):
    told = audit("entries", "--kind", "partner_registered").stdout
    recorded = entries(audit, "--kind", "partner_registered")[0]["entry"]["recorded_at"]

    hour = (int(recorded[11:13]) + 8) % 24
    assert f" {hour:02}:{recorded[14:19]} " in told
    assert f"{GATEWAY} → gateway.ankang" in told


def test_a_time_that_is_none_is_wrong_usage(audit):
    assert audit("entries", "--since", "yesterday").exit_code == 2


def test_a_checkpoint_is_signed_and_stays_the_same(audit):
    first, again = audit("checkpoint"), audit("checkpoint", "--json")

    assert first.stdout.startswith(f"{GATEWAY}\n5\n")
    assert orjson.loads(again.stdout)["checkpoint"] == first.stdout


@pytest.mark.parametrize("index", ["0", "4"])
def test_a_proof_is_verified_offline_with_nothing_but_the_key(audit, run, tmp_path, monkeypatch, index):
    document = orjson.loads(audit("prove", index, "--json").stdout)
    key = orjson.loads(audit("checkpoint", "--json").stdout)["log_key"]
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")

    result = run("audit", "verify", "--key", key, "-", input=orjson.dumps(document))

    assert result.exit_code == 0
    assert [line.split()[1] for line in result.stdout.splitlines()[:-1]] == [
        "checkpoint_signed:",
        "entry_included:",
        "entry_hashed:",
    ]


def test_an_entry_is_proved_by_its_id_too(audit):
    entry = entries(audit, "--kind", "partner_registered")[0]["entry"]

    result = audit("prove", entry["id"])

    assert result.exit_code == 0
    assert "partner_registered" in result.stdout
    assert "证明有效" in result.stdout


@pytest.mark.parametrize("entry", ["99", "01a20093-66dd-7608-8a41-468bee605c1d"])
def test_what_is_not_in_the_log_is_not_proved(audit, entry):
    result = audit("prove", entry)

    assert (result.exit_code, result.stdout) == (1, "")


def test_a_tree_size_that_was_never_signed_proves_nothing(audit):
    result = audit("prove", "0", "--size", "3")

    assert (result.exit_code, "checkpoint_unknown" in result.stderr) == (1, True)


@pytest.fixture
def grown(audit):
    """A proof that the log of five entries has only grown since, by two readings."""
    audit("checkpoint")
    audit("entries")
    audit("entries")
    audit("checkpoint")
    return orjson.loads(audit("prove", "--from", "5", "--json").stdout)


def test_growth_is_proved_between_two_checkpoints_and_judged_offline(audit, run, grown):
    key = orjson.loads(audit("checkpoint", "--json").stdout)["log_key"]

    result = run("audit", "verify", "--key", key, "-", input=orjson.dumps(grown))

    assert (result.exit_code, failed(result)) == (0, [])
    assert "log_only_grown: from 5 to 7 entries" in result.stdout
    assert "日志只增未改" in audit("prove", "--from", "5", "--size", "7").stdout


@pytest.mark.parametrize("change", [lambda p: p | {"proof": []}, lambda p: p | {"earlier": p["later"]}])
def test_a_growth_proof_that_was_changed_is_not_believed(audit, grown, change):
    result = audit("verify", "-", input=orjson.dumps(change(grown)))

    assert (result.exit_code, failed(result)) == (1, ["log_only_grown"])


def test_growth_from_a_size_that_was_never_signed_is_not_proved(audit):
    result = audit("prove", "--from", "3")

    assert (result.exit_code, "checkpoint_unknown" in result.stderr) == (1, True)


@pytest.mark.parametrize("arguments", [(), ("0", "--from", "5")])
def test_either_an_entry_or_growth_is_proved(audit, arguments):
    assert audit("prove", *arguments).exit_code == 2


@pytest.mark.parametrize(
    ("changed", "check"),
    [
        ({"index": 1}, "entry_included"),
        ({"leaf_hash": "A" * 43 + "="}, "entry_included"),
        ({"proof": []}, "entry_included"),
        ({"checkpoint": "x\n1\nAAAA\n\n— x AAAAAAAA\n"}, "checkpoint_signed"),
    ],
)
def test_a_proof_that_was_changed_is_not_believed(audit, tmp_path, changed, check):
    document = orjson.loads(audit("prove", "0", "--json").stdout)
    (tmp_path / "proof.json").write_bytes(orjson.dumps(document | changed))

    result = audit("verify", tmp_path / "proof.json")

    assert result.exit_code == 1
    assert check in failed(result)


def test_an_entry_that_was_changed_beside_its_proof_is_not_believed(audit, tmp_path):
    document = orjson.loads(audit("prove", "0", "--json").stdout)
    document["entry"]["kind"] = "log_read"
    (tmp_path / "proof.json").write_bytes(orjson.dumps(document))

    assert failed(audit("verify", tmp_path / "proof.json")) == ["entry_hashed"]


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"index":"0","proof":[]}', b'{"index":0,"proof":[1],"leaf_hash":""}'])
def test_what_is_no_proof_is_refused(audit, tmp_path, body):
    (tmp_path / "proof.json").write_bytes(body)

    result = audit("verify", tmp_path / "proof.json")

    assert (result.exit_code, "proof_malformed" in result.stderr) == (1, True)


def test_a_sound_log_passes_every_check(audit):
    audit("checkpoint")

    result = audit("verify", "--json")

    told = orjson.loads(result.stdout)
    assert result.exit_code == 0
    assert (told["passed"], told["entries"], told["checkpoints"], told["uncovered"]) == (True, 5, 1, 0)
    assert len(told["checks"]) == 9


def test_a_log_that_nobody_signed_is_not_called_verified(audit):
    result = audit("verify")

    assert result.exit_code == 1
    assert failed(result) == ["something_signed"]


def test_one_changed_byte_of_a_leaf_is_found(audit, settled):
    audit("checkpoint")
    change(settled, "UPDATE leaves SET leaf = CAST(replace(leaf, 'suspended', 'suspendee') AS BLOB) WHERE position = 1")

    result = audit("verify")

    assert result.exit_code == 1
    assert "roots_recomputed" in failed(result)


def test_a_row_of_the_index_that_was_changed_is_found(audit, settled):
    audit("checkpoint")
    change(settled, "UPDATE entry_index SET kind = 'log_read' WHERE position = 1")

    assert failed(audit("verify")) == ["index_derived"]


def test_another_logs_key_verifies_nothing(audit, run):
    audit("checkpoint")
    run("keys", "generate", "--purpose", "log", "--folder", "other")
    other = f"{GATEWAY}+00000000+AAAA"

    result = audit("verify", "--key", other)

    assert (result.exit_code, "log_key_malformed" in result.stderr) == (1, True)
