"""A database is the one that was meant, with the schema of this program, or it is not opened."""

import asyncio
from dataclasses import replace
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from gateway.core.errors import GatewayError, SettingsError, StoreUnavailableError
from gateway.store import begin_store, migrate, open_store, store_exists, without_password
from gateway.store.migrations import Migration
from gateway.store.postgres.schema import apply_migrations, check_schema, known_migrations
from tests.patience import PATIENCE_S

_OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
NEXT = len(known_migrations()) + 1


def a_migration(script: str) -> Migration:
    checksum = sha256(script.encode()).hexdigest()
    return Migration(number=NEXT, name=f"{NEXT:04}_more", checksum=checksum, script=script)


async def refusal(url: str, *, create: bool = False) -> str:
    with pytest.raises(SettingsError) as raised:
        await open_store(url, create=create)
    return raised.value.code


def elsewhere(url: str, **parts: str) -> str:
    return urlunsplit(urlsplit(url)._replace(**parts))


@pytest.fixture
async def new(postgres_url):
    """A connection to an empty database."""
    connection = await asyncpg.connect(postgres_url)
    yield connection
    await connection.close()


@pytest.mark.parametrize("url", ["postgresql://localhost:port/x", "postgresql://localhost/x?sslmode=perhaps"])
async def test_an_address_that_names_no_database_is_refused_and_not_repeated(url):
    with pytest.raises(SettingsError) as raised:
        await open_store(url.replace("//", "//me:secret@"))

    assert raised.value.code == "store_url_invalid"
    assert "secret" not in str(raised.value)


async def test_a_database_that_is_not_there_is_not_begun_by_mistake(postgres):
    assert await refusal(elsewhere(postgres.url, path="/nowhere"), create=True) == "store_missing"


