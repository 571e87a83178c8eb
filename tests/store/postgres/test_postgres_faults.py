"""Whatever is cut beneath a node, nothing acknowledged is lost, nothing counts twice, and the store goes on."""

import asyncio
import contextlib
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from gateway.core.audit.entry import Outcome
from gateway.core.catalogue.search import ItemFilter
from gateway.core.errors import CorruptedError, InvalidDocumentError, StoreUnavailableError
from gateway.core.model import DeliveryState
from gateway.flow.ports import ItemPage, Taken
from gateway.store import open_store
from tests.patience import until
from tests.store.postgres.senders import Patience
from tests.store.proof import assert_sound
from tests.store.samples import NOW, a_claim, a_nonce, a_submission, an_entry, an_item, settled, well

_CUT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


# Whether anybody waits for a lock.
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def test_connections_cut_at_any_moment_lose_nothing_acknowledged_and_double_nothing(nodes, beneath):
    intakes = [a_submission("ankang") for _ in range(240)]
    settled_by_us: list[str] = []
    until_done = Patience()

    async def send(number):
        for intake in intakes[number::8]:
            (taken,) = await until_done(lambda intake=intake: nodes[number % 2].receive(a_nonce(), [intake]))
            assert taken.receipt == intake.exchange.receipt
            if number == 0:  # the other seven, and whoever settles, are in the middle of something
                await beneath.execute(_CUT)

    async def settle(node):
        while len(settled_by_us) < len(intakes):
            claimed = await until_done(lambda: node.claim("ankang", number=a_claim(), limit=8, now=NOW))
            verdicts = [settled(delivery, entry=an_entry()) for delivery in claimed]
            await until_done(lambda verdicts=verdicts: node.conclude(verdicts, well()))
            settled_by_us.extend(delivery.id for delivery in claimed)
            if not claimed:  # a claim whose answer was lost is held by nobody
                await until_done(lambda: node.attend((), lease_s=60))

    await asyncio.gather(settle(nodes[0]), *(send(number) for number in range(8)))

    assert until_done.unanswered, "no cut met anybody"
    assert {each.state for each in await nodes[1].deliveries(limit=1000)} == {DeliveryState.SETTLED}
    assert len(await nodes[1].deliveries(limit=1000)) == len(intakes)
    assert (await nodes[1].head()).size == 2 * len(intakes)
    await assert_sound(nodes[0])


async def test_a_cut_connection_fails_its_batch_and_the_next_batch_has_another(nodes, beneath):
    node = nodes[0]
    await node.log([an_entry()])
    await beneath.execute("BEGIN; SELECT size FROM tree FOR UPDATE")
    waiting = [asyncio.create_task(node.log([an_entry()])) for _ in range(3)]
    await until(lambda: beneath.fetchval(_WAITING))

    await beneath.execute(_CUT)
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    await beneath.execute("ROLLBACK")

    assert {type(outcome) for outcome in outcomes} == {StoreUnavailableError}
    await node.log([an_entry()])
    assert (await nodes[1].head()).size == 2


@pytest.mark.parametrize("applied", [False, True])
async def test_a_commit_whose_answer_is_lost_is_found_by_asking_again(url, applied):
    store: Any = await open_store(url)
    intake = a_submission("ankang")
    await store.log([an_entry()])
    writer = store._exchanging._work.__self__
    writer._connection = LosingConnection(writer._connection, applied=applied)

    with pytest.raises(StoreUnavailableError):
        await store.receive(a_nonce(), [intake])

    (again,) = await store.receive(a_nonce(), [intake])
    assert again == Taken(receipt=intake.exchange.receipt, number=intake.exchange.subject, first=not applied)
    assert (await store.head()).size == 2
    await assert_sound(store)
    await store.close()


class LosingConnection:
    """A connection that breaks at its commit."""

    def __init__(self, connection: asyncpg.Connection, *, applied: bool) -> None:
        self._connection = connection
        self._applied = applied

    def __getattr__(self, name):
        return getattr(self._connection, name)

    async def execute(self, sql, *values, **options):
        if sql != "COMMIT":
            return await self._connection.execute(sql, *values, **options)
        if self._applied:
            await self._connection.execute(sql, **options)
        self._connection.terminate()
        raise ConnectionResetError


