"""The same over HTTP: clients that repeat, contradict, ask and hang up, and a gateway that is killed among them."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

import aiohttp
import pytest

from gateway.core.model import PartnerKind
from gateway.demo.ports import free_port
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
    impossible,
)
from tests.gateways import ANKANG, SHIYAN, application
from tests.patience import PATIENCE_S
from tests.processes import GatewayProcess, introduce
from tests.simulator import CHANCE, PartnerSimulator, Reply

CLIENTS, ROUNDS, EXCHANGES = 8, 12, 6


class OverHTTP:
    """A gateway, as the portal asks it; no answer, and one of 503, is none: it may have happened."""

    def __init__(self, gateway: GatewayProcess, portal: PartnerSimulator) -> None:
        self.gateway, self.portal = gateway, portal
        self.numbers: dict[str, str] = {}  # of what somebody was told of
        self.bodies = {digest: application(int(digest)) for digest in "01"}  # each written once, for it holds its time

    async def put(self, question: Question) -> Answer | None:
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                reply = await self._sent(question)
            if reply.status != 503:
                return self._read(question, reply)
        return None

    async def _sent(self, question: Question) -> Reply:
        to = self.gateway.identity
        if isinstance(question, Look):
            return await self.portal.get(to, f"/federation/v1/applications/{self.numbers[question.exchange]}")
        return await self.portal.submit(to, self.bodies[question.digest], exchange=question.exchange)

    def _read(self, question: Question, reply: Reply) -> Answer:
        if isinstance(question, Look):
            assert reply.status in (200, 404), reply.body
            return Found() if reply.status == 200 else Absent()
        if reply.status == 409:
            return Contradicted()
        assert reply.status == 202, reply.body
        self.numbers[question.exchange] = reply.json["number"]
        return Receipted(receipt=reply.json["receipt"])


async def crowd(seed: int, there: OverHTTP) -> tuple[History, list[str]]:
    """Let clients ask at once, of whom some hang up, while the gateway is killed in the middle."""
    chance, history = random.Random(seed), History()
    exchanges = [CHANCE.uuid7() for _ in range(EXCHANGES)]
    half = asyncio.Semaphore(0)

    def question() -> Question:
        exchange = chance.choice(exchanges)
        if exchange in there.numbers and chance.random() < 0.4:
            return Look(exchange=exchange)
        return Take(exchange=exchange, digest=chance.choice("001"))

    async def client(name: str) -> None:
        for _ in range(ROUNDS):
            task = asyncio.create_task(history.ask(name, question(), there.put))
            if chance.random() < 0.15:
                await asyncio.wait([task], timeout=0.02 * chance.random())
                task.cancel()  # it hangs up, wherever the gateway is with it
            await asyncio.wait([task])
            half.release()

    async def murder() -> None:
        for _ in range(CLIENTS * ROUNDS // 2):
            await half.acquire()
        await there.gateway.restart()

    await asyncio.gather(murder(), *(client(f"client {number}") for number in range(CLIENTS)))
    for exchange in exchanges:
        await until(history, Take(exchange=exchange, digest="0"), there.put)
    return history, exchanges


async def until(history: History, question: Question, put: Callable[[Question], Awaitable[Answer | None]]) -> None:
    """Ask until there is an answer."""
    while await history.ask("last", question, put) is None:  # noqa: ASYNC110 - each turn asks anew
        await asyncio.sleep(0.05)


@pytest.fixture
async def sides():
    portal = PartnerSimulator(id="system.shiyan", kind=PartnerKind.SYSTEM, region=SHIYAN, adapter="national", seed=2)
    office = PartnerSimulator(id="system.ankang", kind=PartnerKind.SYSTEM, region=ANKANG, adapter="national", seed=3)
    await portal.listen()
    await office.listen()
    yield portal, office
    await portal.hang_up()
    await office.hang_up()


async def test_a_gateway_that_is_killed_in_the_middle_of_a_crowd(tmp_path, sides, soak):
    portal, office = sides
    gateway = GatewayProcess(tmp_path, "shiyan", SHIYAN, free_port(), TONGBAN_LEASE_S="1")
    await introduce(gateway, portal.partner(), office.partner())
    await gateway.start()
    try:
        for seed in soak:
            history, exchanges = await crowd(seed, OverHTTP(gateway, portal))

            assert not impossible(history.calls)
            await office.until(lambda sent=exchanges: set(sent) <= set(office.counts))
            numbers = {(exchange, number) for exchange, _, number, _ in office.seen if exchange in exchanges}
            assert len(numbers) == len(exchanges)  # each under one number, however often it was sent
    finally:
        await gateway.kill()
