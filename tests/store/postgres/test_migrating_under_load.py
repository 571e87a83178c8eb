"""A store is migrated while nodes of the release before take, carry and log: nothing fails but to be tried again."""

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

import asyncpg
import pytest

from gateway.core.errors import StoreUnavailableError
from gateway.core.model import DeliveryState
from gateway.store import migrate, open_store
from gateway.store.postgres.schema import apply_migrations, known_migrations
from tests.patience import PATIENCE_S
from tests.store.postgres.older_node import OlderNode
from tests.store.proof import assert_sound
from tests.store.samples import NOW, a_claim, a_nonce, a_submission, an_entry, settled, well

CONTRACTIONS = ("0006_partitions_alone", "0007_one_index_less")


@dataclass
class Traffic:
    """What callers sent, and what was acknowledged to them."""

    acknowledged: dict[str, str] = field(default_factory=dict)  # receipts by exchange
    carried: list[str] = field(default_factory=list)  # exchanges, by older nodes
    ended: bool = False

    async def through(self, node: OlderNode) -> None:
        """Send application after application to an older node, and have it carry them, until told to end."""
        while not self.ended:
            intake = a_submission("ankang", "yichang")
            while intake.exchange.id not in self.acknowledged:
                with suppress(StoreUnavailableError):
                    self.acknowledged[intake.exchange.id] = await node.receive(a_nonce(), intake)
            with suppress(StoreUnavailableError):
                self.carried += await node.relay("ankang")

    async def through_new(self, store) -> None:
        """The same to a node of this release."""
        while not self.ended:
            intake = a_submission("ankang", "yichang")
            while intake.exchange.id not in self.acknowledged:
                with suppress(StoreUnavailableError):
                    (taken,) = await store.receive(a_nonce(), [intake])
                    self.acknowledged[intake.exchange.id] = taken.receipt

    async def grows(self, by: int = 15) -> None:
        """Wait until so many more were acknowledged."""
        wanted = len(self.acknowledged) + by
        async with asyncio.timeout(PATIENCE_S):
            while True:
                if len(self.acknowledged) >= wanted:
                    return
                await asyncio.sleep(0.01)


@asynccontextmanager
async def running(traffic: Traffic, *jobs):
    """Have callers go on until the block ends; whatever fails in one of them, fails there."""
    traffic.ended = False
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        yield
    finally:
        traffic.ended = True
        await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE_S)


@pytest.fixture
async def old_store(postgres_url):
    """A store as the first release on PostgreSQL made it."""
    connection = await asyncpg.connect(postgres_url)
    await apply_migrations(connection, known_migrations()[:1])
    await connection.close()
    return postgres_url


async def test_nothing_is_lost_doubled_or_refused_for_good_while_a_store_is_expanded_and_contracted(old_store):
    traffic = Traffic()
    older = [await OlderNode.start(old_store) for _ in range(2)]
    async with running(traffic, *(traffic.through(node) for node in older)):
        await traffic.grows()
        expanded = await migrate(old_store)
        assert expanded.waiting == CONTRACTIONS
        assert (
            expanded.applied == tuple(each.name for each in known_migrations() if each.name not in expanded.waiting)[1:]
        )
        await traffic.grows()

        new = await open_store(old_store)
        await new.attend((), lease_s=PATIENCE_S)
        joined = asyncio.create_task(traffic.through_new(new))
        await traffic.grows()
        await _taken_by_both_once(older[0], new)
    await joined
    for node in older:
        await node.stop()

    await _until_alone(old_store)
    async with running(traffic, traffic.through_new(new)):
        await traffic.grows()
        assert await migrate(old_store) == replace(expanded, applied=CONTRACTIONS, waiting=())
        await new.make_room(NOW)
        await traffic.grows()

    await _everything_is_there(new, traffic)
    await new.close()


async def test_a_node_of_the_older_release_that_starts_again_finds_a_store_that_it_knows(old_store):
    connection = await asyncpg.connect(old_store)
    node = await OlderNode.start(old_store)
    await migrate(old_store)

    # What that release asked at its start: which migrations there are.
    applied = await connection.fetch("SELECT number, checksum FROM tongban_migrations ORDER BY number")

    assert [tuple(row) for row in applied] == [(1, known_migrations()[0].checksum)]
    await node.stop()
    await connection.close()


async def test_a_node_of_the_older_release_that_comes_too_late_can_harm_nothing(old_store):
    await migrate(old_store)
    node = await OlderNode.start(old_store)
    store = await open_store(old_store)
    await store.receive(a_nonce(), [a_submission("ankang")])

    with pytest.raises(StoreUnavailableError):
        await node.receive(a_nonce(), a_submission("ankang"))

    assert (await store.head()).size == 1
    await assert_sound(store)
    await node.stop()
    await store.close()


async def _taken_by_both_once(older, new):
    for _ in range(10):
        first = a_submission("ankang")
        other = replace(first, exchange=replace(first.exchange, receipt="another"), entry=an_entry())

        one, (two,) = await asyncio.gather(_insisted(older, first), _insisted_new(new, other))

        assert one == two.receipt
        assert len(await new.deliveries(subject=first.exchange.subject)) == 1


async def _insisted(node, intake):
    while True:
        with suppress(StoreUnavailableError):
            return await node.receive(a_nonce(), intake)


async def _insisted_new(store, intake):
    while True:
        with suppress(StoreUnavailableError):
            return await store.receive(a_nonce(), [intake])


async def _everything_is_there(store, traffic):
    await assert_sound(store)
    for exchange, receipt in traffic.acknowledged.items():
        taken = await store.taken(exchange)
        assert (taken.receipt, len(await store.history(taken.subject))) == (receipt, 1)
        carried = await store.deliveries(subject=taken.subject)
        assert sorted(each.destination for each in carried) == ["ankang", "yichang"]
    assert len(set(traffic.carried)) == len(traffic.carried)
    settled_by = {each.exchange for each in await _all(store, DeliveryState.SETTLED) if each.destination == "ankang"}
    assert settled_by == set(traffic.carried)
    while claimed := await store.claim("yichang", number=a_claim(), limit=100, now=NOW):
        await store.conclude([settled(each, entry=an_entry()) for each in claimed], well("yichang"))
    assert {each.destination for each in await _all(store, DeliveryState.DUE)} <= {"ankang"}


async def _all(store, state):
    found, after = [], ""
    while page := await store.deliveries(state=state, after=after, limit=1000):
        found += page
        after = page[-1].id
    return found


async def _until_alone(url):
    """Wait until the server has noticed that the older nodes are gone."""
    connection = await asyncpg.connect(url)
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if not await connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tongban'"
            ):
                break
            await asyncio.sleep(0.01)
    await connection.close()
