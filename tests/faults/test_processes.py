"""What the fault harness stands on: gateways as processes, on either store, alone or several behind a balancer."""

import asyncio

import aiohttp
import pytest

from gateway.core.model import PartnerKind
from gateway.demo.ports import free_port
from tests.balancer import balanced
from tests.gateways import ANKANG, SHIYAN, application
from tests.processes import GatewayProcess, introduce, nodes_of
from tests.simulator import CHANCE, PartnerSimulator
from tests.store.postgres.databases import Databases


@pytest.fixture
async def url(postgres):
    databases = Databases(postgres)
    yield await databases.new_store()
    databases.take_back()


@pytest.fixture
async def portal():
    system = PartnerSimulator(id="system.shiyan", kind=PartnerKind.SYSTEM, region=SHIYAN, adapter="national", seed=2)
    await system.listen()
    yield system
    await system.hang_up()


async def test_nodes_of_one_gateway_give_one_receipt_whichever_is_asked_and_whatever_became_of_the_others(
    tmp_path, url, portal
):
    async with balanced() as balancer:
        nodes = nodes_of(tmp_path, "shiyan", SHIYAN, 3, store=url, url=balancer.url)
        beyond = PartnerSimulator(id="gateway.ankang", kind=PartnerKind.GATEWAY, region=ANKANG, seed=3)
        await introduce(nodes[0], portal.partner(), beyond.partner())
        await asyncio.gather(*(node.start() for node in nodes))
        balancer.nodes = [node.address for node in nodes]
        exchange, body = CHANCE.uuid7(), application()

        replies = [
            await portal.submit(nodes[0].identity, body, exchange=exchange, at=each.address) for each in nodes[:2]
        ]
        await nodes[0].kill()
        nodes[1].pause()
        nodes[1].resume()
        replies += [await portal.submit(nodes[1].identity, body, exchange=exchange) for _ in range(3)]
        await nodes[0].start()
        replies.append(await portal.submit(nodes[0].identity, body, exchange=exchange, at=nodes[0].address))
        stopped = await asyncio.gather(*(node.stop() for node in nodes))

    assert len({reply.body for reply in replies}) == 1
    assert stopped == [0, 0, 0], [node.said() for node in nodes]


async def test_a_paused_node_answers_nothing_until_it_goes_on(tmp_path):
    node = GatewayProcess(tmp_path, "shiyan", SHIYAN, free_port())
    await node.start()
    node.pause()
    asking = asyncio.create_task(healthz(node))
    done, _ = await asyncio.wait([asking], timeout=0.5)

    node.resume()

    assert not done
    assert await asking == 200
    assert await node.stop() == 0


async def test_a_node_that_cannot_start_says_why(tmp_path):
    node = GatewayProcess(tmp_path, "shiyan", SHIYAN, free_port(), TONGBAN_LOG_LEVEL="loud")

    with pytest.raises(AssertionError, match="log_level"):
        await node.start()


async def healthz(node: GatewayProcess) -> int:
    async with aiohttp.ClientSession() as session, session.get(node.address + "/healthz") as answer:
        return answer.status
