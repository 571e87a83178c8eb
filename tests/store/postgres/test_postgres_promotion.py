"""After a standby was promoted it is the server, and the one that was left behind is never written to nor read."""

import asyncio

import pytest

from gateway.core.errors import StoreUnavailableError
from gateway.flow.ports import EVERYTHING, Topic
from gateway.store.postgres.opening import open_database
from gateway.store.postgres.server import Server
from tests.postgres import GivenServer
from tests.store.postgres.databases import Databases
from tests.store.postgres.pairs import asked, at, database_of, running_pair, until_waiting
from tests.store.postgres.senders import Patience
from tests.store.proof import assert_sound
from tests.store.samples import a_partner, an_entry

_LEAVES = "SELECT count(*) FROM leaves"


@pytest.fixture
def pair(servers_folder):
    with running_pair(servers_folder) as running:
        yield running


async def test_nodes_follow_a_promotion_though_the_old_primary_lives_on(pair):
    database = database_of(await Databases(GivenServer(pair.primary.url)).new_store())
    url = pair.url(database)
    old, new = at(pair.primary, url), at(pair.standby, url)
    until_done = Patience()  # how slow the machine may be is nothing that is tested here
    hasty = [Server(url=url, patience_s=2.0, answer_s=0.8) for _ in range(2)]
    node, idle = [await until_done(lambda server=server: open_database(server, create=False)) for server in hasty]
    known, unseen, last = an_entry(), an_entry(), an_entry()
    await until_done(lambda: node.log([known]))
    await until_done(lambda: idle.put_items([]))
    assert await until_done(node.changed) == EVERYTHING  # from here on it listens
    assert (await until_done(idle.head)).size == 1

    await asyncio.to_thread(pair.standby.promote)
    with pytest.raises(StoreUnavailableError):  # the old primary waits for a standby that it has no more
        await node.log([unseen])
    await until_waiting(old)
    await until_done(lambda: node.log([unseen]))

    assert (await asked(old, _LEAVES), await asked(new, _LEAVES)) == (1, 2)
    assert (await until_done(node.head)).size == 2
    await until_done(lambda: idle.log([last]))  # which leaves its readers behind as well
    assert (await until_done(idle.head)).size == 3

    assert await until_done(node.changed) == EVERYTHING  # it was deaf for a while
    partner, entry = a_partner(), an_entry()
    await until_done(lambda: idle.put_partner(partner, entry))
    while Topic.PARTNERS not in await until_done(node.changed):
        pass

    starting = await open_database(Server(url=url), create=False)  # the old primary stands first in its list
    assert (await starting.head()).size == 4

    pair.standby.pause()
    for ask in (node.head, node.head, lambda: node.log([an_entry()])):
        with pytest.raises(StoreUnavailableError):
            await ask()
    told = ""
    while "left behind" not in told:  # the one that answers is the old one, sooner or later
        with pytest.raises(StoreUnavailableError) as refused:
            await node.log([an_entry()])
        told = str(refused.value)
    pair.standby.resume()
    await until_done(lambda: node.log([last]))
    await assert_sound(starting)
    assert await asked(old, _LEAVES) == 1
    for each in (node, idle, starting):
        await each.close()
