"""Every statement is named, described, used and understood by PostgreSQL; Python holds none."""

import re
from pathlib import Path

import pytest

import gateway.store
from gateway.store.postgres.search import _search
from gateway.store.postgres.statements import compiled, prepared

STORE = Path(gateway.store.__file__).parent / "postgres"
AREAS = sorted(file.stem for file in (STORE / "statements").glob("*.sql"))
STATEMENTS = {(area, name): statement for area in AREAS for name, statement in prepared(area).items()}
WHOLE = sorted(key for key in STATEMENTS if key[0] != "search")


async def test_postgresql_understands_every_statement(beneath):
    for key in WHOLE:
        await beneath.prepare(STATEMENTS[key].sql)


async def test_postgresql_understands_a_search_by_everything(beneath):
    asked = {"exchange", "number", "item_code", "source", "kind", "outcome", "since", "until"}

    await beneath.prepare(_search(frozenset(asked)).sql)
    await beneath.prepare(_search(frozenset({"destination"})).sql)


@pytest.mark.parametrize("key", WHOLE, ids=".".join)
def test_every_statement_is_used(key):
    source = "".join(file.read_text() for file in STORE.glob("*.py"))

    assert f'"{key[1]}"' in source


def test_python_holds_no_statement():
    sql = re.compile(r'"[^"]*\b(SELECT|INSERT INTO|UPDATE \w+ SET|DELETE FROM|CREATE (TABLE|INDEX))\b')

    assert [file.name for file in STORE.glob("*.py") if sql.search(file.read_text())] == []


def test_a_name_that_comes_twice_is_one_value_and_a_cast_is_none():
    statement = compiled("SELECT :b::text, :a, :b::bigint[]")

    assert statement.sql == "SELECT $1::text, $2, $1::bigint[]"
    assert statement.values({"a": 1, "b": 2, "c": 3}) == [2, 1]


@pytest.mark.parametrize(
    ("key", "index"),
    [
        (("outbox", "claim"), "deliveries_ready"),
        (("outbox", "conclude"), "deliveries_behind"),
        (("nodes", "put_back"), "deliveries_in_hand"),
        (("outbox", "due_deliveries"), "deliveries_due_by_id"),
        (("outbox", "deliveries_in_hand"), "deliveries_in_hand"),
        (("outbox", "deliveries_of_subject"), "deliveries_of_subject"),
        (("outbox", "backlogs"), "deliveries_ready"),
        (("outbox", "hasten"), "deliveries_ready"),
        (("exchanges", "history"), "taken_exchanges_[a-z0-9_]*subject_sequence_idx|exchanges_of_subject"),
        (("exchanges", "forget_nonces"), "nonces_by_expiry"),
        (("items", "item_versions"), "items_kind_code_version_key"),
        (("item_index", "postings"), "item_postings_pkey"),
        (("item_index", "coded"), "item_codes_pkey"),
        (("item_index", "look"), "items_pkey"),
    ],
    ids=str,
)
async def test_what_runs_often_reads_one_short_index(beneath, key, index):
    statement = STATEMENTS[key]
    nothing = ", ".join("NULL" for _ in statement.names)

    async with beneath.transaction():
        # Of an empty table the planner would rather read all; and what it does with any values, not with these.
        await beneath.execute("SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_generic_plan")
        await beneath.execute(f"PREPARE asked AS {statement.sql}")
        plan = await beneath.fetch(f"EXPLAIN EXECUTE asked({nothing})")
        await beneath.execute("DEALLOCATE asked")

    assert re.search(rf"\b(?:{index})\b", "\n".join(row[0] for row in plan))
