"""`tongban store retire`: what is old goes on purpose; an audit tells it from what somebody took away."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import orjson
import pytest

from gateway.store import open_store
from tests.store.samples import a_nonce, a_submission, an_entry

OLD = datetime(2026, 1, 10, tzinfo=UTC)
BEFORE = ("--before", "2026-06-01")


@pytest.fixture
def old(settled, run):
    """A store with 600 entries and two exchanges of long ago, and what happened today; all of it signed."""

    async def fill():
        store = await open_store(f"sqlite:///{settled}/gateway.sqlite")
        await store.log([an_entry(recorded_at=OLD) for _ in range(600)])
        await store.receive(a_nonce(), [a_submission(received_at=OLD) for _ in range(2)])
        await store.close()

    asyncio.run(fill())
    assert run("audit", "checkpoint").exit_code == 0
    return settled


def change(folder, *statements):
    with closing(sqlite3.connect(folder / "gateway.sqlite")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def failed(result):
    return [line.split()[1].rstrip(":") for line in result.stdout.splitlines() if line.startswith("FAIL")]


def test_what_would_go_is_told_before_it_goes(old, run):
    assert old
    for what, counts in (("entries", {"entries": 512}), ("exchanges", {"exchanges": 2, "deliveries": 0})):
        dry = run("store", "retire", what, *BEFORE, "--dry-run", "--json")
        done = run("store", "retire", what, *BEFORE, "--json")
        again = run("store", "retire", what, *BEFORE, "--dry-run", "--json")

        told = {"what": what, "before": "2026-05-31T16:00:00.000Z"}
        assert orjson.loads(dry.stdout) == told | {"retired": False} | counts
        assert orjson.loads(done.stdout) == told | {"retired": True} | counts
        assert orjson.loads(again.stdout) == told | {"retired": False} | dict.fromkeys(counts, 0)


def test_what_is_too_recent_is_refused_when_it_is_only_asked_about_too(old, run):
    assert old
    for more in ((), ("--dry-run",)):
        refused = run("store", "retire", "exchanges", "--before", "2099-01-01", *more)

        assert (refused.exit_code, "[retirement_too_recent]" in refused.stderr) == (1, True)


def test_a_log_verifies_after_a_retirement_and_its_retired_entries_are_proved(old, run):
    assert run("store", "retire", "entries", *BEFORE, "--archive", old / "archive").exit_code == 0

    verified = run("audit", "verify")
    proved = run("audit", "prove", "3", "--json")
    (old / "proof.json").write_text(proved.stdout)
    checked = run("audit", "verify", "proof.json")

    assert (verified.exit_code, failed(verified)) == (0, [])
    assert "512 entries were retired" in verified.stdout
    assert "retired_on_purpose" in verified.stdout
    assert "entry" not in orjson.loads(proved.stdout)
    assert checked.exit_code == 0
    assert "retired" in run("audit", "prove", "3").stdout
    assert (old / "archive" / "tile" / "entries" / "001").is_file()


def test_what_somebody_took_away_is_no_retirement(old, run):
    root = "x'" + "00" * 32 + "'"
    gone = [f"DELETE FROM {table} WHERE position < 256" for table in ("leaves", "entry_index")]
    change(old, *gone)
    assert run("audit", "verify").exit_code == 4

    columns = "kind, before, size, root, entry, retired_at"
    change(old, f"INSERT INTO retirements ({columns}) VALUES ('entries', 0, 256, {root}, '', 0)")
    assert failed(run("audit", "verify")) == ["retired_on_purpose"]


def test_more_than_was_said_is_no_retirement_either(old, run):
    run("store", "retire", "entries", *BEFORE)
    change(old, "DELETE FROM leaves WHERE position < 520", "DELETE FROM entry_index WHERE position < 520")
    assert run("audit", "verify").exit_code == 4

    change(old, "UPDATE retirements SET size = 520")
    assert failed(run("audit", "verify")) == ["retired_on_purpose"]


def test_a_hash_that_was_changed_after_its_entry_went_is_found(old, run):
    run("store", "retire", "entries", *BEFORE)
    change(old, "UPDATE tiles SET hashes = zeroblob(length(hashes)) WHERE level = 0 AND number = 0")

    assert failed(run("audit", "verify")) == ["roots_recomputed", "retired_on_purpose"]


def test_the_file_gives_its_room_back(old, run):
    async def grow():
        store = await open_store(f"sqlite:///{old}/gateway.sqlite")
        await store.receive(a_nonce(), [a_submission(received_at=OLD, body=b"x" * 100_000) for _ in range(20)])
        await store.close()

    asyncio.run(grow())
    before = (old / "gateway.sqlite").stat().st_size

    run("store", "retire", "exchanges", *BEFORE)

    assert (old / "gateway.sqlite").stat().st_size < before - 1_900_000


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("entries", "--before", "2099-01-01"), 1, "retirement_too_recent"),
        (("exchanges", *BEFORE, "--archive", "folder"), 2, "only entries are archived"),
        (("entries",), 2, "--before"),
    ],
)
def test_what_cannot_be_retired_is_refused(old, run, arguments, code, told):
    assert old
    result = run("store", "retire", *arguments)

    assert (result.exit_code, told in result.stderr) == (code, True)
