"""What exchanges cost does not depend on whether the server has counted its rows: each is found by the right index."""

import re

import pytest

from gateway.store.postgres.server import Server
from gateway.store.postgres.statements import prepared
from tests.store.postgres.databases import Databases

_TYPES = "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'asked'"
_GROWING = re.compile(r"Seq Scan on (deliveries|applications|nonces|exchange_ids|taken_exchanges|leaves|entry_)")


@pytest.mark.parametrize(
    ("area", "name", "indexes"),
    [
        ("exchanges", "lock_before_taking", {"applications_pkey"}),
        ("exchanges", "known_exchanges", {"exchange_ids_pkey"}),
        ("exchanges", "take", {"deliveries_heads"}),
        ("log", "known_entries", {"entry_index_0_id"}),
        ("log", "grow", {"entry_index_0_id"}),
        ("outbox", "claim", {"deliveries_ready", "deliveries_pkey", "backoffs_pkey"}),
        ("outbox", "lock_lines", {"deliveries_id_key", "applications_pkey"}),
        ("outbox", "conclude", {"deliveries_id_key", "deliveries_behind"}),
        ("outbox", "promote", {"deliveries_pkey"}),
        ("nodes", "put_back", {"deliveries_in_hand", "deliveries_pkey"}),
    ],
)
async def test_rows_are_found_by_the_right_index_before_anybody_has_counted_them(postgres, area, name, indexes):
    # Of indexes that do as well the server takes the smaller, and in a store that was emptied their sizes differ.
    connection = await Server(url=await Databases(postgres).untouched_store()).lane(10)

    await connection.execute(f"PREPARE asked AS {prepared(area)[name].sql}")
    values = ["0" if each == "bigint" else "NULL" for each in await connection.fetchval(_TYPES)]
    plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN EXECUTE asked ({', '.join(values)})"))
    await connection.close()

    assert set(re.findall(r"(?:using|Index Scan on) (\w+)", plan)) >= indexes, plan
    assert not _GROWING.search(plan), plan
