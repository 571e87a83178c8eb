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

from bench.gateways import Site, running, set_up, sites
from bench.processes import Server, family_cpu_s
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
    (SELECT count(*) FROM deliveries WHERE state IN ('in_flight', 'dead'))
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Region:
    """One gateway of several nodes, and the database they share."""

    site: Site
    database: PostgresServer
    nodes: tuple[Server, ...]

    @property
    def cpu_s(self) -> tuple[float, float]:
        """CPU used so far by the nodes, and by the server of the database with all its processes."""
        return sum(node.cpu_s for node in self.nodes), family_cpu_s(self.database.pid)

    def ask(self, statement: str, *values: object) -> Any:
        """Return the one value that a statement finds."""
        return asyncio.run(_asked(self.site.store, statement, *values))

    async def in_hand(self) -> int:
        """Return how many deliveries are not settled."""
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
            running_nodes = [tuple(stack.enter_context(running(each)) for _ in range(nodes)) for each in found]
            collecting, handling = (
                Region(site=site, database=server, nodes=ran)
                for site, server, ran in zip(found, (self.collecting, self.handling), running_nodes, strict=True)
            )
            yield collecting, handling


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
