"""Gateways as real processes, on either store, alone or as several nodes of one; a test may kill or pause any of them.

    gateway = GatewayProcess(tmp_path, "shiyan", SHIYAN, free_port())                    # SQLite in the folder
    nodes = nodes_of(tmp_path, "shiyan", SHIYAN, 3, store=url, url=balancer.url)         # three over one PostgreSQL

`identity` is the gateway's, which all its nodes share and tokens are signed for; `address` is the node's own. Keys are
made when they are first asked for, so partners can be introduced before anything runs: `introduce(gateway, partner)`.
"""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import aiohttp

from gateway.core.audit.entry import EntryKind
from gateway.core.audit.note import LogKey, log_key_of
from gateway.core.model import Identity, Partner, PartnerKind
from gateway.core.trust.algorithms import register_key
from gateway.core.trust.keys import PublicKey
from gateway.demo.ports import free_port
from gateway.flow.entries import WriteEntries, party
from gateway.flow.ports import SaltedEntry
from gateway.store import open_store
from gateway.store.keyring import KeyPurpose, Keyring
from tests.gateways import ANKANG, published
from tests.patience import PATIENCE_S
from tests.simulator import CHANCE, CLOCK

SERVE: tuple[str, ...] = ("-m", "gateway", "serve")  # what Python is told to run


class GatewayProcess:
    """One process of `tongban serve`, which a test may end in any way and start again on the same port and store."""

    def __init__(
        self,
        folder: Path,
        name: str,
        region: str,
        port: int,
        *,
        store: str = "",
        url: str = "",
        **settled: str,
    ) -> None:
        """Prepare a node; `url` is the gateway's where it is not the node's own, `settled` more of the environment."""
        self.address = f"http://127.0.0.1:{port}"
        self.identity = Identity(id=f"gateway.{name}", region=region, url=url or self.address)
        self.store = store or f"sqlite:///{folder / name}.sqlite"
        self.keys_folder = folder / f"{name}-keys"
        self.output = folder / f"{name}-{port}.log"
        self.settled = {
            "TONGBAN_ID": self.identity.id,
            "TONGBAN_REGION": region,
            "TONGBAN_URL": self.identity.url,
            "TONGBAN_PORT": str(port),
            "TONGBAN_STORE": self.store,
            "TONGBAN_KEYS": str(self.keys_folder),
            "TONGBAN_LOG_LEVEL": "error",
            "TONGBAN_LEAVE_S": "0",  # nobody balances load here who would have to notice
            **settled,
        }
        self.command = SERVE
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        return self._running.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start, and return once it answers; fail with what it said where it ends instead."""
        await self.launch()
        assert await self.ready(), f"the gateway ended by itself:\n{self.said()}"

    async def launch(self) -> None:
        """Start without waiting for it."""
        assert not self.alive, "it runs already"
        with self.output.open("ab") as told:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, *self.command, env={**os.environ, **self.settled}, stdout=told, stderr=told
            )

    async def ready(self) -> bool:
        """Wait until it answers; False where it ended by itself before it did."""
        async with asyncio.timeout(PATIENCE_S), aiohttp.ClientSession() as session:
            while self.alive:
                with suppress(aiohttp.ClientError):
                    async with session.get(self.address + "/healthz") as answer:
                        if answer.status == 200:
                            return True
                await asyncio.sleep(0.03)
        return False

    async def ended(self) -> int:
        """Wait until it ends by itself, and return its exit code (a negative signal where it was killed)."""
        return await self._running.wait()

    async def kill(self) -> None:
        """End it at once, as `kill -9` does; harmless where it has ended already."""
        self.signal(signal.SIGKILL)
        await self._running.wait()

    async def stop(self) -> int:
        """Ask it to stop, and return its exit code once it has."""
        self.signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE_S):
            return await self._running.wait()

    async def restart(self) -> None:
        """Kill it, and start it again on the same port."""
        await self.kill()
        await self.start()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, and do not wait for what comes of it."""
        send(self._running, number)

    def pause(self) -> None:
        """Let it stand still in the middle of what it does, as a machine that swaps or a virtual one that moves."""
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused node go on, unaware that time has passed."""
        self.signal(signal.SIGCONT)

    def keys(self) -> tuple[PublicKey, ...]:
        """Return the keys by which others know this gateway, made now if there are none."""
        keyring = Keyring(self.keys_folder)
        keyring.ensure()
        keyring.ensure(purpose=KeyPurpose.LOG)
        return tuple(register_key(jwk) for jwk in keyring.jwks()["keys"])

    def log_key(self) -> LogKey:
        """Return the key that this gateway's log is verified with."""
        signer = Keyring(self.keys_folder).ensure(purpose=KeyPurpose.LOG)
        return log_key_of(self.identity.id, signer.public_key)

    def partner(self) -> Partner:
        """Return how other gateways register this one."""
        return Partner(
            id=self.identity.id,
            kind=PartnerKind.GATEWAY,
            name=self.identity.id,
            regions=(self.identity.region,),
            endpoint=self.identity.url,
            adapter="",
            keys=self.keys(),
        )

    def said(self) -> str:
        """Return what it wrote, in all its lives."""
        return self.output.read_text(errors="replace") if self.output.exists() else ""

    @property
    def _running(self) -> asyncio.subprocess.Process:
        assert self._process is not None, "it was never started"
        return self._process


def send(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    """Send a signal to a child, straight; to nobody where it has ended.

    `Process.send_signal` reaps a child that has just ended, and its watcher, which comes second, reports a code of 255.
    """
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)


def nodes_of(
    folder: Path, name: str, region: str, count: int, *, store: str, url: str = "", **settled: str
) -> list[GatewayProcess]:
    """Return several nodes of one gateway: one id, URL, keys folder and store, a port each; the first's by default."""
    ports = [free_port() for _ in range(count)]
    url = url or f"http://127.0.0.1:{ports[0]}"
    nodes = [GatewayProcess(folder, name, region, port, store=store, url=url, **settled) for port in ports]
    nodes[0].keys()  # made once, before several of them find none
    return nodes


async def introduce(process: GatewayProcess, *partners: Partner) -> None:
    """Register partners and items from another process, as the command line does; what runs notices in a second."""
    await introduce_to(process.store, process.identity, *partners)


async def introduce_to(url: str, identity: Identity, *partners: Partner) -> None:
    """Register partners and items with the gateway whose store is at a URL."""
    store = await open_store(url, create=True, patience_s=PATIENCE_S)
    for partner in partners:
        await store.put_partner(partner, entry(EntryKind.PARTNER_REGISTERED, identity, partner))
    await store.put_items(published(ANKANG))
    await store.close()


def entry(kind: EntryKind, identity: Identity, partner: Partner) -> SaltedEntry:
    return WriteEntries(identity=identity, clock=CLOCK, chance=CHANCE).administered(kind, party(partner))
