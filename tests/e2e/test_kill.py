"""Two gateways as real processes, killed at any moment: nothing acknowledged is lost, nothing counted twice."""

import asyncio
import json
import os
import random
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest

from gateway.bootstrap import log_key_of
from gateway.core.audit.entry import EntryKind
from gateway.core.model import DeliveryState, Identity, PartnerKind
from gateway.core.trust.algorithms import register_key
from gateway.flow.entries import WriteEntries, party
from gateway.flow.ports import SaltedEntry
from gateway.flow.verify import verify_stored_log
from gateway.store import open_store
from gateway.store.keyring import KeyPurpose, Keyring
from tests.gateways import ANKANG, SHIYAN, application, event, published
from tests.simulator import CHANCE, CLOCK, PartnerSimulator

APPLICATIONS = 24
KILLS = 4
EVENTS = ("accepted", "reviewed", "decided", "certificate_issued", "delivered")


class GatewayProcess:
    """One `tongban serve`, which a test may kill and start again on the same port and store."""

    def __init__(self, folder: Path, name: str, region: str, port: int) -> None:
        self.identity = Identity(id=f"gateway.{name}", region=region, url=f"http://127.0.0.1:{port}")
        self.store = f"sqlite:///{folder / name}.sqlite"
        self._environ = {
            **os.environ,
            "TONGBAN_ID": self.identity.id,
            "TONGBAN_REGION": region,
            "TONGBAN_URL": self.identity.url,
            "TONGBAN_PORT": str(port),
            "TONGBAN_STORE": self.store,
            "TONGBAN_KEYS": str(folder / f"{name}-keys"),
            "TONGBAN_LOG_LEVEL": "error",
        }
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        command = (sys.executable, "-m", "gateway", "serve")
        self._process = await asyncio.create_subprocess_exec(
            *command, env=self._environ, stdout=asyncio.subprocess.DEVNULL
        )
        for _ in range(600):
            with suppress(aiohttp.ClientError):
                async with aiohttp.ClientSession() as session, session.get(self.identity.url + "/healthz") as answer:
                    if answer.status == 200:
                        return
            assert self._process.returncode is None, "the gateway ended by itself"
            await asyncio.sleep(0.05)
        raise AssertionError("the gateway did not start")

    async def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> int:
        assert self._process is not None
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        return await self._process.wait()

    async def keys(self) -> tuple[object, ...]:
        async with (
            aiohttp.ClientSession() as session,
            session.get(self.identity.url + "/.well-known/jwks.json") as answer,
        ):
            return tuple(register_key(jwk) for jwk in (await answer.json())["keys"])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


async def introduce(process: GatewayProcess, *partners) -> None:
    """Register partners and items from another process, as the command line does."""
    store = await open_store(process.store)
    for partner in partners:
        await store.put_partner(partner, entry(EntryKind.PARTNER_REGISTERED, process.identity, partner))
    await store.put_items(published(ANKANG))
    await store.close()


def entry(kind, identity, partner):
    written: SaltedEntry = WriteEntries(identity=identity, clock=CLOCK, chance=CHANCE).administered(
        kind, party(partner)
    )
    return written


async def until_acknowledged(send):
    """Repeat a request, as every partner must, until it is answered; a dead gateway answers nothing."""
    for _ in range(2000):
        with suppress(aiohttp.ClientError, ConnectionError, TimeoutError):
            reply = await send()
            if reply.status == 202:
                return reply
            assert reply.status == 503, reply.body
        await asyncio.sleep(0.05)
    raise AssertionError("never acknowledged")


@pytest.mark.timeout(280)
async def test_kill_9_loses_nothing_acknowledged_and_doubles_nothing(tmp_path):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    shiyan = GatewayProcess(tmp_path, "shiyan", SHIYAN, free_port())
    ankang = GatewayProcess(tmp_path, "ankang", ANKANG, free_port())
    portal = PartnerSimulator(id="system.shiyan", kind=PartnerKind.SYSTEM, region=SHIYAN, adapter="national", seed=2)
    office = PartnerSimulator(id="system.ankang", kind=PartnerKind.SYSTEM, region=ANKANG, adapter="national", seed=3)
    await portal.listen()
    await office.listen()
    await asyncio.gather(shiyan.start(), ankang.start())
    as_gateway = {
        each.identity.id: PartnerSimulator(id=each.identity.id, kind=PartnerKind.GATEWAY, region=each.identity.region)
        for each in (shiyan, ankang)
    }
    others = {
        each: as_gateway[each.identity.id].partner(endpoint=each.identity.url, keys=await each.keys())
        for each in (shiyan, ankang)
    }
    await introduce(shiyan, portal.partner(), others[ankang])
    await introduce(ankang, office.partner(), others[shiyan])
    await asyncio.sleep(1.5)  # until both have noticed

    acknowledged: dict[str, str] = {}

    async def live(number: int) -> None:
        await asyncio.sleep(chance.random() * 8)
        exchange, body = CHANCE.uuid7(), application(number)
        reply = await until_acknowledged(lambda: portal.submit(shiyan.identity, body, exchange=exchange))
        acknowledged[exchange] = reply.json["number"]
        await office.until(lambda: exchange in office.counts, within_s=120)
        for kind in EVENTS:
            said, words = CHANCE.uuid7(), event(kind)
            path = reply.json["number"]
            await until_acknowledged(lambda s=said, w=words, p=path: office.report(ankang.identity, p, w, exchange=s))
            acknowledged[said] = path

    async def murder() -> None:
        for _ in range(KILLS):
            await asyncio.sleep(0.5 + chance.random())
            victim = chance.choice((shiyan, ankang))
            await victim.kill()
            await victim.start()

    await asyncio.gather(murder(), *(live(number) for number in range(APPLICATIONS)))
    events = [exchange for exchange in acknowledged if exchange not in office.counts]
    await portal.until(lambda: set(events) <= set(portal.counts), within_s=120)

    assert len(acknowledged) == APPLICATIONS * (1 + len(EVENTS))
    assert set(office.counts) | set(portal.counts) == set(acknowledged)
    by_number: dict[str, list[str]] = {}
    for exchange, kind, number, _ in portal.seen:
        told = by_number.setdefault(number, [])
        if exchange not in told:
            told.append(exchange)
            by_number[number + "/kinds"] = [*by_number.get(number + "/kinds", []), kind.removeprefix("event.")]
    assert all(by_number[number + "/kinds"] == list(EVENTS) for number in set(acknowledged.values()))

    assert [await shiyan.stop(), await ankang.stop()] == [0, 0]
    for process in (shiyan, ankang):
        await every_exchange_once(process, len(acknowledged))
    await portal.hang_up()
    await office.hang_up()


async def every_exchange_once(process: GatewayProcess, expected: int) -> None:
    """Hold the store of a stopped gateway against what was acknowledged, and its log against itself."""
    store = await open_store(process.store)
    keyring = Keyring(Path(process._environ["TONGBAN_KEYS"]))
    key = log_key_of(process.identity.id, keyring.signer(purpose=KeyPurpose.LOG).public_key)
    deliveries = await store.deliveries(limit=10_000)
    received = [each for each in await _entries(store) if each["kind"] == "exchange_received"]
    report = await verify_stored_log(store, key)
    await store.close()

    assert {each.state for each in deliveries} == {DeliveryState.SETTLED}
    assert len(deliveries) == len({each.exchange for each in deliveries}) == expected
    assert len(received) == len({each["exchange"] for each in received}) == expected
    assert report.passed, report.checks


async def _entries(store):
    size = (await store.head()).size
    return [json.loads(leaf) for leaf in await store.leaves(0, size)]
