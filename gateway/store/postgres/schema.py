"""Brings a database to the schema of this program while nodes serve from it, or says why it cannot be used as it is.

What only adds is done beside nodes that do not know of it; what takes away waits until none of them is left. No step
may keep others waiting: one that does not get its locks at once lets go of everything and tries again.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import asyncpg

from gateway.core.errors import SettingsError, StoreUnavailableError
from gateway.store.migrations import (
    Applied,
    Migrated,
    Migration,
    Step,
    migrations_in,
    missing,
    require_all,
    require_expanded,
)
from gateway.store.postgres.session import Session
from gateway.store.postgres.statements import prepared
from gateway.store.times import to_us

_SQL = prepared("schema")
_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_TRIES: Final = 300  # of a step that does not get its locks
_PAUSE_S: Final = 0.1
_STEP_S: Final = 86_400.0  # a step by itself may read everything there is


def known_migrations(folder: Path = _MIGRATIONS) -> tuple[Migration, ...]:
    """Return the migrations of this program in order."""
    return migrations_in(folder)


LEVEL: Final = len(known_migrations())  # the last migration that this program knows: what its connections are called by


async def is_new(connection: asyncpg.Connection) -> bool:
    """Tell whether no store was ever finished here; SettingsError `store_foreign` where another program's is."""
    found = await Session(connection).one(_SQL["belongings"])
    if found["tables"] and not (found["ours"] or found["beginning"]):
        raise SettingsError("the database is not empty, and not a store of this program", code="store_foreign")
    return bool(found["beginning"] or not found["ours"])


async def check_schema(connection: asyncpg.Connection, known: Sequence[Migration]) -> None:
    """Return only if a node of this program can serve from the database; raises as `migrations.require_expanded`.

    It may have expansions that are not known here, and may lack what only takes away.
    """
    require_expanded(await _applied(connection), known)


async def check_exactly(connection: asyncpg.Connection, known: Sequence[Migration]) -> None:
    """Return only if the database is what this program knows and nothing else: whoever copies it would leave that out.

    Raises SettingsError as `check_schema`, and `store_newer` for an expansion that is not known here.
    """
    applied = await _applied(connection)
    require_all(applied, known)
    if len(applied) > len(known):
        raise SettingsError("the store was made by a newer program: run that one", code="store_newer")


async def apply_migrations(connection: asyncpg.Connection, known: Sequence[Migration]) -> Migrated:
    """Apply what a database lacks, in order, as far as nodes of older programs let it.

    Raises SettingsError `store_newer` and `store_altered`, and StoreUnavailableError `store_busy` where a step did not
    get its locks for half a minute. Running it again goes on from there.
    """
    async with _alone(connection):
        if not await is_new(connection):
            return await _go_on(connection, known)
        await connection.execute(_SQL["begin"].sql)
        applied = tuple([await _apply(connection, each) for each in missing(await _applied(connection), known)])
        await connection.execute(_SQL["begun"].sql)
        return Migrated(applied=applied)


async def _go_on(connection: asyncpg.Connection, known: Sequence[Migration]) -> Migrated:
    """Apply what a store lacks from which nodes may serve."""
    names: list[str] = []
    lacking = missing(await _applied(connection), known)
    for at, migration in enumerate(lacking):
        if not migration.expands and await _older_nodes(connection, migration):
            return Migrated(applied=(*names,), waiting=tuple(each.name for each in lacking[at:]))
        names.append(await _apply(connection, migration))
    return Migrated(applied=(*names,))


async def _apply(connection: asyncpg.Connection, migration: Migration) -> str:
    """Take what is left of the steps of a migration; return its name."""
    # A crash in here leaves the steps that are done; what they made is of use to nobody, and in nobody's way.
    for number, step in enumerate(migration.steps, 1):
        if not await _is_done(connection, migration, number):
            await (_do_alone if step.alone else _do)(connection, migration, number, step)
    async with connection.transaction():
        await _record(connection, migration)
    return migration.name


async def _do(connection: asyncpg.Connection, migration: Migration, number: int, step: Step) -> None:
    """Do a step in a transaction that waits for no lock: whoever waits for one keeps all that come later waiting."""
    for _ in range(_TRIES):
        try:
            async with connection.transaction():
                await Session(connection).rows(_SQL["hurry"])
                await connection.execute(step.script, timeout=_STEP_S)
                await _note(connection, migration, number)
                return
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            await asyncio.sleep(_PAUSE_S)
    raise StoreUnavailableError(f"the nodes left no moment for {migration.name}: run it again", code="store_busy")


async def _do_alone(connection: asyncpg.Connection, migration: Migration, number: int, step: Step) -> None:
    """Do a step that commits as it goes, or that no transaction can hold; it keeps nobody waiting."""
    await Session(connection).rows(_SQL["take_time"])
    for statement in step.script.split("-- then\n"):
        await connection.execute(statement, timeout=_STEP_S)
    await _note(connection, migration, number)


async def _is_done(connection: asyncpg.Connection, migration: Migration, step: int) -> bool:
    session = Session(connection)
    if not (await session.one(_SQL["belongings"]))["stepping"]:
        return False
    done = await session.one(_SQL["is_done"], {"number": migration.number, "step": step})
    return bool(done["done"])


async def _note(connection: asyncpg.Connection, migration: Migration, step: int) -> None:
    session = Session(connection)
    await session.rows(_SQL["begin_stepping"])
    await session.rows(_SQL["begin_expanding"])
    await session.change(_SQL["note_step"], {"number": migration.number, "step": step})


async def _record(connection: asyncpg.Connection, migration: Migration) -> None:
    """Remember that a migration was applied; with one that takes away, the expansions before it are settled."""
    session = Session(connection)
    row = {"number": migration.number, "name": migration.name, "checksum": migration.checksum}
    row |= {"applied_at": to_us(datetime.now(UTC))}
    if migration.expands:
        await session.change(_SQL["record_expansion"], row)
    else:
        await session.change(_SQL["settle_expansions"], {})
        await session.change(_SQL["record"], row)


async def _older_nodes(connection: asyncpg.Connection, migration: Migration) -> bool:
    """Tell whether a node is connected that does not know what this migration takes away."""
    found = await Session(connection).one(_SQL["older_nodes"], {"level": migration.number})
    return bool(found["nodes"])


@asynccontextmanager
async def _alone(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """Migrate while nobody else does; who waits asks again and again: waiting in the server would hold up an index."""
    session = Session(connection)
    while True:
        if (await session.one(_SQL["migrate_alone"]))["alone"]:
            break
        await asyncio.sleep(_PAUSE_S)
    try:
        yield
    finally:
        if not connection.is_closed():
            await session.rows(_SQL["let_others_migrate"])


async def _applied(connection: asyncpg.Connection) -> list[Applied]:
    session = Session(connection)
    found = await session.one(_SQL["belongings"])
    rows = await session.rows(_SQL["applied"]) if found["ours"] else []
    rows += await session.rows(_SQL["expansions"]) if found["stepping"] else []
    return [Applied(**row) for row in rows]
