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

from gateway.core.errors import SettingsError
from gateway.flow.ports import Store, TreeHead
from gateway.store.copying.comparing import recomputed_head
from gateway.store.copying.copy import Copied, CopyStore, Progress, Tell
from gateway.store.copying.ends import End, require_in_service
from gateway.store.migrations import Migrated
from gateway.store.postgres.end import DatabaseEnd
from gateway.store.postgres.opening import has_store, migrate_database, open_database
from gateway.store.postgres.server import SCHEME, Server
from gateway.store.sqlite import transaction
from gateway.store.sqlite.end import FileEnd
from gateway.store.sqlite.file import StoreFile, file_of, publish
from gateway.store.sqlite.lane import ThreadLane
from gateway.store.sqlite.log import Sequencer
from gateway.store.sqlite.store import SQLiteStore
from gateway.store.sqlite.thread import DatabaseThread

__all__ = [
    "Copied",
    "Progress",
    "back_up",
    "begin_store",
    "copy_store",
    "migrate",
    "open_store",
    "reopen_store",
    "store_exists",
    "without_password",
]

_AT_ONCE_S: Final = 0.5  # who holds a file that is to be copied will not let go soon
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


async def copy_store(source: str, target: str, tell: Tell) -> Copied:
    """Copy the store at one URL to another, in either database, and mark the first as moved; raises as `CopyStore`.

    A copy that was cut off goes on where it was. `tell` hears of every batch.
    """
    if without_password(source) == without_password(target):
        raise SettingsError("a store is not copied onto itself", code="copy_onto_itself")
    left = await _end(source, target=False)
    try:
        entered = await _end(target, target=True)
        try:
            names = {"source_place": without_password(source), "target_place": without_password(target)}
            return await CopyStore(source=left, target=entered, tell=tell, **names)()
        finally:
            await entered.close()
    finally:
        await left.close()


async def reopen_store(url: str) -> str:
    """Take a store that was moved into service again; return where it had been moved to, "" where it had not been.

    Whoever asks for it answers for this: nothing was ever served from the copy. Raises SettingsError
    `store_unfinished` for a copy that has no end yet.
    """
    end = await _end(url, target=False)
    try:
        mark = await end.mark()
        if mark is None:
            return ""
        if not mark.moved:
            require_in_service(mark)
        await end.finish(await end.counters())
        return mark.place
    finally:
        await end.close()


async def back_up(url: str, file: Path) -> TreeHead:
    """Write a file's store as it is at this moment to a new file; return the head of its log, recomputed.

    Raises SettingsError `backup_by_server` for a database, `backup_exists`; CorruptedError where the log does not hold.
    """
    if url.startswith(SCHEME):
        raise SettingsError(
            "a database is backed up by its server's own programs: docs/operations.md", code="backup_by_server"
        )
    partial = await asyncio.to_thread(StoreFile(path=file_of(url)).write_copy, file)
    end = await FileEnd.open(StoreFile(path=partial), target=False)
    try:
        head = await recomputed_head(end)
    finally:
        await end.close()
    await asyncio.to_thread(publish, partial, file)
    return head


async def _end(url: str, *, target: bool) -> End:
    if url.startswith(SCHEME):
        return await DatabaseEnd.open(Server(url=url), target=target)
    path = file_of(url)
    if target:
        _make_folder(path.parent)
    return await FileEnd.open(StoreFile(path=path, patience_s=_AT_ONCE_S), target=target)


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
