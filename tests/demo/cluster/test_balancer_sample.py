"""The sample of a load balancer, run as it ships, before nodes that do what nodes do when they are ended."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from http import HTTPStatus

import aiohttp
import pytest
from aiohttp import web

from gateway.demo.cluster.programs import Program, balancer
from gateway.demo.ports import HOST, free_port
from tests import patience


class FakeNode:
    """Something that listens where a node would, and can be ready or not, and hang up on what it has read."""

    def __init__(self) -> None:
        self.port = free_port()
        self.ready, self.hangs_up = True, False
        self.asked: Counter[str] = Counter()
        self._runner: web.AppRunner | None = None

    async def listen(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self.port).start()

    async def close(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        if request.path == "/readyz":
            return _alone(web.Response(status=200 if self.ready else 503))
        await request.read()
        self.asked[request.method] += 1
        if self.hangs_up and request.transport:
            request.transport.abort()
        return _alone(web.json_response({"port": self.port, "host": request.host}))


def _alone(answer: web.Response) -> web.Response:
    """Return an answer that ends its connection: who keeps one may not know at once that the node is gone."""
    answer.force_close()
    return answer


@pytest.fixture
async def nodes() -> AsyncIterator[tuple[FakeNode, FakeNode]]:
    made = FakeNode(), FakeNode()
    for node in made:
        await node.listen()
    yield made
    for node in made:
        await node.close()


@pytest.fixture
async def url(nodes, tmp_path):
    """The balancer's address, once it answers for both nodes."""
    port = free_port()
    places = tuple(
        Program(region="", name="node", port=node.port, command=(), environ={}, log=tmp_path / "none") for node in nodes
    )
    program = balancer(places, region="", port=port, folder=tmp_path)
    program.start()
    address = f"http://{HOST}:{port}"
    try:
        await until(address, lambda status, _: status == HTTPStatus.OK)
        while not all(node.asked for node in nodes):
            await asked(address, "GET")
        for node in nodes:
            node.asked.clear()
        yield address
    finally:
        await asyncio.to_thread(program.stop)
        assert program.ended_with == 0, (tmp_path / "balancer.log").read_text()


async def until(address, suits):
    """Return once what the balancer answers suits."""

    async def answered():
        with suppress(aiohttp.ClientError):
            status, _, body = await asked(address, "GET", "/readyz")
            return suits(status, body)

    await patience.until(answered)


async def asked(address, method, path="/federation/v1/exchanges", **headers):
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, address + path, data=b"{}" if method == "POST" else None, headers=headers) as answer,
    ):
        return answer.status, answer.headers, await answer.read()


async def test_a_node_that_is_gone_is_passed_over_without_anybody_noticing(nodes, url):
    await nodes[0].close()

    answers = [await asked(url, "POST") for _ in range(4)]

    assert [status for status, _, _ in answers] == [200] * 4
    assert nodes[1].asked["POST"] == 4


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_what_a_node_may_have_taken_is_not_said_to_another_one(nodes, url, method):
    for node in nodes:
        node.hangs_up = True

    status, headers, body = await asked(url, method, **{"Exchange-Token": "once"})

    assert (status, headers["Retry-After"], headers["Content-Type"]) == (503, "2", "application/problem+json")
    assert b'"code":"nodes_unavailable"' in body
    assert nodes[0].asked[method] + nodes[1].asked[method] == 1


async def test_a_read_with_a_token_is_not_said_to_another_node(nodes, url):
    for node in nodes:
        node.hangs_up = True

    await asked(url, "GET", **{"Exchange-Token": "once"})

    assert sorted(node.asked["GET"] > 0 for node in nodes) == [False, True]


async def test_a_node_that_is_not_ready_is_asked_nothing(nodes, url):
    nodes[0].ready = False
    nodes[1].ready = False
    await until(url, lambda _, body: b"nodes_unavailable" in body)

    status, headers, _ = await asked(url, "POST")

    assert (status, headers["Retry-After"]) == (503, "2")
    assert nodes[0].asked["POST"] + nodes[1].asked["POST"] == 0


async def test_a_request_reaches_the_node_under_the_balancers_own_host(url):
    _, _, body = await asked(url, "POST")

    assert url.removeprefix("http://").encode() in body
