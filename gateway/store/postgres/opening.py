"""Opens the database of a store: the one that is there, or an empty one where a new store is asked for by name."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from gateway.core.errors import SettingsError
from gateway.flow.ports import Store
from gateway.store.copying.ends import require_in_service
from gateway.store.lane import Lane
from gateway.store.migrations import Migrated
from gateway.store.postgres.failures import promised
from gateway.store.postgres.listener import Listener
from gateway.store.postgres.log import Sequencer
from gateway.store.postgres.marks import mark
from gateway.store.postgres.readers import CONNECTIONS, Readers
from gateway.store.postgres.retention import Housekeeper
from gateway.store.postgres.schema import apply_migrations, check_schema, is_new, known_migrations
from gateway.store.postgres.server import LONGEST_S, Server, require_usable, shown
from gateway.store.postgres.session import Job, Session
from gateway.store.postgres.statements import prepared
from gateway.store.postgres.store import PostgreSQLStore
from gateway.store.postgres.writer import Writer

_SQL = prepared("schema")
_T = TypeVar("_T")


async def open_database(server: Server, *, create: bool) -> Store:
    """Open the store in a database; `create` begins a new one where the database is empty.

    Raises SettingsError where there is no such database, or it is not a store, or wants `migrate` first; and for
    a store that is not in service: `store_moved`, `store_unfinished`.
    """
    connection = await server.lane(server.answer_s)
    try:
        with promised():
            await require_usable(Session(connection))
            if await is_new(connection):
                await _begin(connection, server.url, create=create)
            await check_schema(connection, known_migrations())
            require_in_service(await mark(Session(connection)))
    except BaseException:
        connection.terminate()
        raise
    seal = Sequencer().seal
    return PostgreSQLStore(
        exchanging=_lane(Writer(server, answer_s=server.answer_s, seal=seal, connection=connection)),
        administering=_lane(Writer(server, answer_s=LONGEST_S, seal=seal, begin=_administer_alone)),
        readers=Readers(server, await server.pool(CONNECTIONS)),
        listener=Listener(server),
        housekeeper=Housekeeper(server=server),
    )


async def has_store(url: str) -> bool:
    """Tell whether there is a store in the database; raises as `open_database`."""
    return not await _asked(Server(url=url), is_new)


async def migrate_database(url: str) -> Migrated:
    """Bring a database to the schema of this program, as far as nodes of older programs let it.

    Raises SettingsError `store_missing` where no store was begun: an empty one looks like a gateway that never
    exchanged anything.
    """

    async def migrate(connection: asyncpg.Connection) -> Migrated:
        if await is_new(connection):
            raise _no_store(url)
        return await apply_migrations(connection, known_migrations())

    return await _asked(Server(url=url), migrate)


async def _begin(connection: asyncpg.Connection, url: str, *, create: bool) -> None:
    if not create:
        raise _no_store(url)
    await apply_migrations(connection, known_migrations())


def _no_store(url: str) -> SettingsError:
    return SettingsError(
        f"there is no store in {shown(url)}: `tongban migrate --create` begins one", code="store_missing"
    )


async def _asked(server: Server, job: Callable[[asyncpg.Connection], Awaitable[_T]]) -> _T:
    """Return what a job says on a connection made for it."""
    connection = await server.connect()
    try:
        with promised():
            await require_usable(Session(connection))
            return await job(connection)
    finally:
        connection.terminate()


def _lane(writer: Writer) -> Lane[Job]:
    return Lane(writer.write, writer.close)


async def _administer_alone(session: Session) -> None:
    await session.rows(_SQL["administer_alone"])
