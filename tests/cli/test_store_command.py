"""A store is moved by a command that tells both roots, shows no password, and leaves one store in service."""

import asyncio
import json

import pytest

from gateway.store import open_store
from tests.store.copying.filled import fill


@pytest.fixture
def filled(bare):
    assert bare

    async def begin():
        store = await open_store("sqlite:///here.sqlite", create=True)
        await fill(store)
        await store.close()

    asyncio.run(begin())
    return "sqlite:///here.sqlite"


def test_a_store_moves_to_a_database_and_back(filled, run, postgres_url):
    there = run("store", "copy", filled, postgres_url, "--json")
    refused = run("store", "copy", filled, "sqlite:///other.sqlite")
    back = run("store", "copy", postgres_url, "sqlite:///back.sqlite")

    assert there.exit_code == 0, there.output
    told = json.loads(there.stdout)
    assert told["log"]["root_from"] == told["log"]["root_to"]
    assert 0 < told["rows"]["leaves"] < told["log"]["size"]  # some are retired, and their hashes are there
    assert (refused.exit_code, "store_moved" in refused.stderr) == (1, True)
    assert back.exit_code == 0, back.output
    assert back.stdout.count(told["log"]["root_from"]) == 2
    assert "copied leaves" in back.stderr
    password = postgres_url.partition("@")[0].rpartition(":")[2]
    assert all(password not in each.output for each in (there, refused, back))


def test_a_moved_store_is_reopened_only_by_one_who_says_that_its_copy_was_never_used(filled, run):
    assert run("store", "copy", filled, "sqlite:///there.sqlite").exit_code == 0

    unsure = run("store", "reopen", filled)
    sure = run("store", "reopen", filled, "--yes", "--json")
    again = run("store", "reopen", filled, "--yes")

    assert unsure.exit_code == 2
    assert json.loads(sure.stdout) == {"store": filled, "reopened": True, "moved_to": "sqlite:///there.sqlite"}
    assert (again.exit_code, "was not moved" in again.stdout) == (0, True)
    assert asyncio.run(_opens(filled))


async def _opens(url):
    store = await open_store(url)
    await store.close()
    return True