async def test_what_is_said_of_a_server_names_the_place_and_no_password(postgres, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    told, place = {}, urlsplit(postgres.url).netloc.rpartition("@")[2]
    for name, url in {
        "gone": "postgresql://me:secret@127.0.0.1:1/somewhere",
        "closed": elsewhere(postgres.url, netloc=f"a_stranger:secret@{place}"),
        "nowhere": elsewhere(postgres.url, path="/nowhere"),
        "misspelt": f"{postgres.url}?sslmod=require",
        "unverified": f"{postgres.url}?sslmode=verify-full",
    }.items():
        with pytest.raises(GatewayError) as raised:
            await open_store(url)
        told[name] = raised.value

    assert {name: error.code for name, error in told.items()} == {
        "gone": "store_unavailable",
        "closed": "store_unusable",
        "nowhere": "store_missing",
        "misspelt": "store_url_invalid",
        "unverified": "store_unusable",
    }
    assert "127.0.0.1:1/somewhere" in str(told["gone"])
    assert all(place in str(told[name]) for name in ("closed", "nowhere", "misspelt"))
    assert "sslrootcert" in str(told["unverified"])
    assert not any(word in str(error) for error in told.values() for word in ("secret", "stranger", "@"))


async def test_an_empty_database_is_a_store_only_where_one_is_to_be_created(postgres_url):
    assert not await store_exists(postgres_url)
    assert await refusal(postgres_url) == "store_missing"

    await begin_store(postgres_url)

    assert await store_exists(postgres_url)
    await (await open_store(postgres_url)).close()


async def test_nodes_that_begin_one_store_together_begin_it_once(postgres_url):
    opened = await asyncio.gather(*(open_store(postgres_url, create=True) for _ in range(4)))

    assert len({(await store.feed(0, limit=1, size=1)).epoch for store in opened}) == 1
    for store in opened:
        await store.close()


async def test_somebody_elses_database_is_refused_unchanged(postgres_url, new):
    await new.execute("CREATE TABLE cats (name text)")

    assert await refusal(postgres_url, create=True) == "store_foreign"
    assert await new.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 1


async def test_a_user_that_may_not_enter_is_told_so_without_the_password(url):
    parts = urlsplit(url)
    wrong = elsewhere(url, netloc=f"{parts.username}:guessed-wrong@{parts.hostname}:{parts.port}")

    with pytest.raises(SettingsError) as raised:
        await open_store(wrong)

    assert raised.value.code == "store_unusable"
    assert "guessed-wrong" not in str(raised.value)


async def test_a_server_that_is_not_there_is_unavailable(url, unused_tcp_port):
    parts = urlsplit(url)

    with pytest.raises(StoreUnavailableError):
        await open_store(elsewhere(url, netloc=f"{parts.username}:x@127.0.0.1:{unused_tcp_port}"))


async def test_a_store_that_lacks_a_migration_says_what_to_run_and_running_it_once_helps(url, beneath):
    script = "-- expand: more\nCREATE TABLE more (x text); INSERT INTO more VALUES (';');"
    newer = [*known_migrations(), a_migration(script)]
    with pytest.raises(SettingsError, match="run `tongban migrate`") as raised:
        await check_schema(beneath, newer)
    assert raised.value.code == "store_outdated"

    async with _undone(beneath):
        assert (await apply_migrations(beneath, newer)).applied == (f"{NEXT:04}_more",)
        assert (await apply_migrations(beneath, newer)).applied == ()
        await check_schema(beneath, newer)

    assert (await migrate(url)).applied == ()


async def test_a_program_serves_from_a_schema_that_was_expanded_after_it_and_not_from_one_that_lacks_something(beneath):
    known = known_migrations()
    more = [*known, a_migration("-- expand: more\nCREATE TABLE more (x text);")]
    less = [*more, replace(a_migration("DROP TABLE more;"), number=NEXT + 1)]

    async with _undone(beneath):
        await apply_migrations(beneath, more)
        await check_schema(beneath, known)
        await check_schema(beneath, less)  # what it lacks only takes away

        assert (await apply_migrations(beneath, less)).applied == (less[-1].name,)
        await check_schema(beneath, less)
        for older in (known, more):
            with pytest.raises(SettingsError) as raised:
                await check_schema(beneath, older)
            assert raised.value.code == "store_newer"


async def test_what_takes_away_waits_until_no_node_of_an_older_program_is_connected(beneath, url):
    migrations = [*known_migrations(), a_migration("CREATE TABLE fewer (x text);")]
    node = await open_store(url)
    try:
        waiting = await apply_migrations(beneath, migrations)
        assert (waiting.applied, waiting.waiting) == ((), (migrations[-1].name,))

        await node.close()
        await _until_alone(beneath)

        done = await apply_migrations(beneath, migrations)
        assert (done.applied, done.waiting) == ((migrations[-1].name,), ())
    finally:
        await node.close()
        await _forget_last(beneath, "fewer")


async def test_a_step_that_does_not_get_its_locks_lets_everybody_pass_and_tries_again(beneath, url):
    migrations = [*known_migrations(), a_migration("-- expand: more\nALTER TABLE nonces ADD more text;")]
    holder, other = [await asyncpg.connect(url) for _ in range(2)]
    held = holder.transaction()
    await held.start()
    await holder.execute("LOCK TABLE nonces IN ROW EXCLUSIVE MODE")

    async with _undone(beneath):
        migrating = asyncio.create_task(apply_migrations(beneath, migrations))
        for _ in range(20):
            await other.execute("DELETE FROM nonces", timeout=PATIENCE_S)
        assert not migrating.done()
        await held.rollback()
        assert (await migrating).applied == (migrations[-1].name,)
    await holder.close()
    await other.close()


async def test_steps_that_are_done_are_not_done_again(beneath):
    steps = [
        "-- expand: more",
        "-- step: a table",
        "CREATE TABLE more (x text);",
        "-- step by itself: its index",
        "CREATE INDEX CONCURRENTLY more_x ON more (x);",
        "-- step: what fails while it is empty",
        "SELECT 1 / count(*) FROM more;",
    ]
    migrations = [*known_migrations(), a_migration("\n".join(steps))]
    try:
        with pytest.raises(asyncpg.DivisionByZeroError):
            await apply_migrations(beneath, migrations)
        await beneath.execute("INSERT INTO more VALUES ('')")

        assert (await apply_migrations(beneath, migrations)).applied == (migrations[-1].name,)
    finally:
        await _forget_last(beneath, "more")


async def test_a_store_that_was_begun_and_not_finished_is_none_and_is_finished_by_whoever_creates_it(postgres_url, new):
    await begin_store(postgres_url)
    await new.execute("CREATE TABLE tongban_beginning ()")

    assert not await store_exists(postgres_url)
    await (await open_store(postgres_url, create=True)).close()

    assert await store_exists(postgres_url)


async def test_a_migration_that_fails_leaves_nothing_of_itself(beneath):
    newer = [*known_migrations(), a_migration("CREATE TABLE more (x text); INSERT INTO nowhere VALUES (1);")]

    with pytest.raises(asyncpg.UndefinedTableError):
        await apply_migrations(beneath, newer)

    await check_schema(beneath, known_migrations())
    assert await beneath.fetchval("SELECT to_regclass('more')") is None


async def test_a_store_whose_migration_was_changed_afterwards_is_refused(beneath):
    async with _undone(beneath):
        await beneath.execute("UPDATE tongban_migrations SET checksum = 'other'")
        with pytest.raises(SettingsError) as raised:
            await check_schema(beneath, known_migrations())
        assert raised.value.code == "store_altered"


async def test_an_empty_database_is_not_made_a_store_by_migrating_it(postgres_url):
    with pytest.raises(SettingsError) as raised:
        await migrate(postgres_url)

    assert raised.value.code == "store_missing"
    assert not await store_exists(postgres_url)


async def test_commits_are_durable_whatever_the_server_was_told_and_readers_cannot_write(url):
    store: Any = await open_store(url)

    async def durability(session):
        return await session._connection.fetchval("SHOW synchronous_commit")

    async def forget(session):
        await session._connection.execute("DELETE FROM nonces")

    assert await store._exchange(durability) == "on"
    assert await store._administer(durability) == "on"
    with pytest.raises(StoreUnavailableError):
        await store._readers.read(forget)
    await store.close()


def test_migrations_are_numbered_without_gaps():
    assert [each.number for each in known_migrations()] == list(range(1, len(known_migrations()) + 1))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:secret@db/tongban?ssl=require", "postgresql://me:***@db/tongban?ssl=require"),
        ("postgresql://me@db/tongban", "postgresql://me@db/tongban"),
        (
            "postgresql://db/tongban?user=me&password=secret&ssl=require",
            "postgresql://db/tongban?user=me&password=***&ssl=require",
        ),
        ("sqlite:///var/a%20store.db", "sqlite:///var/a%20store.db"),
    ],
)
def test_a_password_is_never_shown(url, shown):
    assert without_password(url) == shown


async def _until_alone(connection: asyncpg.Connection) -> None:
    """Wait until the server has noticed that nobody else is connected."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if not await connection.fetchval(_OTHERS):
                return
            await asyncio.sleep(0.01)


async def _forget_last(connection: asyncpg.Connection, table: str) -> None:
    """Undo a migration that is none: others use the database after this."""
    for statement in (
        f"DROP TABLE IF EXISTS {table}",
        f"DELETE FROM tongban_migrations WHERE number = {NEXT}",
        f"DELETE FROM tongban_expansions WHERE number = {NEXT}",
        f"DELETE FROM tongban_steps WHERE number = {NEXT}",
    ):
        await connection.execute(statement)


class _undone:  # noqa: N801 - reads as a word
    """A transaction around what a test does to a database that others use after it."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._transaction = connection.transaction()

    async def __aenter__(self) -> None:
        await self._transaction.start()

    async def __aexit__(self, *_: object) -> None:
        await self._transaction.rollback()
