"""A server that is silent, full, locked or only to be read is unavailable for as long as that lasts, and no longer."""

import asyncio
from itertools import count
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from gateway.core.errors import StoreUnavailableError
from gateway.core.model import DeliveryState
from gateway.store import open_store
from gateway.store.postgres.opening import open_database
from gateway.store.postgres.server import Server
from tests.patience import until
from tests.store.postgres.lines import Line
from tests.store.postgres.pairs import database_of
from tests.store.postgres.senders import Patience
from tests.store.proof import assert_sound
from tests.store.samples import NOW, a_claim, a_nonce, a_submission, an_entry, settled, well

_CUT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class CutConnection:
    """A connection that breaks at one statement, before the server has it or before its answer comes."""

    def __init__(self, connection: Any, at: int, *, applied: bool) -> None:
        self._connection = connection
        self._left = at
        self._applied = applied

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def fetch(self, *words: object) -> object:
        return await self._said(self._connection.fetch, *words)

    async def execute(self, *words: object, **options: object) -> object:
        return await self._said(self._connection.execute, *words, **options)

    async def executemany(self, *words: object) -> object:
        return await self._said(self._connection.executemany, *words)

    @property
    def was_cut(self) -> bool:
        return self._left < 0

    async def _said(self, say: Any, *words: object, **options: object) -> object:
        self._left -= 1
        if self._left >= 0:
            return await say(*words, **options)
        if self._applied:
            await say(*words, **options)
        self._connection.terminate()
        raise ConnectionResetError


@pytest.mark.parametrize("applied", [False, True])
async def test_a_connection_that_is_lost_at_any_statement_loses_nothing_and_doubles_nothing(url, applied):
    store: Any = await open_store(url)
    until_done = Patience()
    await store.log([an_entry()])
    for done in count():
        writer = store._exchanging._work.__self__
        writer._connection = cut = CutConnection(await writer._connected(), done, applied=applied)
        intake, delivered = a_submission("ankang"), an_entry()

        (taken,) = await until_done(lambda intake=intake: store.receive(a_nonce(), [intake]))
        while not (claimed := await until_done(lambda: store.claim("ankang", number=a_claim(), limit=8, now=NOW))):
            await until_done(lambda: store.attend((), lease_s=60))  # what was claimed unheard is held by nobody
        await until_done(lambda: store.conclude([settled(claimed[0], entry=delivered)], well()))  # noqa: B023

        (kept,) = await store.deliveries(subject=taken.number)
        assert (taken.receipt, kept.state) == (intake.exchange.receipt, DeliveryState.SETTLED)
        assert (await store.head()).size == 3 + 2 * done
        if not cut.was_cut:
            break

    assert until_done.unanswered >= done > 5
    await assert_sound(store)
    await store.close()


async def test_a_line_that_falls_silent_is_noticed_and_left(url):
    server = urlsplit(url)
    assert server.port is not None
    line = Line(server.port)
    async with line as port:
        entrance = server.netloc.rpartition("@")[0]
        through = urlunsplit(server._replace(netloc=f"{entrance}@127.0.0.1:{port}"))
        first, entry, until_done = an_entry(), an_entry(), Patience()
        hasty = Server(url=through, patience_s=0.5, answer_s=0.5)
        store = await until_done(lambda: open_database(hasty, create=False))
        await until_done(lambda: store.log([first]))
        await until_done(store.head)

        line.fall_silent()
        for ask in (lambda: store.log([entry]), store.head) * 2:  # on a connection, and for want of one
            with pytest.raises(StoreUnavailableError):
                await ask()
        line.talk_again()

        await until_done(lambda: store.log([entry]))
        assert (await until_done(store.head)).size == 2
        await store.close()


