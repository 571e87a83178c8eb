"""Gateways as real processes, which a test may kill at any moment."""

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

import aiohttp

from gateway.core.audit.entry import EntryKind
from gateway.core.model import Identity
from gateway.core.trust.algorithms import register_key
from gateway.flow.entries import WriteEntries, party
from gateway.flow.ports import SaltedEntry
from gateway.store import open_store
from tests.gateways import ANKANG, published
from tests.simulator import CHANCE, CLOCK


class GatewayProcess:
    """One `tongban serve`, which a test may kill and start again on the same port and store."""

    def __init__(self, folder: Path, name: str, region: str, port: int, **settled: str) -> None:
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
            **settled,
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
