"""A gateway in front of a system that signs nothing: settled by its plain answer, and acted on once."""

from pathlib import Path

import pytest

from gateway.core.audit.entry import EntryKind, read_entry
from gateway.core.model import DeliveryState, PartnerKind
from gateway.demo.ports import free_port
from gateway.flow.ports import EntryFilter
from gateway.store import open_store
from gateway.store.credentials import StoredCredentials
from tests import patience
from tests.gateways import ANKANG, SHIYAN, application, opened_gateway, publish, register
from tests.plain_system import SECRET, office, plain_adapters, plain_system, silence, told
from tests.processes import GatewayProcess, introduce
from tests.simulator import PartnerSimulator


@pytest.fixture
async def system():
    async with plain_system() as running:
        yield running


@pytest.fixture
async def portal():
    partner = PartnerSimulator(id="system.shiyan", kind=PartnerKind.SYSTEM, region=SHIYAN, adapter="national", seed=2)
    await partner.listen()
    yield partner
    await partner.hang_up()


@pytest.fixture
def adapters(tmp_path: Path) -> Path:
    return plain_adapters(tmp_path / "adapters")


async def test_a_plain_answer_settles_and_the_log_commits_to_it_and_to_no_receipt(tmp_path, system, portal, adapters):
    StoredCredentials(folder=tmp_path / "shiyan-keys").keep("system.ankang", "appsecret", SECRET)
    async with opened_gateway(tmp_path, "shiyan", SHIYAN, adapters=str(adapters)) as gateway:
        await register(gateway, portal.partner(), office(system.endpoint))
        await publish(gateway, ANKANG)

        reply = await portal.submit(gateway.identity, application())
        await until(gateway.store, DeliveryState.SETTLED)

        (found,) = await gateway.store.search(EntryFilter(kind=EntryKind.DELIVERY_SETTLED))
        entry = read_entry((await gateway.store.leaves(found, 1))[0])
    ((path, headers, _),) = system.requests
    assert (path, headers["X-Number"], headers["gjzwfwpt_rid"]) == ("/sysapi/apply", reply.json["number"], "rid-1")
    assert (entry.response_bytes, entry.receipt_commitment) == (len(b'{"code": "200"}'), "")
    assert entry.response_commitment


async def test_a_refusal_is_dead_at_once_in_our_words_and_theirs_are_kept(tmp_path, system, portal, adapters):
    StoredCredentials(folder=tmp_path / "shiyan-keys").keep("system.ankang", "appsecret", SECRET)
    system.answer = lambda *_: told(300, message="查无此人")
    async with opened_gateway(tmp_path, "shiyan", SHIYAN, adapters=str(adapters)) as gateway:
        await register(gateway, portal.partner(), office(system.endpoint))
        await publish(gateway, ANKANG)

        await portal.submit(gateway.identity, application())
        (delivery,) = await until(gateway.store, DeliveryState.DEAD)

    assert (delivery.code, delivery.attempts, len(system.requests)) == ("applicant_unknown", 1, 1)


async def test_after_kill_9_the_same_exchange_comes_again_and_has_one_effect(tmp_path, system, portal, adapters):
    gateway = GatewayProcess(tmp_path, "shiyan", SHIYAN, free_port(), TONGBAN_ADAPTERS=str(adapters))
    StoredCredentials(folder=tmp_path / "shiyan-keys").keep("system.ankang", "appsecret", SECRET)
    system.answer = silence
    await introduce(gateway, portal.partner(), office(system.endpoint))
    await gateway.start()

    await portal.submit(gateway.identity, application())
    await portal.until(lambda: len(system.requests) == 1)
    await gateway.kill()  # the system has acted; nobody knows
    system.answer = lambda *_: told()
    await gateway.start()
    await portal.until(lambda: len(system.requests) == 2)
    store = await open_store(gateway.store)
    await until(store, DeliveryState.SETTLED)
    await store.close()

    assert await gateway.stop() == 0
    assert [headers["X-Exchange"] for _, headers, _ in system.requests] == system.effects * 2


async def until(store, state):
    async def states():
        return [(each.state, each.code) for each in await store.deliveries()]

    return await patience.until(lambda: store.deliveries(state=state), states)
