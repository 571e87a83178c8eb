"""Gateways to be measured: their folders, keys, partners and items, as an operator would set them up by commands."""

import asyncio
import random
import socket
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from uuid_utils import uuid7

from bench import documents
from bench.load import http_post
from bench.processes import Server, serving
from gateway.core.audit.entry import EntryKind
from gateway.core.model import Identity, Partner, PartnerKind
from gateway.core.trust.signers import SoftwareSigner
from gateway.core.trust.tokens import HEADER_NAME, issue_token
from gateway.flow.entries import WriteEntries, party
from gateway.store import open_store
from gateway.store.keyring import Keyring
from gateway.world import SystemChance, SystemClock

PATH = "/federation/v1/applications"
_PORTS = range(10_000, 20_000)


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """One gateway, and the regional system behind it."""

    name: str
    region: str
    port: int  # 0 for one that is not running, and has no address then
    folder: Path
    database: str = ""  # URL of a database; "" for a file in the folder

    @property
    def file(self) -> Path:
        """The store, where it is a file."""
        return self.folder / "gateway.sqlite"

    @property
    def store(self) -> str:
        """The URL of the store."""
        return self.database or f"sqlite:///{self.file.absolute()}"

    def stored_in(self, database: str) -> "Site":
        """Return the same gateway with its store in a database."""
        return replace(self, database=database)

    @property
    def identity(self) -> Identity:
        """Who the gateway is to others."""
        return Identity(id=f"{self.name}.gateway", region=self.region, url=f"http://127.0.0.1:{self.port}")

    @property
    def signer(self) -> SoftwareSigner:
        """The gateway's key, made now if it has none."""
        return Keyring(self.folder / "keys").ensure()

    @property
    def system_signer(self) -> SoftwareSigner:
        """The key of its system, made now if it has none."""
        return Keyring(self.folder / "system-keys").ensure()

    def as_gateway(self) -> Partner:
        """Return the gateway as others register it."""
        return Partner(
            id=self.identity.id,
            kind=PartnerKind.GATEWAY,
            name=self.name,
            regions=(self.region,),
            endpoint=self.identity.url if self.port else "",
            keys=(self.signer.public_key,),
        )

    def as_system(self) -> Partner:
        """Return the system as its gateway registers it; it has no address, so what is for it stays in the outbox."""
        return Partner(
            id=f"{self.name}.system",
            kind=PartnerKind.SYSTEM,
            name=self.name,
            regions=(self.region,),
            adapter=documents.LAYOUT,
            keys=(self.system_signer.public_key,),
        )

    def requests(self, bodies: Iterable[bytes]) -> list[bytes]:
        """Return submissions by the system, each signed and ready to be sent within five minutes."""
        signer, now = self.system_signer, datetime.now(UTC)
        return [
            http_post(
                PATH,
                {
                    "Content-Type": documents.MEDIA_TYPE,
                    HEADER_NAME: issue_token(
                        signer,
                        issuer=f"{self.name}.system",
                        audience=self.identity.id,
                        method="POST",
                        url=self.identity.url + PATH,
                        body=body,
                        exchange=str(uuid7()),
                        now=now,
                        jti=str(uuid7()),
                        lifetime_s=300,
                    ),
                },
                body,
            )
            for body in bodies
        ]


def counted(file: Path, statement: str) -> int:
    """Return a figure out of a SQLite file, without troubling the process that owns it."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return int(connection.execute(statement).fetchone()[0])


def sites(folder: Path) -> tuple[Site, Site]:
    """Return Shiyan, which collects, and Ankang, which handles; each with a port of its own."""
    port_a, port_b = free_ports(2)
    return (
        Site(name="shiyan", region=documents.SHIYAN, port=port_a, folder=folder / "shiyan"),
        Site(name="ankang", region=documents.ANKANG, port=port_b, folder=folder / "ankang"),
    )


def set_up(*introduced: Site) -> None:
    """Make the stores of gateways: each knows its own system, all the others, and the item that is applied for."""
    asyncio.run(_set_up(introduced))


def register(site: Site, partners: Iterable[Partner]) -> None:
    """Have a gateway know partners that are none of ours."""
    asyncio.run(_register(site, partners))


def running(site: Site) -> AbstractContextManager[Server]:
    """Run the gateway of a site."""
    return serving("bench.gateway", str(site.folder / "gateway.toml"))


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on, below those that connections are given: nobody takes one meanwhile."""
    listening: list[socket.socket] = []
    waiting = iter(random.sample(_PORTS, len(_PORTS)))
    while len(listening) < count:
        with suppress(OSError):
            listening.append(socket.create_server(("127.0.0.1", next(waiting))))
    ports = [each.getsockname()[1] for each in listening]
    for each in listening:
        each.close()
    return ports


async def _set_up(introduced: Sequence[Site]) -> None:
    for site in introduced:
        site.folder.mkdir(exist_ok=True)  # its key may have been made already, for another to register
        _write_settings(site)
        store = await open_store(site.store, create=True)
        await store.put_items([documents.item()])
        await store.close()
        await _register(site, [site.as_system(), *(other.as_gateway() for other in introduced if other is not site)])


async def _register(site: Site, partners: Iterable[Partner]) -> None:
    store = await open_store(site.store)
    entries = WriteEntries(identity=site.identity, clock=SystemClock(), chance=SystemChance())
    for each in partners:
        await store.put_partner(each, entries.administered(EntryKind.PARTNER_REGISTERED, party(each)))
    await store.close()


def _write_settings(site: Site) -> None:
    identity = site.identity
    values = {
        "id": identity.id,
        "region": identity.region,
        "url": identity.url,
        "store": site.store,
        "keys": str(site.folder / "keys"),
    }
    lines = [f'{name} = "{value}"' for name, value in values.items()]
    (site.folder / "gateway.toml").write_text("\n".join([*lines, f"port = {site.port}", ""]), encoding="utf-8")