async def test_a_reader_whose_caller_has_gone_leaves_the_silent_line_to_nobody(url):
    server = urlsplit(url)
    assert server.port is not None
    line = Line(server.port)
    async with line as port:
        entrance = server.netloc.rpartition("@")[0]
        store = await open_store(urlunsplit(server._replace(netloc=f"{entrance}@127.0.0.1:{port}")))
        await asyncio.gather(*(store.head() for _ in range(4)))
        line.fall_silent()

        for _ in range(8):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(store.head(), 0.1)
        line.talk_again()

        assert (await store.head()).size == 0
        await store.close()


async def test_a_table_that_somebody_locks_for_longer_than_we_wait_refuses_until_it_is_free(url, beneath):
    until_done = Patience()
    store = await until_done(lambda: open_store(url, patience_s=0.2))
    await beneath.execute("BEGIN; LOCK TABLE leaves IN ACCESS EXCLUSIVE MODE")

    for ask in (lambda: store.log([an_entry()]), lambda: store.leaves(0, 1)):
        with pytest.raises(StoreUnavailableError):
            await ask()
    assert (await until_done(store.head)).size == 0  # what is not locked is read

    await beneath.execute("ROLLBACK")
    entry = an_entry()
    await until_done(lambda: store.log([entry]))
    assert len(await until_done(lambda: store.leaves(0, 9))) == 1
    await store.close()


async def test_a_statement_that_takes_too_long_is_ended_by_the_server(url, beneath):
    hasty = Server(url=url, patience_s=30.0, answer_s=0.3)
    store = await Patience()(lambda: open_database(hasty, create=False))
    await beneath.execute("BEGIN; LOCK TABLE leaves IN ACCESS EXCLUSIVE MODE")

    with pytest.raises(StoreUnavailableError):
        await store.log([an_entry()])
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

    async def ended():
        return not await beneath.fetchval(waiting)

    await until(ended)
    await beneath.execute("ROLLBACK")
    entry = an_entry()
    await Patience()(lambda: store.log([entry]))
    await store.close()


async def test_a_server_that_only_reads_is_read_and_refuses_until_it_writes_again(url, beneath):
    store = await open_store(url)
    await store.log([an_entry()])
    name = database_of(url)
    await beneath.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    try:
        await beneath.execute(_CUT)
        for _ in range(3):
            with pytest.raises(StoreUnavailableError):
                await store.log([an_entry()])
        assert (await store.head()).size == 1
    finally:
        await beneath.execute("SET default_transaction_read_only = off")
        await beneath.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')

    await store.log([an_entry()])
    await store.close()


async def test_a_server_that_has_no_connection_left_refuses_until_it_has_one(url, beneath):
    parts = urlsplit(url)
    role = f"few_{database_of(url)}"
    await beneath.execute(f"CREATE ROLE \"{role}\" LOGIN PASSWORD 'few' CONNECTION LIMIT 1")
    await beneath.execute(f'GRANT ALL ON ALL TABLES IN SCHEMA public TO "{role}"')
    try:
        few = urlunsplit(parts._replace(netloc=f"{role}:few@{parts.hostname}:{parts.port}"))
        store = await open_store(few)
        await store.log([an_entry()])
        with pytest.raises(StoreUnavailableError):
            await store.head()

        await beneath.execute(f'ALTER ROLE "{role}" CONNECTION LIMIT 9')
        assert (await store.head()).size == 1
        await store.close()
    finally:
        await beneath.execute(f'DROP OWNED BY "{role}"; DROP ROLE "{role}"')


@pytest.mark.parametrize(
    ("told", "meant"), [("off", "on"), ("local", "on"), ("remote_write", "on"), ("remote_apply", "remote_apply")]
)
async def test_commits_wait_for_disks_whatever_the_database_was_told(url, beneath, told, meant):
    await beneath.execute(f'ALTER DATABASE "{database_of(url)}" SET synchronous_commit = {told}')
    try:
        connection = await Server(url=url).lane(1.0)
        assert await connection.fetchval("SHOW synchronous_commit") == meant
        await connection.close()
    finally:
        await beneath.execute(f'ALTER DATABASE "{database_of(url)}" RESET synchronous_commit')
