"""A primary and its synchronous standby, as real servers, and what can be seen of them from below."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from gateway.demo.cluster.postgres import PostgresServer, shared_url

# Processes die here and the machine does not: nothing is forced to the disk, and commits wait for the standby as ever.
_SMALL = {
    "shared_buffers": "16MB",
    "max_connections": "40",
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
}
_WAITING = "SELECT array_agg(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND datname = current_database()"


class Pair:
    """Two servers, of which the second stands by for the first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(3)
        self.primary = PostgresServer(folder / "first", name="first", options=_SMALL)
        self.standby = PostgresServer(folder / "second", name="second", standby_of=self.primary, options=_SMALL)

    def replace_primary(self) -> None:
        """Have a new server stand by for the one that was promoted, where the one that died was found."""
        name = f"server_{next(self._numbers)}"
        self.primary, port = self.standby, self.primary.port
        self.standby = PostgresServer(
            self._folder / name, name=name, standby_of=self.primary, port=port, options=_SMALL
        )
        self.standby.start()

    def url(self, database: str, *servers: PostgresServer) -> str:
        """Return the URL of a database by both hosts, or by these."""
        return shared_url(servers or (self.primary, self.standby), database)


@contextmanager
def running_pair(folder: Path) -> Iterator[Pair]:
    """Run a primary and its standby until the context is left, whatever became of them."""
    pair = Pair(folder)
    try:
        pair.primary.start()
        pair.standby.start()
        yield pair
    finally:
        pair.standby.kill()
        pair.primary.kill()


def database_of(url: str) -> str:
    return urlsplit(url).path[1:]


def at(server: PostgresServer, url: str) -> str:
    """Return the URL of the same database at one server."""
    parts = urlsplit(url)
    entrance = parts.netloc.rpartition("@")[0]
    return urlunsplit(parts._replace(netloc=f"{entrance}@{server.address}"))


async def until_waiting(url: str, commits: int = 1) -> int:
    """Wait until so many commits in a database wait for the standby; return the process that one waits in."""
    while True:
        pids: list[int] = await asked(url, _WAITING) or []
        if len(pids) >= commits:
            return pids[0]
        await asyncio.sleep(0.02)


async def asked(url: str, question: str) -> Any:
    """Return what a server answers; one that is starting is asked again."""
    while True:
        try:
            connection = await asyncpg.connect(url)
        except (OSError, asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError):
            await asyncio.sleep(0.05)
            continue
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()
