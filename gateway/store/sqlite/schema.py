"""Brings a file to the schema of this program, or says why it cannot be used as it is."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from gateway.core.errors import SettingsError
from gateway.store.named import statements
from gateway.store.sqlite import catalogue
from gateway.store.sqlite.times import to_us

_SQL = statements(Path(__file__).parent / "statements" / "schema.sql")
_MIGRATIONS = Path(__file__).parent / "migrations"
_DERIVED: Mapping[str, Callable[[sqlite3.Connection], None]] = {"0004_catalogue": catalogue.derive}  # after the script
APPLICATION_ID = 0x544F4E47  # "TONG": what the header of our files says they are


@dataclass(frozen=True, kw_only=True, slots=True)
class Migration:
    """One step from an older schema to a newer."""

    number: int
    name: str
    checksum: str
    script: str


def known_migrations(folder: Path = _MIGRATIONS) -> tuple[Migration, ...]:
    """Return the migrations of this program in order."""
    return tuple(map(_read, sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))))


def check_schema(connection: sqlite3.Connection, known: Sequence[Migration]) -> None:
    """Return only if the file has exactly the schema of this program.

    Raises SettingsError `store_outdated` for one that wants migrating, `store_newer` for one that a later program
    made, `store_altered` where a migration was changed after it had been applied.
    """
    applied = _applied(connection)
    missing = _missing(applied, known)
    if missing:
        raise SettingsError(
            f"the store lacks {len(missing)} migrations, from {missing[0].name}: run `tongban migrate`",
            code="store_outdated",
        )


def apply_migrations(connection: sqlite3.Connection, known: Sequence[Migration]) -> tuple[str, ...]:
    """Apply what a file lacks, each step in a transaction of its own; return the names of those applied now.

    Raises SettingsError as `check_schema`, but for `store_outdated`.
    """
    names: list[str] = []
    while (name := _apply_next(connection, known)) is not None:
        names.append(name)
    return tuple(names)


def _apply_next(connection: sqlite3.Connection, known: Sequence[Migration]) -> str | None:
    # A crash in here leaves the schema before this step; running `migrate` again goes on from there.
    # What is missing is asked inside the transaction: another process may be migrating the same file.
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        missing = _missing(_applied(connection), known)
        if not missing:
            return None
        migration = missing[0]
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


def _applied(connection: sqlite3.Connection) -> list[tuple[int, str, str]]:
    return [] if is_new(connection) else [tuple(row) for row in connection.execute(_SQL["applied"])]


def _missing(applied: Sequence[tuple[int, str, str]], known: Sequence[Migration]) -> Sequence[Migration]:
    if len(applied) > len(known):
        raise SettingsError("the store was made by a newer program: run that one", code="store_newer")
    for (number, name, checksum), migration in zip(applied, known, strict=False):
        if (number, checksum) != (migration.number, migration.checksum):
            raise SettingsError(f"the store was made by another migration {name}", code="store_altered")
    return known[len(applied) :]


def _read(file: Path) -> Migration:
    script = file.read_text("utf-8")
    checksum = sha256(script.encode()).hexdigest()
    return Migration(number=int(file.stem[:4]), name=file.stem, checksum=checksum, script=script)


def _split(script: str) -> Iterator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
