"""What a copy carries is every column of every table, in either database: a migration that adds one says so there."""

import sqlite3
from contextlib import closing

import asyncpg
import pytest

from gateway.store import begin_store
from gateway.store.copying.shape import OWN, TABLES

CARRIED = {table.name: set(table.columns) for table in TABLES}
_COLUMNS = """
SELECT table_name, column_name, data_type, column_default, is_identity FROM information_schema.columns
WHERE table_schema = current_schema()
"""


@pytest.fixture
async def in_a_file(tmp_path):
    """The columns of a file's tables, what is kept beside put where it belongs."""
    await begin_store(f"sqlite:///{tmp_path}/a.sqlite")
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        found = {
            name: {row[1] for row in connection.execute("SELECT * FROM pragma_table_info(?)", (name,))}
            for name in names
            if not name.startswith("sqlite_")
        }
    for table in TABLES:
        if table.beside:
            beside = found.pop(table.beside)
            assert beside == {*table.key, *table.apart}
            found[table.name] |= beside
    return found


@pytest.fixture
async def in_a_database(postgres_url):
    """The columns of a database's tables."""
    await begin_store(postgres_url)
    connection = await asyncpg.connect(postgres_url)
    try:
        partitions = {
            row["relname"] for row in await connection.fetch("SELECT relname FROM pg_class WHERE relispartition")
        }
        rows = await connection.fetch(_COLUMNS)
    finally:
        await connection.close()
    return [row for row in rows if row["table_name"] not in partitions]


async def test_every_column_of_a_file_is_carried(in_a_file):
    assert {name: columns for name, columns in in_a_file.items() if name not in OWN} == CARRIED


async def test_every_column_of_a_database_is_carried(in_a_database):
    found: dict[str, set[str]] = {}
    for row in in_a_database:
        found.setdefault(row["table_name"], set()).add(row["column_name"])

    assert {name: columns for name, columns in found.items() if name not in OWN} == CARRIED


async def test_flags_and_counted_keys_are_those_of_the_database(in_a_database):
    carried = [row for row in in_a_database if row["table_name"] in CARRIED]
    flags = {(row["table_name"], row["column_name"]) for row in carried if row["data_type"] == "boolean"}
    counted = {(row["table_name"], row["column_name"]) for row in carried if _counts(row)}

    assert {(table.name, name) for table in TABLES for name in table.flags} == flags
    assert {(table.name, *table.key) for table in TABLES if table.counted} == counted


def _counts(row):
    return row["is_identity"] == "YES" or (row["column_default"] or "").startswith("nextval(")
