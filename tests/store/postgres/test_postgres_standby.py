"""What is acknowledged is on the standby's disk too, whatever becomes of the wait for it."""

import asyncio
import os
import resource
import signal
from typing import Any

import pytest

from gateway.core.errors import StoreUnavailableError
from gateway.flow.ports import Checkpoint, Taken
from gateway.store import open_store
from gateway.store.postgres.opening import open_database
from gateway.store.postgres.server import Server
from tests.postgres import GivenServer
from tests.store.postgres.databases import Databases
from tests.store.postgres.pairs import asked, at, database_of, running_pair, until_waiting
from tests.store.postgres.senders import Patience
from tests.store.proof import assert_sound
from tests.store.samples import NOW, a_nonce, a_submission, an_entry

_LEAVES = "SELECT count(*) FROM leaves"


@pytest.fixture(scope="module")
def pair(servers_folder):
    with running_pair(servers_folder) as running:
        yield running


@pytest.fixture
async def url(pair):
    """The URL of an empty store, by both hosts."""
    databases = Databases(GivenServer(pair.primary.url))
    yield pair.url(database_of(await databases.new_store()))
    databases.take_back()


@pytest.fixture
async def store(url):
    opened = await open_store(url)
    yield opened
    await opened.close()


@pytest.fixture
def below(pair, url):
    """The store's database, at the primary alone."""
    return at(pair.primary, url)


@pytest.fixture
def paused(pair):
    """The standby stands still; a test may let it go on before its end."""
    pair.standby.pause()
    yield pair.standby
    pair.standby.resume()


async def test_what_the_standby_does_not_have_is_not_acknowledged_yet(store, below, paused):
    logging = asyncio.create_task(store.log([an_entry()]))
    await until_waiting(below)
    assert not logging.done()
    assert await asked(below, _LEAVES) == 0

    paused.resume()
    await logging

    assert (await store.head()).size == 1


@pytest.mark.parametrize("how", ["pg_cancel_backend", "pg_terminate_backend"])
async def test_a_wait_that_is_cut_short_is_no_acknowledgement_and_neither_is_seeing_what_it_left(
    store, below, paused, how
):
    entry = an_entry()
    logging = asyncio.create_task(store.log([entry]))
    await asked(below, f"SELECT {how}({await until_waiting(below)})")

    with pytest.raises(StoreUnavailableError):
        await logging
    assert await asked(below, _LEAVES) == 1  # committed, but here alone

    again = asyncio.create_task(store.log([entry]))
    await until_waiting(below)
    assert not again.done()
    paused.resume()
    await again
    assert (await store.head()).size == 1


async def test_a_checkpoint_that_is_found_again_is_shown_only_once_the_standby_has_it(store, below, paused):
    checkpoint = Checkpoint(size=0, root=b"r" * 32, note="a note", made_at=NOW)
    keeping = asyncio.create_task(store.keep_checkpoint(checkpoint))
    await asked(below, f"SELECT pg_cancel_backend({await until_waiting(below)})")
    with pytest.raises(StoreUnavailableError):
        await keeping

    again = asyncio.create_task(store.keep_checkpoint(checkpoint))
    await until_waiting(below)
    assert not again.done()
    paused.resume()
    assert await again == checkpoint


async def test_a_node_that_stops_waiting_leaves_what_it_asked_for_unseen_until_the_standby_has_it(url, below, paused):
    store = await Patience()(lambda: open_database(Server(url=url, answer_s=0.5), create=False))
    intake = a_submission("ankang")

    with pytest.raises(StoreUnavailableError):
        await store.receive(a_nonce(), [intake])
    with pytest.raises(StoreUnavailableError):  # behind it nobody goes on
        await store.receive(a_nonce(), [intake])
    await until_waiting(below)
    assert await asked(below, _LEAVES) == 0

    paused.resume()
    (taken,) = await Patience()(lambda: store.receive(a_nonce(), [intake]))
    assert taken == Taken(receipt=intake.exchange.receipt, number=intake.exchange.subject, first=False)
    assert (await Patience()(store.head)).size == 1
    await store.close()


