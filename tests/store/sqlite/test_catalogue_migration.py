"""A store from before the catalogue keeps its items and its feed, and finds its items by what their documents say."""

import sqlite3
from datetime import UTC, datetime

import orjson
import pytest

from gateway.core.catalogue.search import ItemFilter
from gateway.store import migrate, open_store
from gateway.store.sqlite.schema import apply_migrations, known_migrations

FEED = "0003_feed"
DAY_US = 86_400_000_000
DOCUMENT = {
    "name": "学历公证",
    "region": "511602000000",
    "implementationCode": "11511602MB1234567X4000141004000",
    "baseCode": "000141004000",
    "crossRegion": {"modes": ["online"]},
    "effectiveTo": "2026-03-31",
}
LAST_MIDNIGHT = datetime(2026, 3, 30, 16, tzinfo=UTC)  # in Shanghai, of the last day: what 0001 took for the end


@pytest.fixture
def old(tmp_path):
    """The path of a store with two items, one of them a partner's, and a feed that has counted to three."""
    path = tmp_path / "gateway.db"
    connection = sqlite3.connect(path, isolation_level=None)
    names = [each.name for each in known_migrations()]
    apply_migrations(connection, known_migrations()[: names.index(FEED) + 1])
    for sequence, code in ((1, DOCUMENT["implementationCode"]), (2, "THEIRS")):
        connection.execute(
            "INSERT INTO items VALUES (?, ?, 1, ?, ?, 'in-use', NULL, ?, 'digest', '[]')",
            (sequence, code, DOCUMENT["region"], DOCUMENT["name"], int(LAST_MIDNIGHT.timestamp()) * 1_000_000),
        )
        connection.execute("INSERT INTO item_documents VALUES (?, ?)", (sequence, orjson.dumps(DOCUMENT)))
    connection.execute("INSERT INTO mirrored_items VALUES (2, 'ankang', 'e', 'word')")
    connection.execute("DELETE FROM item_changes WHERE sequence = 2")
    connection.execute("UPDATE items SET digest = 'other' WHERE sequence = 1")
    connection.close()
    return path


@pytest.mark.parametrize(
    "wanted",
    [ItemFilter(name="历公"), ItemFilter(code="000141"), ItemFilter(mode="online"), ItemFilter(region="5116")],
)
async def test_items_from_before_are_found_by_all_that_their_documents_say(old, wanted):
    await migrate(f"sqlite:///{old}")
    store = await open_store(f"sqlite:///{old}")

    page = await store.find_items(wanted)

    assert [item.name for item in page.items] == ["学历公证"] * 2
    assert page.items[0].facets.base_code == "000141004000"
    await store.close()


async def test_the_last_day_in_force_is_in_force_to_its_end(old):
    await migrate(f"sqlite:///{old}")
    store = await open_store(f"sqlite:///{old}")

    (item,) = await store.item_versions("THEIRS")

    assert item.effective_to == datetime(2026, 3, 31, 16, tzinfo=UTC)
    await store.close()


async def test_the_feed_goes_on_where_it_was_and_copies_stay_copies(old):
    await migrate(f"sqlite:///{old}")
    connection = sqlite3.connect(old)

    assert connection.execute("SELECT number, sequence FROM item_changes").fetchall() == [(3, 1)]
    assert connection.execute("SELECT owner FROM mirrored_items").fetchall() == [("ankang",)]
    connection.execute("UPDATE items SET digest = 'again' WHERE sequence = 1")
    assert connection.execute("SELECT number, sequence FROM item_changes").fetchall() == [(4, 1)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
