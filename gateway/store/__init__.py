"""MEMORY: what must survive a crash.

A store is opened by URL: `sqlite:///gateway.db` beside the program, `sqlite:////var/lib/tongban/gateway.db` anywhere,
`postgresql://user@host/database` for one that several nodes share, `postgresql://user@host,host/database` where another
server may be promoted in place of the first. Which it is matters to nobody outside this package.
"""

import asyncio
import re
import sqlite3
from functools import partial
from pathlib import Path
from typing import Final

from gateway.flow.ports import Store
from gateway.store.migrations import Migrated
from gateway.store.postgres.opening import has_store, migrate_database, open_database
from gateway.store.postgres.server import SCHEME, Server
from gateway.store.sqlite import transaction
from gateway.store.sqlite.file import StoreFile, file_of
from gateway.store.sqlite.lane import ThreadLane
from gateway.store.sqlite.log import Sequencer
from gateway.store.sqlite.store import SQLiteStore
from gateway.store.sqlite.thread import DatabaseThread

__all__ = ["begin_store", "migrate", "open_store", "store_exists", "without_password"]

_PASSWORD: Final = re.compile(r"(?<=//)([^/?:@]*):[^/?]*@|(password=)[^&]*")


async def open_store(
    url: str, *, create: bool = False, patience_s: float = 5.0, factory: type[sqlite3.Connection] = sqlite3.Connection
) -> Store:
    """Open the store at a URL; `create` begins a new one where there is none.

    `patience_s` is how long a write waits for another process to finish its own; `factory` makes SQLite's connections.
    Raises SettingsError where the store is not there, is not one, or wants `migrate` first.
    """
    if url.startswith(SCHEME):
        return await open_database(Server(url=url, patience_s=patience_s), create=create)
    return await _open_file(StoreFile(path=file_of(url), patience_s=patience_s, factory=factory), create=create)


async def _open_file(file: StoreFile, *, create: bool) -> Store:
    writing = await DatabaseThread(partial(file.writer, create=create)).open()
    try:
        reading = await DatabaseThread(file.reader).open()
    except BaseException:
        await writing.close()
        raise
    write = partial(transaction.write, seal=Sequencer().seal)
    return SQLiteStore(writing=ThreadLane(writing, write), reading=ThreadLane(reading, transaction.read))


async def store_exists(url: str) -> bool:
    """Tell whether there is something to open at a URL, or a new store would have to be begun."""
    return await has_store(url) if url.startswith(SCHEME) else _file_exists(file_of(url))


async def begin_store(url: str) -> None:
    """Begin the store at a URL where there is none; a new folder for it is one that only its owner can enter."""
    if not url.startswith(SCHEME):
        _make_folder(file_of(url).parent)
    await (await open_store(url, create=True)).close()


async def migrate(url: str) -> Migrated:
    """Bring a store to the schema of this program: a file while no gateway uses it, a database while nodes serve.

    Raises SettingsError where there is no store to migrate, or a newer program made it.
    """
    if url.startswith(SCHEME):
        return await migrate_database(url)
    return Migrated(applied=await asyncio.to_thread(StoreFile(path=file_of(url)).migrate))


def without_password(url: str) -> str:
    """Return a store's URL as it may be shown."""
    return (
        _PASSWORD.sub(lambda found: f"{found[1]}:***@" if found[1] is not None else f"{found[2]}***", url)
        if url.startswith(SCHEME)
        else url
    )


def _file_exists(path: Path) -> bool:
    return path.exists()


def _make_folder(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
