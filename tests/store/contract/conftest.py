"""The stores that the contract binds; a backend is one more opener here, and no test changes."""

from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count

import pytest

from gateway.flow.ports import Store
from gateway.store import open_store

Open = Callable[[], Awaitable[Store]]


@pytest.fixture(params=["sqlite"])
def opener(request, tmp_path) -> Open:
    """A function that opens one and the same store, as often as it is called."""
    urls = {"sqlite": f"sqlite:///{tmp_path}/gateway.db"}

    async def open_again() -> Store:
        return await open_store(urls[request.param], create=True)

    return open_again


@pytest.fixture(params=["sqlite"])
def open_new(request, tmp_path) -> Open:
    """A function that opens another store with every call, with nothing in it."""
    numbers = count()
    urls = {"sqlite": lambda: f"sqlite:///{tmp_path}/{next(numbers)}.db"}

    async def open_another() -> Store:
        return await open_store(urls[request.param](), create=True)

    return open_another


@pytest.fixture
async def store(opener: Open) -> AsyncIterator[Store]:
    opened = await opener()
    yield opened
    await opened.close()
