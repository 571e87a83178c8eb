"""What the tests of the PostgreSQL store have: a database with an empty store, and nodes that open it."""

import asyncpg
import pytest

from gateway.store import open_store
from tests.store.postgres.databases import Databases


@pytest.fixture
async def url(postgres):
    """The URL of an empty store."""
    databases = Databases(postgres)
    yield await databases.new_store()
    databases.take_back()


@pytest.fixture
async def nodes(url):
    """Two gateways' stores over one database."""
    opened = [await open_store(url) for _ in range(2)]
    yield opened
    for store in opened:
        await store.close()


@pytest.fixture
async def beneath(url):
    """A connection of somebody who goes around the store."""
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()
