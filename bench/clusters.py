"""A pair of regions on PostgreSQL to be measured: a server, a database and any number of nodes each.

The nodes of a region share one port, and the kernel spreads connections over them (SO_REUSEPORT): the cost of a real
balancer would be counted as ours.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from bench import beyond, documents
from bench.gateways import Site, free_ports, register, running, set_up, sites
from bench.processes import Server, family_cpu_s, serving
from gateway.demo.cluster.postgres import PostgresServer

# As a machine of a province's would be set, but for its size; commits wait for the disk.
_OPTIONS: Final = {
    "shared_buffers": "1GB",
    "max_connections": "100",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "maintenance_work_mem": "512MB",
}
_IN_HAND: Final = """
SELECT (SELECT count(*) FROM deliveries WHERE state = 'due') +
    (SELECT count(*) FROM deliveries WHERE state = 'in_flight')
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Region:
    """One gateway of several nodes, and the database they share."""

    site: Site
    database: PostgresServer
    nodes: tuple[Server, ...]
    found: int  # applications that were here before

    @property
    def cpu_s(self) -> tuple[float, float]:
        """CPU used so far by the nodes, and by the server of the database with all its processes."""
        return sum(node.cpu_s for node in self.nodes), family_cpu_s(self.database.pid)

    def ask(self, statement: str, *values: object) -> Any:
        """Return the one value that a statement finds."""
        return asyncio.run(_asked(self.site.store, statement, *values))

    async def in_hand(self) -> int:
        """Return how many deliveries are neither settled nor given up."""
        return int(await _asked(self.site.store, _IN_HAND))


@dataclass(frozen=True, kw_only=True, slots=True)
class Servers:
    """The two servers that the databases of pairs are made on: A's, which collects, and B's, which handles."""

    collecting: PostgresServer
    handling: PostgresServer

    @contextmanager
    def pair(self, folder: Path, name: str, *, nodes: int) -> Iterator[tuple[Region, Region]]:
        """Run a pair on databases of its own; B's system has no address, so what is for it stays in the outbox."""
        (folder / name).mkdir(exist_ok=True)
        found = [
            each.stored_in(_database(server, name))
            for each, server in zip(sites(folder / name), (self.collecting, self.handling), strict=True)
        ]
        set_up(*found)
        with ExitStack() as stack:
            collecting, handling = (
                stack.enter_context(_running(site, server, nodes))
                for site, server in zip(found, (self.collecting, self.handling), strict=True)
            )
            yield collecting, handling

    @contextmanager
    def among(self, folder: Path, name: str, partners: int) -> Iterator[Region]:
        """Run A alone among so many partner gateways, which are one other process."""
        (folder / name).mkdir(exist_ok=True)
        port, control, *ports = free_ports(2 + partners)
        site = Site(name="shiyan", region=documents.SHIYAN, port=port, folder=folder / name / "shiyan")
        site = site.stored_in(_database(self.collecting, name))
        set_up(site)
        register(site, [each.partner() for each in beyond.partners(ports)])
        own = (site.identity.id, site.identity.url, str(control), *map(str, ports))
        with serving("bench.beyond", *own), _running(site, self.collecting, 1) as region:
            yield region


@contextmanager
def _running(site: Site, database: PostgresServer, nodes: int) -> Iterator[Region]:
    with ExitStack() as stack:
        found = asyncio.run(_asked(site.store, "SELECT count(*) FROM applications"))
        ran = tuple(stack.enter_context(running(site)) for _ in range(nodes))
        yield Region(site=site, database=database, nodes=ran, found=found)


@contextmanager
def servers(folder: Path, options: Mapping[str, str] = _OPTIONS) -> Iterator[Servers]:
    """Run two servers of PostgreSQL."""
    folder.chmod(0o755)  # a server that does not run as root has to reach its own folder in it
    started = [PostgresServer(folder / name, name=name, options=options) for name in ("collecting", "handling")]
    try:
        for each in started:
            each.start()
        yield Servers(collecting=started[0], handling=started[1])
    finally:
        _stop(started)


def _stop(started: Sequence[PostgresServer]) -> None:
    for each in started:
        if each.running:
            each.stop()


def _database(server: PostgresServer, name: str) -> str:
    """Return the URL of a database, made now if an earlier run has left none in this folder."""
    if not asyncio.run(_asked(server.url, "SELECT count(*) FROM pg_database WHERE datname = $1", name)):
        server.create_database(name)
    return urlunsplit(urlsplit(server.url)._replace(path=f"/{name}"))


async def _asked(url: str, statement: str, *values: object) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement, *values)
    finally:
        await connection.close()
