"""Every statement is named, described, used and understood by SQLite; Python holds none."""

import re
import sqlite3
from pathlib import Path

import pytest

import gateway.store
from gateway.store.named import statements
from gateway.store.sqlite.schema import apply_migrations, known_migrations

STORE = Path(gateway.store.__file__).parent
FILES = sorted((STORE / "sqlite" / "statements").glob("*.sql"))
STATEMENTS = {(file.stem, name): sql for file in FILES for name, sql in statements(file).items()}
FRAGMENTS = {key for key in STATEMENTS if key[0] == "search"}


@pytest.fixture
def connection(tmp_path):
    opened = sqlite3.connect(tmp_path / "gateway.db", isolation_level=None)
    apply_migrations(opened, known_migrations())
    yield opened
    opened.close()


def plan(connection, sql, **values):
    wanted = {name: values.get(name) for name in re.findall(r":(\w+)", sql)}
    parameters = wanted or [None] * sql.count("?")
    return "\n".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters))


@pytest.mark.parametrize("key", sorted(STATEMENTS.keys() - FRAGMENTS), ids=".".join)
def test_sqlite_understands_every_statement(connection, key):
    plan(connection, STATEMENTS[key])


@pytest.mark.parametrize("key", sorted(STATEMENTS.keys() - FRAGMENTS), ids=".".join)
def test_every_statement_is_used(key):
    source = "".join(file.read_text() for file in (STORE / "sqlite").glob("*.py"))

    assert f'"{key[1]}"' in source


def test_python_holds_no_statement():
    sql = re.compile(r'"[^"]*\b(SELECT|INSERT INTO|UPDATE \w+ SET|DELETE FROM|CREATE (TABLE|INDEX))\b')

    assert [file.name for file in (STORE / "sqlite").glob("*.py") if sql.search(file.read_text())] == []


@pytest.mark.parametrize(
    ("key", "index"),
    [
        (("outbox", "claim"), "deliveries_due (destination=? AND head=? AND due_at<?)"),
        (("outbox", "promote"), "deliveries_behind (destination=? AND subject=?)"),
        (("outbox", "add_delivery"), "deliveries_heads (destination=? AND subject=?)"),
        (("nodes", "put_back"), "deliveries_in_hand (state=?)"),
        (("outbox", "deliveries_in_hand"), "deliveries_in_hand (state=? AND id>?)"),
        (("outbox", "deliveries_of_subject"), "deliveries_of_subject (subject=? AND id>?)"),
        (("outbox", "backlogs"), "COVERING INDEX deliveries_due (destination>?)"),
        (("outbox", "backlogs"), "deliveries_due (destination=? AND head=? AND due_at<?)"),
        (("outbox", "hasten"), "deliveries_due (destination=? AND head=? AND due_at>?)"),
        (("exchanges", "history"), "exchanges_of_subject (subject=?)"),
        (("exchanges", "forget_nonces"), "nonces_by_expiry (expires_at<?)"),
        (("items", "find_item"), "(kind=? AND code=? AND version=?)"),
        (("items", "item_versions"), "(kind=? AND code>? AND code<?)"),
        (("item_index", "posting"), "PRIMARY KEY (term=? AND block=?)"),
        (("item_index", "coded"), "PRIMARY KEY (code>? AND code<?)"),
        (("item_index", "look"), "items USING INTEGER PRIMARY KEY (rowid=?)"),
        (
            ("item_index", "look_published"),
            "newer USING INDEX sqlite_autoindex_items_1 (kind=? AND code=? AND version>?)",
        ),
    ],
)
def test_what_runs_often_reads_one_short_index(connection, key, index):
    assert index in plan(connection, STATEMENTS[key])


@pytest.mark.parametrize("key", [("outbox", "claim"), ("item_index", "look"), ("exchanges", "history")])
def test_what_is_paged_in_order_is_not_sorted(connection, key):
    assert "TEMP B-TREE" not in plan(connection, STATEMENTS[key])


def test_a_statement_without_description_is_a_mistake(tmp_path):
    (tmp_path / "x.sql").write_text("-- name: one\nSELECT 1;\n")

    with pytest.raises(ValueError, match="one is not described"):
        statements(tmp_path / "x.sql")


def test_a_name_given_twice_is_a_mistake(tmp_path):
    (tmp_path / "x.sql").write_text("-- name: one\n-- One.\nSELECT 1;\n-- name: one\n-- One.\nSELECT 1;\n")

    with pytest.raises(ValueError, match="one is there twice"):
        statements(tmp_path / "x.sql")
