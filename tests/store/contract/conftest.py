"""The stores that the contract binds; a backend is one more opener here, and no test changes."""

from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from pathlib import Path

import pytest

from gateway.flow.ports import Store
from gateway.store import open_store
from tests.store.postgres.databases import Databases

Open = Callable[[], Awaitable[Store]]


class Files:
    """Where SQLite stores may be."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()

    async def new_store(self) -> str:
        return f"sqlite:///{self._folder}/{next(self._numbers)}.db"

    passing_store = new_store


@pytest.fixture(params=["sqlite", "postgresql"])
async def places(request, tmp_path) -> AsyncIterator[Files | Databases]:
    """Where stores of one backend may be."""
    if request.param == "sqlite":
        yield Files(tmp_path)
        return
    databases = Databases(request.getfixturevalue("postgres"))
    yield databases
    databases.take_back()


@pytest.fixture
async def opener(places) -> Open:
    """A function that opens one and the same store, as often as it is called."""
    url = await places.new_store()

    async def open_again() -> Store:
        return await open_store(url, create=True)

    return open_again


@pytest.fixture
def open_new(places) -> Open:
    """A function that opens another store with every call, with nothing in it."""

    async def open_another() -> Store:
        return await open_store(await places.passing_store(), create=True)

    return open_another


@pytest.fixture
async def store(opener: Open) -> AsyncIterator[Store]:
    opened = await opener()
    yield opened
    await opened.close()
