"""A store is the one that was meant, with the schema of this program, or it is not opened."""

import os
import signal
import sqlite3
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from gateway.core.errors import SettingsError, StoreUnavailableError
from gateway.store import migrate, open_store
from gateway.store.migrations import Migration
from gateway.store.sqlite.schema import apply_migrations, check_schema, known_migrations

NEXT = len(known_migrations()) + 1


def a_migration(number: int, script: str) -> Migration:
    checksum = sha256(script.encode()).hexdigest()
    return Migration(number=number, name=f"{number:04}_more", checksum=checksum, script=script)


@pytest.fixture
async def url(tmp_path):
    """The URL of a store that exists."""
    url = f"sqlite:///{tmp_path}/a store 100%?.db".replace("%", "%25").replace("?", "%3F")
    await (await open_store(url, create=True)).close()
    return url


@pytest.fixture
def path(url, tmp_path):
    assert url
    return tmp_path / "a store 100%?.db"


async def refusal(url: str, *, create: bool = False) -> str:
    with pytest.raises(SettingsError) as raised:
        await open_store(url, create=create)
    return raised.value.code


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///file.db?mode=memory",
        "sqlite:///file.db#part",
        "postgres:///x",
        "/var/lib/gateway.db",
    ],
)
async def test_a_url_that_names_no_file_is_refused(url):
    assert await refusal(url, create=True) == "store_url_invalid"


async def test_a_store_that_is_not_there_is_not_begun_by_mistake(tmp_path):
    assert await refusal(f"sqlite:///{tmp_path}/gateway.db") == "store_missing"
    assert list(tmp_path.iterdir()) == []


async def test_a_folder_that_is_not_there_is_not_created(tmp_path):
    assert await refusal(f"sqlite:///{tmp_path}/nowhere/gateway.db", create=True) == "store_missing"


async def test_a_folder_is_not_a_store(tmp_path):
    assert await refusal(f"sqlite:///{tmp_path}", create=True) == "store_unusable"


async def test_creating_a_store_that_is_there_opens_it(url, path):
    size = path.stat().st_size

    await (await open_store(url, create=True)).close()

    assert path.stat().st_size == size


async def test_a_file_that_is_no_database_is_refused_unchanged(tmp_path):
    file = tmp_path / "letter.txt"
    file.write_text("Dear auditor, " * 100)

    assert await refusal(f"sqlite:///{file}", create=True) == "store_unusable"
    assert file.read_text() == "Dear auditor, " * 100


async def test_somebody_elses_database_is_refused_unchanged(tmp_path):
    file = tmp_path / "theirs.db"
    theirs = sqlite3.connect(file)
    theirs.execute("CREATE TABLE cats (name TEXT)")
    theirs.close()
    before = file.read_bytes()

    assert await refusal(f"sqlite:///{file}", create=True) == "store_foreign"
    assert file.read_bytes() == before


async def test_an_empty_file_is_a_store_only_where_one_is_to_be_created(tmp_path):
    file = tmp_path / "gateway.db"
    file.touch()

    assert await refusal(f"sqlite:///{file}") == "store_outdated"
    await (await open_store(f"sqlite:///{file}", create=True)).close()


BEGIN_AND_DIE = """
import asyncio, os, signal, sqlite3, sys
from gateway.store import open_store

class Dying(sqlite3.Connection):
    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.left = int(sys.argv[2])
        self.set_trace_callback(self.trace)

    def trace(self, statement):
        self.left -= statement == "COMMIT"
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(open_store(sys.argv[1], create=True, factory=Dying))
"""