async def test_what_a_crash_made_visible_is_told_to_nobody_before_the_standby_has_it(store, below, paused):
    intake = a_submission("ankang")
    receiving = asyncio.create_task(store.receive(a_nonce(), [intake]))
    os.kill(await until_waiting(below), signal.SIGKILL)  # the server starts anew with what is on its disk

    with pytest.raises(StoreUnavailableError):
        await receiving
    assert await asked(below, _LEAVES) == 1

    again = asyncio.create_task(Patience()(lambda: store.receive(a_nonce(), [intake])))
    reading = asyncio.create_task(Patience()(store.head))
    await until_waiting(below, 2)
    assert [each.done() for each in (again, reading)] == [False, False]
    paused.resume()
    ((taken,), seen) = await asyncio.gather(again, reading)
    assert (taken.receipt, taken.first, seen.size) == (intake.exchange.receipt, False, 1)
    await assert_sound(store)


async def test_a_server_that_stops_in_the_middle_of_a_commit_is_not_waited_for_and_commits_once(url):
    store: Any = await Patience()(lambda: open_database(Server(url=url, answer_s=0.5), create=False))
    intake, first = a_submission("ankang"), an_entry()
    await Patience()(lambda: store.log([first]))
    writer = store._exchanging._work.__self__
    writer._connection = StoppingConnection(writer._connection)

    with pytest.raises(StoreUnavailableError):
        await store.receive(a_nonce(), [intake])
    with pytest.raises(StoreUnavailableError):  # it may yet be done, so nobody goes before it
        await store.receive(a_nonce(), [intake])

    os.kill(StoppingConnection.stopped, signal.SIGCONT)
    (taken,) = await Patience()(lambda: store.receive(a_nonce(), [intake]))
    assert (taken.receipt, taken.first) == (intake.exchange.receipt, False)
    assert (await Patience()(store.head)).size == 2
    await store.close()


class StoppingConnection:
    """A connection whose server process stands still when it is to commit."""

    stopped = 0

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def execute(self, sql: str, *values: object, **options: object) -> str:
        if sql == "COMMIT":
            type(self).stopped = self._connection.get_server_pid()
            os.kill(self.stopped, signal.SIGSTOP)
        return str(await self._connection.execute(sql, *values, **options))


@pytest.mark.parametrize("immediately", [False, True])
async def test_a_server_that_is_restarted_loses_nothing_acknowledged(pair, store, immediately):
    until_done, begun, ended = Patience(), asyncio.Event(), asyncio.Event()
    sent: list[str] = []

    async def send():
        while not ended.is_set():
            intake = a_submission("ankang")
            (taken,) = await until_done(lambda: store.receive(a_nonce(), [intake]))  # noqa: B023 - it is done by then
            assert taken.receipt == intake.exchange.receipt
            sent.append(intake.exchange.id)
            begun.set()

    sending = [asyncio.create_task(send()) for _ in range(4)]
    await begun.wait()
    await asyncio.to_thread(pair.primary.restart, immediately=immediately)
    ended.set()
    await asyncio.gather(*sending)

    assert until_done.unanswered, "the restart met nobody"
    assert (await store.head()).size == len(sent)
    await assert_sound(store)


async def test_a_disk_that_is_full_refuses_what_does_not_fit_and_keeps_what_is_there(pair, store):
    """A limit on the size of files stands for the disk: it is met where a table must grow."""
    await store.log([an_entry()])
    intakes = [a_submission("ankang", body=os.urandom(1 << 20)) for _ in range(20)]
    await asyncio.to_thread(restarted_with_room_for, pair.primary, 16 << 20)  # a file of the server's log fits

    with pytest.raises(StoreUnavailableError) as raised:
        await Patience(6)(lambda: store.receive(a_nonce(), intakes))
    assert "File too large" in str(raised.value.__cause__)
    await Patience()(lambda: store.log([an_entry()]))
    assert (await store.head()).size == 2

    await asyncio.to_thread(pair.primary.restart)
    taken = await Patience()(lambda: store.receive(a_nonce(), intakes))
    assert all(each.first for each in taken)
    assert (await store.head()).size == 2 + len(intakes)


def restarted_with_room_for(server, size):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))  # of this process, which the server begins with
    try:
        server.restart()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_standby_is_no_server_of_a_store(pair, url):
    with pytest.raises(StoreUnavailableError):
        await open_store(at(pair.standby, url))
    store = await open_store(pair.url(database_of(url), pair.standby, pair.primary))
    await store.log([an_entry()])
    await store.close()
