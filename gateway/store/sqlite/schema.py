"""Brings a file to the schema of this program, or says why it cannot be used as it is."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from gateway.core.errors import SettingsError
from gateway.store.migrations import Applied, Migration, migrations_in, missing, require_all
from gateway.store.named import statements
from gateway.store.sqlite import catalogue, exchanges
from gateway.store.times import to_us

_SQL = statements(Path(__file__).parent / "statements" / "schema.sql")
_MIGRATIONS = Path(__file__).parent / "migrations"
_DERIVED: Mapping[str, Callable[[sqlite3.Connection], None]] = {
    "0004_catalogue": catalogue.derive,
    "0009_retention": exchanges.remember_all,
}  # after the script
APPLICATION_ID = 0x544F4E47  # "TONG": what the header of our files says they are


def known_migrations(folder: Path = _MIGRATIONS) -> tuple[Migration, ...]:
    """Return the migrations of this program in order."""
    return migrations_in(folder)


def check_schema(connection: sqlite3.Connection, known: Sequence[Migration]) -> None:
    """Return only if the file has exactly the schema of this program.

    Raises SettingsError `store_outdated` for one that wants migrating, `store_newer` for one that a later program
    made, `store_altered` where a migration was changed after it had been applied.
    """
    require_all(_applied(connection), known)


def apply_migrations(connection: sqlite3.Connection, known: Sequence[Migration]) -> tuple[str, ...]:
    """Apply what a file lacks, each step in a transaction of its own; return the names of those applied now.

    A new file takes all of them in one, so that whoever is killed meanwhile leaves nothing but an empty file. Raises
    SettingsError as `check_schema`, but for `store_outdated`.
    """
    names: list[str] = []
    while applied := _apply_next(connection, known):
        names += applied
    return tuple(names)


def _apply_next(connection: sqlite3.Connection, known: Sequence[Migration]) -> list[str]:
    # A crash in here leaves the schema before this step; running `migrate` again goes on from there.
    # What is missing is asked inside the transaction: another process may be migrating the same file.
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        applied = _applied(connection)
        lacking = missing(applied, known)
        return [_apply(connection, each) for each in (lacking[:1] if applied else lacking)]


def _apply(connection: sqlite3.Connection, migration: Migration) -> str:
    for statement in _split(migration.script):
        connection.execute(statement)
    if (derive := _DERIVED.get(migration.name)) is not None:
        derive(connection)
    record = {"number": migration.number, "name": migration.name, "checksum": migration.checksum}
    connection.execute(_SQL["record"], record | {"applied_at": to_us(datetime.now(UTC))})
    return migration.name


def is_new(connection: sqlite3.Connection) -> bool:
    """Tell whether nothing was ever kept in the file."""
    return connection.execute(_SQL["count_tables"]).fetchone()[0] == 0  # type: ignore[no-any-return]  # a row holds Any


def refuse_foreign(connection: sqlite3.Connection) -> None:
    """Raise SettingsError `store_foreign` for a database that another program keeps."""
    if not is_new(connection) and connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise SettingsError("the file is a database, but not a store of this program", code="store_foreign")


def _applied(connection: sqlite3.Connection) -> list[Applied]:
    return [] if is_new(connection) else [Applied(*row) for row in connection.execute(_SQL["applied"])]


def _split(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
