"""Places for both ends of a copy, in every combination of databases."""

from itertools import count

import pytest

from gateway.store import open_store
from tests.store.contract.conftest import Files
from tests.store.copying.filled import fill
from tests.store.postgres.databases import Databases


@pytest.fixture
def places(request, tmp_path):
    """Where new stores may be, by the name of their database; servers are started only where one is asked for."""
    lent: list[Databases] = []

    def places(kind):
        if kind == "sqlite":
            return Files(tmp_path)
        if not lent:
            lent.append(Databases(request.getfixturevalue("postgres")))
        return lent[0]

    yield places
    for each in lent:
        each.take_back()


CROSSING = (("sqlite", "postgresql"), ("postgresql", "sqlite"))
STAYING = (("sqlite", "sqlite"), ("postgresql", "postgresql"))


@pytest.fixture(params=CROSSING, ids="-to-".join)
async def ends(request, places, tmp_path):
    """The URLs of a store in which everything happened, and of nothing or an empty store in the other database."""
    return await _ends(request.param, places, tmp_path)


@pytest.fixture(params=CROSSING + STAYING, ids="-to-".join)
async def any_ends(request, places, tmp_path):
    """The same, in every combination of databases."""
    return await _ends(request.param, places, tmp_path)


async def _ends(way, places, folder):
    one, other = way
    source = await places(one).new_store()
    await _fill(source)
    return source, f"sqlite:///{folder}/copy.sqlite" if other == "sqlite" else await places(other).new_store()


@pytest.fixture
def another_target(places, tmp_path):
    """A function that returns where nothing is yet, in the database of a target."""
    numbers = count(1)

    async def another(target):
        if target.startswith("sqlite"):
            return f"sqlite:///{tmp_path}/another-{next(numbers)}.sqlite"
        return await places("postgresql").new_store()

    return another


async def _fill(url):
    store = await open_store(url, create=True)
    try:
        await fill(store)
    finally:
        await store.close()
