"""Brings a database to the schema of this program, or says why it cannot be used as it is."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from gateway.core.errors import SettingsError
from gateway.store.migrations import Migration, migrations_in, missing, require_all
from gateway.store.postgres.session import Session
from gateway.store.postgres.statements import prepared
from gateway.store.times import to_us

_SQL = prepared("schema")
_MIGRATIONS = Path(__file__).parent / "migrations"


def known_migrations(folder: Path = _MIGRATIONS) -> tuple[Migration, ...]:
    """Return the migrations of this program in order."""
    return migrations_in(folder)


async def is_new(connection: asyncpg.Connection) -> bool:
    """Tell whether nothing was ever kept in the database; SettingsError `store_foreign` where another program's is."""
    found = await Session(connection).one(_SQL["belongings"])
    if found["tables"] and not found["ours"]:
        raise SettingsError("the database is not empty, and not a store of this program", code="store_foreign")
    return not found["ours"]


async def check_schema(connection: asyncpg.Connection, known: Sequence[Migration]) -> None:
    """Return only if the database has exactly the schema of this program; raises as `migrations.require_all`."""
    require_all(await _applied(connection), known)


async def apply_migrations(connection: asyncpg.Connection, known: Sequence[Migration]) -> tuple[str, ...]:
    """Apply what a database lacks, each step in a transaction of its own; return the names of those applied now.

    Raises SettingsError as `check_schema`, but for `store_outdated`.
    """
    names: list[str] = []
    while (name := await _apply_next(connection, known)) is not None:
        names.append(name)
    return tuple(names)


async def _apply_next(connection: asyncpg.Connection, known: Sequence[Migration]) -> str | None:
    # A crash in here leaves the schema before this step; running `migrate` again goes on from there.
    # What is missing is asked under the lock: another node may be migrating the same database.
    async with connection.transaction():
        session = Session(connection)
        await session.rows(_SQL["migrate_alone"])
        lacking = missing(await _applied(connection), known)
        if not lacking:
            return None
        migration = lacking[0]
        await connection.execute(migration.script)
        record = {"number": migration.number, "name": migration.name, "checksum": migration.checksum}
        await session.change(_SQL["record"], record | {"applied_at": to_us(datetime.now(UTC))})
        return migration.name


async def _applied(connection: asyncpg.Connection) -> list[tuple[int, str, str]]:
    if await is_new(connection):
        return []
    rows = await Session(connection).rows(_SQL["applied"])
    return [(row["number"], row["name"], row["checksum"]) for row in rows]