async def test_a_node_that_holds_the_tree_keeps_others_waiting_only_so_long(url, beneath):
    until_done = Patience()  # whatever else this machine is busy with
    store = await until_done(lambda: open_store(url, patience_s=0.2))
    await beneath.execute("BEGIN; SELECT size FROM tree FOR UPDATE")

    entry = an_entry()
    with pytest.raises(StoreUnavailableError):
        await store.log([entry])
    await until_done(lambda: store.put_items([an_item()]))  # what appends nothing waits for nobody

    await beneath.execute("ROLLBACK")
    await until_done(lambda: store.log([entry]))
    assert (await until_done(store.head)).size == 1
    await store.close()


async def test_a_job_that_fails_takes_no_other_with_it(nodes):
    entry = an_entry()
    await nodes[0].log([entry])
    forged = replace(entry, entry=replace(entry.entry, outcome=Outcome.FAILED))

    outcomes = await asyncio.gather(
        nodes[0].log([an_entry()]), nodes[0].log([forged]), nodes[0].log([an_entry()]), return_exceptions=True
    )

    assert [type(outcome) for outcome in outcomes] == [type(None), CorruptedError, type(None)]
    assert (await nodes[1].head()).size == 3


async def test_a_job_that_hides_what_went_wrong_beneath_it_is_not_told_that_it_was_done(url):
    store: Any = await open_store(url)

    async def hide(session):
        with contextlib.suppress(asyncpg.PostgresError):
            await session._connection.execute("SELECT 1 / 0")
        return "done"

    with pytest.raises(StoreUnavailableError):
        await store._exchange(hide)
    await store.log([an_entry()])
    await store.close()


async def test_a_text_that_postgresql_cannot_keep_is_the_senders_to_change(nodes):
    with pytest.raises(InvalidDocumentError) as raised:
        await nodes[0].put_items([an_item(), an_item(name="\0")])

    assert raised.value.code == "text_not_storable"
    assert await nodes[0].find_items(ItemFilter()) == ItemPage(items=())


async def test_requests_that_arrive_together_share_one_commit(nodes, beneath):
    before = await beneath.fetchval("SELECT count(DISTINCT xmin::text) FROM taken_exchanges")
    assert before == 0

    await asyncio.gather(*(nodes[0].receive(a_nonce(), [a_submission("ankang")]) for _ in range(50)))

    assert await beneath.fetchval("SELECT count(DISTINCT xmin::text) FROM taken_exchanges") == 1


async def test_a_closed_store_says_so(url):
    store: Any = await open_store(url)
    await store.close()

    with pytest.raises(StoreUnavailableError):
        await store.log([an_entry()])
    with pytest.raises(StoreUnavailableError):
        await store.head()


async def test_leaves_that_do_not_continue_the_tree_stop_the_log(nodes, beneath):
    await nodes[0].log([an_entry() for _ in range(3)])
    await beneath.execute("INSERT INTO leaves VALUES (4, '')")

    with pytest.raises(CorruptedError) as raised:
        await nodes[0].log([an_entry(), an_entry()])

    assert raised.value.code == "log_gap"
    assert (await nodes[0].head()).size == 3


async def test_tiles_that_do_not_have_the_stored_root_stop_the_log(nodes, beneath):
    await nodes[0].log([an_entry() for _ in range(3)])
    await beneath.execute("UPDATE tiles SET hashes = decode(repeat('00', 96), 'hex')")

    with pytest.raises(CorruptedError) as raised:
        await nodes[1].log([an_entry()])

    assert raised.value.code == "log_root_differs"


async def test_a_head_that_moved_meanwhile_fences_the_append(nodes, beneath):
    await nodes[0].log([an_entry()])
    # Somebody who does not hold the lock: another sequencer that woke up too late, or a restored copy.
    await beneath.execute("""
        CREATE FUNCTION move_head() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN IF NEW.size > 1 THEN RETURN NULL; END IF; RETURN NEW; END $$;
        CREATE TRIGGER another_sequencer BEFORE UPDATE ON tree FOR EACH ROW EXECUTE FUNCTION move_head();
    """)
    try:
        with pytest.raises(CorruptedError) as raised:
            await nodes[0].log([an_entry()])
    finally:
        await beneath.execute("DROP TRIGGER another_sequencer ON tree; DROP FUNCTION move_head")

    assert raised.value.code == "log_forked"
    assert len(await nodes[0].leaves(0, 10)) == 1


async def test_salts_are_kept_beside_the_log(nodes, beneath):
    salted, bare = an_entry(salt=b"s" * 16), an_entry()

    await nodes[0].log([salted, bare])

    rows = await beneath.fetch("SELECT position, salt FROM entry_salts")
    assert [tuple(row) for row in rows] == [(0, b"s" * 16)]
