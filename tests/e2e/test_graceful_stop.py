"""SIGTERM to a real process in the middle of everything: whatever has begun is finished, and nothing happens twice."""

import asyncio
import signal
import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from gateway.core.model import DeliveryState, PartnerKind
from gateway.demo.ports import free_port
from gateway.store import open_store
from gateway.store.credentials import StoredCredentials
from tests.api.raw_http import read_answer, until_refused
from tests.gateways import SHIYAN, application
from tests.plain_system import SECRET, office, plain_adapters, plain_system, silence, told
from tests.processes import GatewayProcess, introduce
from tests.simulator import CHANCE, PartnerSimulator

PATH = "/federation/v1/applications"


@pytest.fixture
async def portal():
    partner = PartnerSimulator(id="system.shiyan", kind=PartnerKind.SYSTEM, region=SHIYAN, adapter="national", seed=2)
    await partner.listen()
    yield partner
    await partner.hang_up()


@pytest.fixture
async def system():
    async with plain_system() as running:
        yield running


@pytest.fixture
async def gateway(tmp_path, portal, system):
    adapters = str(plain_adapters(tmp_path / "adapters"))
    settled = {"TONGBAN_ADAPTERS": adapters, "TONGBAN_LEAVE_S": "0", "TONGBAN_LOG_LEVEL": "warning"}
    process = GatewayProcess(tmp_path, "shiyan", SHIYAN, free_port(), **settled)
    StoredCredentials(folder=process.keys_folder).keep("system.ankang", "appsecret", SECRET)
    await introduce(process, portal.partner(), office(system.endpoint))
    await process.start()
    yield process
    await process.kill()


class Gate:
    """Answers of the plain system, held back until they are let go."""

    def __init__(self) -> None:
        self.asked, self.open = asyncio.Event(), asyncio.Event()

    async def __call__(self, _request, _body):
        self.asked.set()
        await self.open.wait()
        return told()


def submission(gateway, portal, exchange):
    """Return the head and the body of an application that is sent by hand."""
    body = application()
    token = portal.token(gateway.identity, PATH, body, exchange=exchange)
    head = f"POST {PATH} HTTP/1.1\r\nHost: h\r\nContent-Length: {len(body)}\r\n"
    return (head + f"Content-Type: application/json\r\nExchange-Token: {token}\r\n\r\n").encode(), body


async def test_nothing_that_has_begun_is_cut_and_nothing_is_delivered_twice(gateway, portal, system):
    system.answer = held = Gate()
    first = CHANCE.uuid7()
    await portal.submit(gateway.identity, application(), exchange=first)
    await held.asked.wait()  # its delivery is in flight now
    port = int(gateway.address.rpartition(":")[2])
    exchanges = [CHANCE.uuid7() for _ in range(3)]
    half_head, half_body, whole = [await asyncio.open_connection("127.0.0.1", port) for _ in exchanges]
    (head_1, body_1), (head_2, body_2), (head_3, body_3) = (
        submission(gateway, portal, exchange) for exchange in exchanges
    )

    with closing(sqlite3.connect(gateway.store.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # so that whoever asks waits for the store
        half_head[1].write(head_1[:200])
        half_body[1].write(head_2 + body_2[:200])
        whole[1].write(head_3 + body_3)
        await portal.get(gateway.identity, "/healthz")  # it is behind them
        stopped = asyncio.create_task(gateway.stop())
        await until_refused(port)
        half_head[1].write(head_1[200:] + body_1)
        half_body[1].write(body_2[200:])
        other.execute("ROLLBACK")
    answers = [await read_answer(reader) for reader, _ in (half_head, half_body, whole)]
    held.open.set()
    code = await stopped
    for _, writer in (half_head, half_body, whole):
        writer.close()

    assert [answer.status if answer else None for answer in answers] == [202, 202, 202]
    assert {answer.headers["connection"] for answer in answers if answer} == {"close"}
    assert code == 0
    assert system.effects == [first]  # of what came while it stopped, nothing was sent any more

    await gateway.start()
    await portal.until(lambda: len(system.effects) == 4)
    assert await gateway.stop() == 0
    assert Counter(headers["X-Exchange"] for _, headers, _ in system.requests) == Counter([first, *exchanges])
    assert {each.state for each in await deliveries(gateway)} == {DeliveryState.SETTLED}


async def test_told_twice_it_does_not_wait(gateway, portal, system):
    system.answer = silence
    await portal.submit(gateway.identity, application())
    await portal.until(lambda: bool(system.requests))
    port = int(gateway.address.rpartition(":")[2])

    stopped = asyncio.create_task(gateway.stop())
    await until_refused(port)
    gateway.signal(signal.SIGTERM)

    assert await stopped == 0
    assert "stop_cut_short" in gateway.said()


async def deliveries(gateway: GatewayProcess):
    store = await open_store(gateway.store)
    found = await store.deliveries()
    await store.close()
    return found
