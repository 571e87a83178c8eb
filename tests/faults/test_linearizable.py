"""One effect for one exchange id, always: whatever clients ask at once, whatever fails, some order explains it all.

Clients submit, repeat, contradict and ask, at once, about a few exchanges; stores say that they are away although they
have done what was asked, connections are cut, callers give up. Whoever got no answer does not know. What all of them
were told must be what one store would have told that does one thing at a time.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.errors import ConflictError, RetryableError
from gateway.flow.ports import Intake, Store, Taken
from gateway.store import open_store
from tests.faults.history import (
    Absent,
    Answer,
    Contradicted,
    Found,
    History,
    Look,
    Question,
    Receipted,
    Take,
    after,
    impossible,
)
from tests.store.postgres.databases import Databases
from tests.store.postgres.senders import Patience
from tests.store.samples import a_nonce, a_submission, an_id

CLIENTS, ROUNDS, EXCHANGES = 8, 12, 6


class Unkind:
    """A store whose answers are lost now and then, before or after what was asked has happened."""

    def __init__(self, store: Store, chance: random.Random, often: float) -> None:
        self._store, self._chance, self._often = store, chance, often

    def __getattr__(self, name: str) -> Any:
        asked = getattr(self._store, name)

        async def answered(*values: Any) -> Any:
            drawn = self._chance.random()
            if drawn < self._often:
                raise RetryableError("away before")
            told = await asked(*values)
            if drawn < 2 * self._often:
                raise RetryableError("away after")
            return told

        return answered


class Forgetful:
    """A store that does not remember what it has taken: every time is the first."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def receive(self, nonce: Any, intakes: Sequence[Intake], entries: Any = ()) -> Any:
        told = await self._store.receive(nonce, intakes, entries)
        return tuple(
            Taken(receipt=intake.exchange.receipt, number=intake.exchange.subject, first=True)
            if isinstance(each, Taken)
            else each
            for intake, each in zip(intakes, told, strict=True)
        )


class Stale:
    """A store that answers questions out of what it knew a moment ago."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def taken(self, exchange: str) -> Any:
        before = self._seen.get(exchange)
        self._seen[exchange] = await self._store.taken(exchange)
        return before


def intake_of(question: Take) -> Intake:
    """Return an attempt at an exchange: with a number, an entry and a receipt of its own, like every attempt."""
    whole = a_submission("ankang", id=question.exchange, digest=question.digest)
    return replace(whole, exchange=replace(whole.exchange, receipt=question.receipt))


async def asked(store: Any, question: Question) -> Answer | None:
    """Put a question to a store; None where its answer is that it does not know."""
    try:
        if isinstance(question, Look):
            found = await store.taken(question.exchange)
            return Absent() if found is None else Found(receipt=found.receipt)
        (told,) = await store.receive(a_nonce(), [intake_of(question)])
    except RetryableError:
        return None
    if isinstance(told, ConflictError):
        assert told.code == "exchange_reused"
        return Contradicted()
    return Receipted(receipt=told.receipt, first=told.first)


def questions(chance: random.Random, exchanges: Sequence[str]) -> Question:
    exchange = chance.choice(exchanges)
    if chance.random() < 0.3:
        return Look(exchange=exchange)
    return Take(exchange=exchange, digest=chance.choice(("one", "one", "other")), receipt=f"receipt-{an_id()}")


async def crowd(seed: int, stores: Sequence[Any], *, give_up: float = 0.0) -> tuple[History, list[str]]:
    """Let clients ask at once, each whichever node it meets; some give up in the middle."""
    chance, history = random.Random(seed), History()
    exchanges = [an_id() for _ in range(EXCHANGES)]

    async def client(name: str) -> None:
        for _ in range(ROUNDS):
            question, store = questions(chance, exchanges), chance.choice(stores)
            task = asyncio.create_task(history.ask(name, question, partial(asked, store)))
            if chance.random() < give_up:
                for _ in range(chance.randrange(4)):
                    await asyncio.sleep(0)
                task.cancel()
            await asyncio.wait([task])

    await asyncio.gather(*(client(f"client {number}") for number in range(CLIENTS)))
    for exchange in exchanges:
        question = Look(exchange=exchange)
        while await history.ask("last", question, partial(asked, stores[0])) is None:
            pass
    return history, exchanges


async def effects(store: Store, exchanges: Sequence[str]) -> Counter[str]:
    """Return how many deliveries each exchange has, which is how often something would happen at its receiver."""
    return Counter(each.exchange for each in await store.deliveries(limit=1000) if each.exchange in exchanges)


@pytest.fixture
async def url(postgres):
    databases = Databases(postgres)
    yield await databases.new_store()
    databases.take_back()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path) -> tuple[str, int]:
    """Where a store is, and by how many nodes it is opened; beside the one of SQLite there may be a command."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db", 2
    return request.getfixturevalue("url"), 3


