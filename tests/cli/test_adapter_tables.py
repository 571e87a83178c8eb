"""`tongban adapter tables`: what it prints makes the tables of a front-end database."""

import sqlite3
from contextlib import closing

import asyncpg
import pytest

from tests.front_ends import NAME, write_layouts


@pytest.fixture
def by_table(tmp_path):
    return write_layouts(tmp_path) / NAME


def test_what_is_printed_for_sqlite_makes_its_tables(by_table, run):
    printed = run("adapter", "tables", by_table, "--dialect", "sqlite")

    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(printed.stdout)
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert printed.exit_code == 0
    assert {"UP_PRO_ACCEPT", "DN_PRO_ACCEPT", "DN_PRO_MATERIAL", "DN_AUDIT_ABNORMAL", "TONGBAN_BATCH"} <= names


async def test_what_is_printed_for_postgresql_makes_its_tables(by_table, run, postgres_url):
    printed = run("adapter", "tables", by_table, "--dialect", "postgresql")

    connection = await asyncpg.connect(postgres_url)
    await connection.execute(printed.stdout)
    kind = await connection.fetchval(
        "SELECT data_type FROM information_schema.columns "
        "WHERE table_name = 'UP_PRO_ACCEPT' AND column_name = 'CD_TIME'"
    )
    await connection.close()
    assert kind == "timestamp without time zone"


def test_a_layout_that_does_not_exchange_by_table_has_none(run):
    refused = run("adapter", "tables", "national", "--dialect", "sqlite")

    assert refused.exit_code == 1
    assert "does not exchange by table" in refused.stderr
