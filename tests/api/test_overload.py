"""Past its capacity the interface answers 503 with Retry-After at once, and goes on with what it has let in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.api.app import build_app
from gateway.api.limits import Limits
from gateway.flow.ports import EntryFilter, Store
from tests.api.described import check_problem
from tests.api.raw_http import Told, read_answer, say
from tests.api.served import Answered, Served, served
from tests.api.world import PEER, SYSTEM, an_application, an_exchange, wire
from tests.patience import PATIENCE_S, until

APPLICATIONS = "/federation/v1/applications"
ROOM = 8
NEW = 3  # of one sender alone: half of three quarters


class HeldStore:
    """A store that takes nothing until it is let go."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.free = asyncio.Event()
        self.waiting = 0
        self._came = asyncio.Condition()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    async def receive(self, *taken: Any) -> Any:
        async with self._came:
            self.waiting += 1
            self._came.notify_all()
        await self.free.wait()
        return await self.store.receive(*taken)

    async def until_waiting(self, count: int) -> None:
        async with self._came:
            await self._came.wait_for(lambda: self.waiting >= count)


@pytest.fixture
async def held(store):
    return HeldStore(store)


@asynccontextmanager
async def narrow(store: Any, **limits: Any) -> AsyncIterator[Served]:
    parts = wire(store, limits=Limits(**{"inside_least": ROOM, "inside_most": ROOM, **limits}))
    async with served(build_app(parts)) as running:
        yield running


def submitting(gateway: Served, exchange: str) -> asyncio.Task[Answered]:
    return asyncio.create_task(
        gateway.signed(SYSTEM, "POST", APPLICATIONS, an_application(), exchange=exchange), name=exchange
    )


def alive(told: Told | None) -> bool:
    return told is not None and told.status == 200


async def full(gateway: Served, held: HeldStore) -> list[asyncio.Task[Answered]]:
    """Submit as much as is let in; all of it waits for the store."""
    inside = [submitting(gateway, an_exchange()) for _ in range(NEW)]
    await held.until_waiting(NEW)
    return inside


async def test_one_too_many_is_told_to_come_again_and_then_is_taken(held, store):
    async with narrow(held) as gateway:
        inside, exchange = await full(gateway, held), an_exchange()

        refused = await submitting(gateway, exchange)
        held.free.set()
        taken = [await each for each in inside]
        again = await submitting(gateway, exchange)

    assert (refused.status, refused.code, refused.headers["Retry-After"]) == (503, "overloaded", "4")
    assert refused.document["title_zh"] == "当前负载过高"
    assert refused.headers["Cache-Control"] == "no-store"
    assert [each.status for each in (*taken, again)] == [202] * (NEW + 1)
    assert await store.taken(exchange)


async def test_events_and_relayed_exchanges_find_the_room_that_is_kept_for_them(held):
    async with narrow(held) as gateway:
        inside = await full(gateway, held)

        relayed = await gateway.signed(PEER, "POST", "/federation/v1/exchanges", b"[]")
        held.free.set()
        await asyncio.gather(*inside)

    assert relayed.status != 503


async def test_whether_it_is_alive_is_answered_however_full_it_is(held):
    async with narrow(held, inside_least=1, inside_most=1) as gateway:
        inside = [submitting(gateway, an_exchange())]
        await held.until_waiting(1)

        asked = [await gateway.ask("GET", path) for path in ("/healthz", "/readyz", "/.well-known/jwks.json")]
        held.free.set()
        await asyncio.gather(*inside)

    assert [each.status for each in asked] == [200, 200, 503]


async def test_those_turned_away_leave_one_line_and_no_entry_in_the_log(held, store):
    async with narrow(held) as gateway:
        inside = await full(gateway, held)
        with capture_logs() as lines:
            # At once, for who comes a second later is told of in another line.
            refused = await asyncio.gather(*(submitting(gateway, an_exchange()) for _ in range(5)))
            await until(lambda: lines)
        held.free.set()
        await asyncio.gather(*inside)

    assert {each.status for each in refused} == {503}
    assert {each.document["diagnostic"] for each in refused} == {lines[0]["diagnostic"]}
    assert lines == [
        {
            "event": "requests_turned_away",
            "log_level": "warning",
            "count": 5,
            "code": "overloaded",
            "diagnostic": lines[0]["diagnostic"],
        }
    ]
    assert not await store.search(EntryFilter(kind="exchange_refused"), limit=10)


async def test_a_body_is_not_read_where_there_is_no_room_for_it(held):
    async with narrow(held) as gateway:
        inside = await full(gateway, held)
        token = SYSTEM.headers("POST", APPLICATIONS)["Exchange-Token"].encode()
        head = b"POST /federation/v1/applications HTTP/1.1\r\nHost: h\r\nExchange-Token: " + token
        head += b"\r\nContent-Length: 1000000\r\n\r\n"

        told = await say(gateway.port, head)
        expecting = await say(gateway.port, head.replace(b"Host: h", b"Host: h\r\nExpect: 100-continue"))
        held.free.set()
        await asyncio.gather(*inside)

    for each in (told, expecting):
        assert each is not None
        assert (each.status, check_problem(each.document)["code"]) == (503, "overloaded")
        assert each.headers["connection"] == "close"


async def test_bodies_on_their_way_are_bounded_together(parts):
    limits = Limits(held_bytes=100_000, linger_s=0.5)
    async with served(build_app(replace(parts, limits=limits))) as gateway:
        head = b"POST /federation/v1/exchanges HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n"

        told = await say(gateway.port, head, b"x" * 150_000)

    assert told is not None
    assert (told.status, told.document["code"]) == (503, "overloaded")


async def test_a_connection_too_many_is_answered_and_closed_and_the_others_go_on(parts):
    async with served(build_app(replace(parts, limits=Limits(connections=2, linger_s=PATIENCE_S)))) as gateway:
        open_ones = [await asyncio.open_connection("127.0.0.1", gateway.port) for _ in range(2)]
        for reader, writer in open_ones:
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
            assert alive(await read_answer(reader))

        refused = await say(gateway.port, b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
        for reader, writer in open_ones:
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
            assert alive(await read_answer(reader))
            writer.close()

    assert refused is not None
    assert (refused.status, refused.headers["connection"]) == (503, "close")
    assert check_problem(refused.document)["code"] == "overloaded"
    assert int(refused.headers["retry-after"]) >= 1


async def test_connections_that_do_not_go_when_told_are_cut(parts):
    async with served(build_app(replace(parts, limits=Limits(connections=1, linger_s=PATIENCE_S)))) as gateway:
        first, staying, cut = [await asyncio.open_connection("127.0.0.1", gateway.port) for _ in range(3)]

        told = await read_answer(staying[0])
        nothing = await read_answer(cut[0])
        for _, writer in (first, staying, cut):
            writer.close()

    assert told is not None
    assert told.status == 503
    assert nothing is None


async def test_another_time_is_named_to_each(parts):
    chances = iter((0.0, 0.3, 0.5, 0.999))
    drawn = replace(parts, fraction=lambda: next(chances))

    assert [drawn.retry_after_s() for _ in range(4)] == [2, 3, 4, 6]