@asynccontextmanager
async def opened(url: str, count: int) -> AsyncIterator[list[Store]]:
    stores = [await open_store(url, create=True) for _ in range(count)]
    try:
        yield stores
    finally:
        for store in stores:
            await store.close()


async def test_nodes_that_lose_answers_and_callers_that_give_up(place, soak):
    async with opened(*place) as stores:
        for seed in soak:
            unkind = [Unkind(store, random.Random(seed), 0.1) for store in stores]

            history, exchanges = await crowd(seed, unkind, give_up=0.15)

            assert not impossible(history.calls)
            taken = {each for each in exchanges if await stores[0].taken(each)}
            assert await effects(stores[0], exchanges) == Counter(dict.fromkeys(taken, 1))


@pytest.fixture
async def beneath(url):
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


async def test_connections_that_are_cut_under_the_nodes(url, beneath, soak):
    async with opened(url, 3) as stores:
        for seed in soak:
            cutting = asyncio.create_task(cut(beneath, random.Random(seed)))

            history, exchanges = await crowd(seed, stores)
            cutting.cancel()
            await asyncio.wait([cutting])

            assert not impossible(history.calls)
            until_done = Patience()  # the last cut may be felt only now
            taken = {each for each in exchanges if await until_done(partial(stores[0].taken, each))}
            found = await until_done(partial(effects, stores[0], exchanges))
            assert found == Counter(dict.fromkeys(taken, 1))


async def cut(beneath: asyncpg.Connection, chance: random.Random) -> None:
    """End somebody's connection, over and over."""
    others = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    while True:
        await asyncio.sleep(0.02 + 0.05 * chance.random())
        if found := await beneath.fetch(others):
            await beneath.execute("SELECT pg_terminate_backend($1)", chance.choice(found)["pid"])


@pytest.mark.parametrize("broken", [Forgetful, Stale])
async def test_a_store_that_is_broken_on_purpose_is_found_out(tmp_path, broken):
    async with opened(f"sqlite:///{tmp_path}/store.db", 1) as stores:
        history, _ = await crowd(1, [broken(stores[0])])

    assert impossible(history.calls)


ASKED = st.lists(
    st.tuples(
        st.sampled_from(["one", "other", ""]),  # a body, or only a look
        st.integers(0, 2),  # the exchange
        st.integers(0, 2),  # the node
        st.sampled_from(["answered", "lost", "reopened"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked_for=ASKED)
def test_one_after_another_every_answer_is_the_models(place_of_one, asked_for):
    async def run() -> None:
        ids = [an_id() for _ in range(3)]
        states: dict[str, Any] = dict.fromkeys(ids)
        stores = [await open_store(place_of_one, create=True) for _ in range(3)]
        for digest, which, node, fate in asked_for:
            question: Question = Look(exchange=ids[which])
            if digest:
                question = Take(exchange=ids[which], digest=digest, receipt=f"receipt-{an_id()}")
            answer = await asked(stores[node], question)
            told = None if fate == "lost" else answer
            then = after(states[ids[which]], question, told)
            assert then, (states[ids[which]], question, told)
            (states[ids[which]],) = then
            if fate == "reopened":
                await stores[node].close()
                stores[node] = await open_store(place_of_one)
        for store in stores:
            await store.close()

    asyncio.run(run())


@pytest.fixture(params=["sqlite", "postgresql"])
def place_of_one(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store.db"
        return
    databases = Databases(request.getfixturevalue("postgres"))
    yield asyncio.run(databases.new_store())
    databases.take_back()
