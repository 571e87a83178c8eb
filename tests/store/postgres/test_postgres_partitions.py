"""Partitions come and go beside whoever reads and writes, and nobody finds less than there is, or is refused for it."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from gateway.core.catalogue.search import ItemFilter
from gateway.core.errors import StoreUnavailableError
from gateway.core.model import DocumentKind
from gateway.flow.ports import Retired, Retirement
from gateway.store import open_store
from gateway.store.postgres.opening import open_database
from gateway.store.postgres.readers import CONNECTIONS
from gateway.store.postgres.retention import make_log_room
from gateway.store.postgres.server import Server
from gateway.store.postgres.session import Session
from tests.patience import PATIENCE_S
from tests.store.postgres.databases import Databases
from tests.store.samples import NOW, a_nonce, a_submission, an_entry

LONG_AFTER = datetime.now(UTC) + timedelta(days=100)  # it lies behind the last partition of a new store
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
_HELD = """
    SELECT relation::regclass::text FROM pg_locks
    WHERE pid = pg_backend_pid() AND mode = 'AccessExclusiveLock' AND relation::regclass::text !~ '[0-9]'
"""


@pytest.fixture
async def url(postgres):
    """The URL of an empty store that nobody uses afterwards: partitions stay."""
    url = await postgres.new_database(like=await Databases(postgres).untouched_store())
    yield url
    await postgres.drop_database(url)


@pytest.fixture
async def watching(url):
    """A connection outside of all transactions: within one, who waits is seen once."""
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


async def patient_store(url):
    """Open a store that waits for locks as long as a test may take."""
    return await open_database(Server(url=url, patience_s=PATIENCE_S, answer_s=PATIENCE_S), create=False)


async def until_waiting(connection, count):
    """Return once so many wait for a lock."""
    while True:
        if await connection.fetchval(_WAITING) >= count:
            return
        await asyncio.sleep(0.01)


async def test_what_comes_or_is_asked_for_while_its_partition_is_made_is_neither_refused_nor_missed(
    url, beneath, watching
):
    first, second = [await patient_store(url) for _ in range(2)]
    early, late = (a_submission("ankang", received_at=LONG_AFTER) for _ in range(2))
    (promised,) = await first.receive(a_nonce(), [early])
    making = Session(beneath)

    async with making.transaction():
        await first._housekeeper._make_months(making, LONG_AFTER)
        asked = [
            asyncio.create_task(first.receive(a_nonce(), [late])),
            asyncio.create_task(second.receive(a_nonce(), [early])),
            asyncio.create_task(second.taken(early.exchange.id)),
        ]
        await until_waiting(watching, len(asked))

    (taken,), (repeated,), found = await asyncio.gather(*asked)
    assert (taken.first, repeated.first, repeated.receipt) == (True, False, promised.receipt)
    assert found == early.exchange
    for store in (first, second):
        await store.close()


async def test_a_table_is_left_alone_while_a_partition_of_it_is_made(nodes, beneath):
    making = Session(beneath)

    async with making.transaction():
        await nodes[0]._housekeeper._make_months(making, LONG_AFTER)
        await make_log_room(making, 5 << 20, 1)
        held = {row["relation"] for row in await beneath.fetch(_HELD)}

    assert held >= {"taken_exchanges", "leaves", "entry_index", "entry_salts"}


async def test_a_store_whose_every_partition_is_old_goes_on_making_them(url, beneath):
    store = await open_store(url)
    await store.make_room(NOW)
    for _ in range(2):
        await store.receive(a_nonce(), [a_submission()])

    await store.retire(
        Retirement(
            kind=Retired.EXCHANGES, before=LONG_AFTER, size=0, root=b"r" * 32, entry="an entry", retired_at=LONG_AFTER
        ),
        an_entry(),
    )
    await store.discard()
    assert (await store.stock(LONG_AFTER, 0)).exchanges == 0
    await store.make_room(LONG_AFTER)

    new = a_submission(received_at=LONG_AFTER)
    await store.receive(a_nonce(), [new])
    assert await beneath.fetchval(f"SELECT count(*) FROM taken_exchanges_{LONG_AFTER:%Y_%m}") == 1
    await store.close()


async def test_searches_that_take_long_leave_connections_to_what_is_short(url, beneath, watching):
    store = await patient_store(url)
    await beneath.execute("BEGIN; LOCK TABLE items IN ACCESS EXCLUSIVE MODE")
    wanted = ItemFilter(kind=DocumentKind.SERVICE_ITEM)

    searching = [asyncio.create_task(store.find_items(wanted)) for _ in range(2 * CONNECTIONS)]
    await until_waiting(watching, CONNECTIONS // 2)
    assert (await store.head()).size == 0
    assert not any(task.done() for task in searching)

    await beneath.execute("ROLLBACK")
    assert {page.items for page in await asyncio.gather(*searching)} == {()}
    await store.close()


async def test_a_search_that_is_given_up_is_given_up(url, beneath, watching):
    store = await patient_store(url)
    await beneath.execute("BEGIN; LOCK TABLE items IN ACCESS EXCLUSIVE MODE")

    searching = asyncio.create_task(store.find_items(ItemFilter(kind=DocumentKind.SERVICE_ITEM)))
    await until_waiting(watching, 1)
    searching.cancel()

    with pytest.raises(asyncio.CancelledError):
        await searching
    await store.close()


async def test_a_server_that_lets_its_keeper_in_no_more_is_one_that_is_away(url, beneath):
    place, role = urlsplit(url), f"keeper_{os.getpid()}"
    await beneath.execute(f"CREATE ROLE {role} SUPERUSER LOGIN PASSWORD 'open'")
    store = await open_store(urlunsplit(place._replace(netloc=f"{role}:open@{place.netloc.rpartition('@')[2]}")))
    await beneath.execute(f"ALTER ROLE {role} NOLOGIN")

    with pytest.raises(StoreUnavailableError):
        await store.make_room(NOW)

    await store.close()
    await beneath.execute(f"DROP ROLE {role}")
