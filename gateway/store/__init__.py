"""MEMORY: what must survive a crash.

A store is opened by URL: `sqlite:///gateway.db` beside the program, `sqlite:////var/lib/tongban/gateway.db` anywhere.
"""

import sqlite3
from functools import partial

from gateway.flow.ports import Store
from gateway.store.sqlite import transaction
from gateway.store.sqlite.file import StoreFile, file_of
from gateway.store.sqlite.lane import Lane
from gateway.store.sqlite.log import Sequencer
from gateway.store.sqlite.store import SQLiteStore
from gateway.store.sqlite.thread import DatabaseThread

__all__ = ["migrate", "open_store"]


async def open_store(
    url: str, *, create: bool = False, patience_s: float = 5.0, factory: type[sqlite3.Connection] = sqlite3.Connection
) -> Store:
    """Open the store at a URL; `create` begins a new one where there is none.

    `patience_s` is how long a write waits for another process to finish its own; `factory` makes the connections.
    Raises SettingsError where the store is not there, is not one, or wants `migrate` first.
    """
    file = StoreFile(path=file_of(url), patience_s=patience_s, factory=factory)
    writing = await DatabaseThread(partial(file.writer, create=create)).open()
    try:
        reading = await DatabaseThread(file.reader).open()
    except BaseException:
        await writing.close()
        raise
    seal = Sequencer().seal
    return SQLiteStore(
        writing=Lane(writing, partial(transaction.write, seal=seal)), reading=Lane(reading, transaction.read)
    )


def migrate(url: str) -> tuple[str, ...]:
    """Bring a store to the schema of this program, while no gateway uses it; return the names of the steps taken.

    Raises SettingsError where there is no store to migrate, or a newer program made it.
    """
    return StoreFile(path=file_of(url)).migrate()