def die_beginning(url: str, at_commit: int) -> int:
    """Let a process begin a store and be killed at one of its commits; return its exit code."""
    dying = [sys.executable, "-c", BEGIN_AND_DIE, url, str(at_commit)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    return subprocess.run(dying, env=environment, check=False).returncode


@pytest.mark.parametrize("at_commit", [1, 2])
async def test_a_process_killed_while_it_begins_a_store_leaves_one_that_the_next_can_begin(tmp_path, at_commit):
    url = f"sqlite:///{tmp_path}/gateway.db"
    assert die_beginning(url, at_commit) == -signal.SIGKILL

    await (await open_store(url, create=True)).close()


async def test_a_store_that_another_process_holds_for_good_is_unavailable(url, path):
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute("BEGIN EXCLUSIVE")

    with pytest.raises(StoreUnavailableError):
        await open_store(url, patience_s=0.05)

    other.close()


async def test_a_commit_is_durable_and_keys_are_enforced(url):
    store: Any = await open_store(url)
    pragmas = ("journal_mode", "synchronous", "foreign_keys")

    set_to = await store._writing.run(lambda c: [c.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas])

    assert set_to == ["wal", 2, 1]
    await store.close()


async def test_the_reader_cannot_write(url):
    store: Any = await open_store(url)

    with pytest.raises(StoreUnavailableError):
        await store._reading.run(lambda c: c.execute("DELETE FROM nonces"))

    await store.close()


async def test_a_store_that_lacks_a_migration_says_what_to_run(path):
    connection = sqlite3.connect(path, isolation_level=None)
    newer = [*known_migrations(), a_migration(NEXT, "CREATE TABLE more (x);")]

    with pytest.raises(SettingsError, match="run `tongban migrate`") as raised:
        check_schema(connection, newer)

    assert raised.value.code == "store_outdated"
    connection.close()


async def test_migrating_applies_what_lacks_once(path):
    connection = sqlite3.connect(path, isolation_level=None)
    newer = [*known_migrations(), a_migration(NEXT, "CREATE TABLE more (x);\nINSERT INTO more\nVALUES (';');")]

    assert apply_migrations(connection, newer) == (f"{NEXT:04}_more",)
    assert apply_migrations(connection, newer) == ()

    check_schema(connection, newer)
    assert connection.execute("SELECT x FROM more").fetchone() == (";",)
    connection.close()


async def test_a_migration_that_fails_leaves_nothing_of_itself(path):
    connection = sqlite3.connect(path, isolation_level=None)
    newer = [*known_migrations(), a_migration(NEXT, "CREATE TABLE more (x);\nINSERT INTO nowhere VALUES (1);")]

    with pytest.raises(sqlite3.OperationalError):
        apply_migrations(connection, newer)

    check_schema(connection, known_migrations())
    assert connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'more'").fetchone() == (0,)
    connection.close()


async def test_a_store_of_a_newer_program_is_refused(url, path):
    connection = sqlite3.connect(path, isolation_level=None)
    apply_migrations(connection, [*known_migrations(), a_migration(NEXT, "CREATE TABLE more (x);")])
    connection.close()

    assert await refusal(url) == "store_newer"
    with pytest.raises(SettingsError, match="newer program"):
        await migrate(url)


async def test_a_store_whose_migration_was_changed_afterwards_is_refused(url, path):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("UPDATE migrations SET checksum = 'other'")
    connection.close()

    assert await refusal(url) == "store_altered"


async def test_migrating_a_store_that_lacks_nothing_changes_nothing(url):
    assert (await migrate(url)).applied == ()


async def test_migrating_a_store_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SettingsError) as raised:
        await migrate(f"sqlite:///{tmp_path}/gateway.db")

    assert raised.value.code == "store_missing"


async def test_migrating_an_empty_file_makes_it_a_store(tmp_path):
    (tmp_path / "gateway.db").touch()

    assert (await migrate(f"sqlite:///{tmp_path}/gateway.db")).applied == tuple(
        each.name for each in known_migrations()
    )

    await (await open_store(f"sqlite:///{tmp_path}/gateway.db")).close()


def test_migrations_are_numbered_without_gaps():
    assert [each.number for each in known_migrations()] == list(range(1, len(known_migrations()) + 1))
