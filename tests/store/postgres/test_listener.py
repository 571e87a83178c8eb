"""What a node hears of others, and that it hears everything again whenever it may have missed something."""

import asyncio

import pytest

from gateway.core.errors import StoreUnavailableError
from gateway.core.model import Backoff, PartnerStatus
from gateway.flow.ports import EVERYTHING, Topic
from gateway.store import open_store
from gateway.store.postgres import listener
from gateway.store.postgres.listener import Listener
from gateway.store.postgres.server import Server
from tests.patience import PATIENCE_S
from tests.store.samples import LATER, NOW, a_claim, a_nonce, a_partner, a_submission, an_entry, buried, settled, well

_CUT = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


async def heard(node):
    async with asyncio.timeout(PATIENCE_S):
        return await node.changed()


async def test_who_rests_and_who_does_so_no_longer_is_told_and_a_conclusion_that_changes_neither_is_not(nodes):
    await heard(nodes[0])
    await nodes[1].receive(a_nonce(), [a_submission("ankang")])

    await nodes[1].conclude((), Backoff(destination="ankang", failures=1, retry_at=LATER))
    assert await heard(nodes[0]) == {Topic.OUTBOX}
    await nodes[1].conclude((), well())
    assert await heard(nodes[0]) == {Topic.OUTBOX}

    (delivery,) = await nodes[1].claim("ankang", number=a_claim(), limit=1, now=NOW)
    await nodes[1].conclude([settled(delivery)], well())
    await nodes[1].put_partner(a_partner(), an_entry())
    assert await heard(nodes[0]) == {Topic.PARTNERS}


async def test_a_dead_delivery_that_is_sent_on_its_way_again_is_told(nodes):
    await nodes[1].receive(a_nonce(), [a_submission("ankang")])
    (delivery,) = await nodes[1].claim("ankang", number=a_claim(), limit=1, now=NOW)
    await nodes[1].conclude([buried(delivery)], well())
    await heard(nodes[0])

    await nodes[1].revive(delivery.id, an_entry())

    assert await heard(nodes[0]) == {Topic.OUTBOX}


async def test_what_somebody_changes_beneath_the_store_is_told(nodes, beneath):
    await nodes[1].put_partner(a_partner(), an_entry())
    await heard(nodes[0])

    await beneath.execute("UPDATE partners SET status = 'suspended'")

    assert await heard(nodes[0]) == {Topic.PARTNERS}
    assert [each.status for each in await nodes[0].partners()] == [PartnerStatus.SUSPENDED]


async def test_once_the_connection_was_cut_everything_may_have_changed_and_then_it_is_heard_again(nodes, beneath):
    await heard(nodes[0])
    waiting = asyncio.create_task(heard(nodes[0]))
    await asyncio.sleep(0)

    assert await beneath.fetchval(_CUT)

    assert await waiting == EVERYTHING
    await nodes[1].put_partner(a_partner(), an_entry())
    assert await heard(nodes[0]) == {Topic.PARTNERS}


async def test_a_connection_that_is_silent_because_nothing_happens_is_asked_and_kept(nodes, url, monkeypatch):
    monkeypatch.setattr(listener, "_ANSWER_S", PATIENCE_S)  # how slow the machine may be is nothing that is tested here
    listening = Listener(Server(url=url), silence_s=0.01)
    await heard(listening)
    waiting = asyncio.create_task(heard(listening))
    await asyncio.sleep(0.1)  # it is asked several times meanwhile

    await nodes[1].put_partner(a_partner(), an_entry())

    assert await waiting == {Topic.PARTNERS}
    listening.close()


async def test_a_connection_to_a_server_that_was_replaced_is_not_believed(url):
    server = Server(url=url)
    listening = Listener(server, silence_s=0.01)
    await heard(listening)
    server.newest += 1  # another lane has found the server that was promoted

    with pytest.raises(StoreUnavailableError):
        await heard(listening)

    listening.close()


async def test_a_node_that_cannot_listen_says_so():
    with pytest.raises(StoreUnavailableError):
        await heard(Listener(Server(url="postgresql://127.0.0.1:1/nowhere")))


async def test_a_store_that_is_closed_hears_nothing(url):
    store = await open_store(url)
    await heard(store)
    waiting = asyncio.create_task(heard(store))
    await asyncio.sleep(0)

    await store.close()

    with pytest.raises(StoreUnavailableError):
        await waiting
