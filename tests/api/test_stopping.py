"""A server that is told to stop: it says so first, and whatever has begun to be asked is answered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web

from gateway.api.app import build_app
from gateway.api.serving import GatewayRunner
from gateway.flow.ports import Store
from tests.api.described import check_problem
from tests.api.raw_http import Told, read_answer, say, until_refused
from tests.api.world import SYSTEM, an_application, an_exchange, wire
from tests.patience import PATIENCE_S

APPLICATIONS = "/federation/v1/applications"
ALIVE = b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"


class HeldStore:
    """A store that takes nothing until it is let go."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.free, self.waiting = asyncio.Event(), asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    async def receive(self, *taken: Any) -> Any:
        self.waiting.set()
        await self.free.wait()
        return await self.store.receive(*taken)


@dataclass(kw_only=True)
class Link:
    """A connection to the server, on which a test says what it wants in pieces."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def say(self, piece: bytes) -> None:
        self.writer.write(piece)

    async def answer(self) -> Told | None:
        return await read_answer(self.reader)


@dataclass(kw_only=True)
class Stoppable:
    """A server, and the connections that were made to it."""

    runner: GatewayRunner
    port: int
    links: list[Link]

    async def link(self, *pieces: bytes) -> Link:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.links.append(Link(reader=reader, writer=writer))
        for piece in pieces:
            writer.write(piece)
        return self.links[-1]

    async def waiting_link(self) -> Link:
        """Return a connection that has been used and waits for more."""
        link = await self.link(ALIVE)
        assert (await link.answer()) is not None
        return link

    async def until_known(self, link: Link) -> None:
        """Wait until whatever was said on a link has reached the server: what is said later on another came later."""
        await link.writer.drain()
        for _ in range(5):
            assert await say(self.port, ALIVE)


@asynccontextmanager
async def stoppable(store: Any) -> AsyncIterator[Stoppable]:
    runner = GatewayRunner(build_app(wire(store)), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server = Stoppable(runner=runner, port=runner.addresses[0][1], links=[])
    try:
        yield server
    finally:
        for link in server.links:
            link.writer.close()
        await runner.cleanup()


@pytest.fixture
async def server(store):
    async with stoppable(store) as running:
        yield running


def submission(exchange: str) -> tuple[bytes, bytes]:
    """Return the head and the body of an application that is sent by hand."""
    body = an_application()
    headers = SYSTEM.headers("POST", APPLICATIONS, body, exchange=exchange)
    lines = ["POST " + APPLICATIONS + " HTTP/1.1", "Host: h", f"Content-Length: {len(body)}"]
    lines += ["Content-Type: application/json", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode(), body


async def test_it_is_not_ready_first_and_every_answer_is_the_last_on_its_connection(server):
    before = await say(server.port, b"GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n")
    server.runner.begin_stop()

    ready = await say(server.port, b"GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n")
    head, body = submission(an_exchange())
    taken = await say(server.port, head + body)

    assert before is not None
    assert before.status == 200
    assert "connection" not in before.headers
    assert ready is not None
    assert (ready.status, ready.document["status"]) == (503, "not_ready")
    assert ready.document["checks"][-1] == {"name": "serving", "ok": False, "code": "gateway_stopping"}
    assert taken is not None
    assert (taken.status, taken.headers["connection"]) == (202, "close")


async def test_whatever_has_begun_to_be_asked_is_answered(server, store):
    exchange = an_exchange()
    head, body = submission(exchange)
    half_head, half_body = await server.link(ALIVE[:20]), await server.link(head, body[:100])
    await server.until_known(half_head)
    await server.until_known(half_body)

    stopping = asyncio.create_task(server.runner.stop_within(PATIENCE_S))
    await until_refused(server.port)
    half_head.say(ALIVE[20:])
    half_body.say(body[100:])
    alive, taken = await half_head.answer(), await half_body.answer()
    await stopping

    assert alive is not None
    assert (alive.status, alive.headers["connection"]) == (200, "close")
    assert taken is not None
    assert (taken.status, taken.document["exchange"], taken.headers["connection"]) == (202, exchange, "close")
    assert await store.taken(exchange)


async def test_one_that_waits_for_the_store_is_answered_once_the_store_is_there(store):
    held = HeldStore(store)
    async with stoppable(held) as server:
        link = await server.link(*submission(an_exchange()))
        await held.waiting.wait()

        stopping = asyncio.create_task(server.runner.stop_within(PATIENCE_S))
        await until_refused(server.port)
        held.free.set()
        told = await link.answer()
        await stopping

    assert told is not None
    assert told.status == 202


async def test_one_that_cannot_be_finished_is_told_to_repeat_and_leaves_nothing(store):
    held, exchange = HeldStore(store), an_exchange()
    async with stoppable(held) as server:
        link = await server.link(*submission(exchange))
        await held.waiting.wait()

        await server.runner.stop_within(0)
        told = await link.answer()

    assert told is not None
    assert (told.status, check_problem(told.document)["code"]) == (503, "gateway_stopping")
    assert (told.headers["connection"], told.headers["retry-after"]) == ("close", "4")
    assert await store.taken(exchange) is None


async def test_a_body_that_does_not_come_is_not_waited_for_for_ever(server):
    head, body = submission(an_exchange())
    link = await server.link(head, body[:100])
    await server.until_known(link)

    await server.runner.stop_within(0)
    told = await link.answer()

    assert told is not None
    assert (told.status, told.document["code"]) == (503, "gateway_stopping")


async def test_a_head_that_does_not_come_is_given_up(server):
    link = await server.link(ALIVE[:20])
    await server.until_known(link)

    await server.runner.stop_within(0)

    assert await link.answer() is None


async def test_connections_that_wait_for_nothing_are_closed_at_once(server):
    used, fresh = await server.waiting_link(), await server.link()

    await server.runner.stop_within(PATIENCE_S)

    assert [await used.answer(), await fresh.answer()] == [None, None]
