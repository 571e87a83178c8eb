"""What the tests of faults have: pairs of empty stores, one of each kind, as many as a long run needs."""

import random

import pytest

from tests.postgres import GivenServer
from tests.store.postgres.databases import Databases


class Stores:
    """Lends a pair of stores at a time: one in SQLite, one in PostgreSQL, in an order that a seed draws."""

    def __init__(self, folder, server: GivenServer) -> None:
        self._folder = folder
        self._server = server
        self._lent: Databases | None = None
        self._pairs = 0

    async def pair(self, seed: int) -> list[str]:
        """Return the URLs of two empty stores; what was lent before is taken back, so nobody may use it any more."""
        self.take_back()
        self._lent = Databases(self._server)
        self._pairs += 1
        urls = [f"sqlite:///{self._folder}/gateway-{self._pairs}.sqlite", await self._lent.new_store()]
        return urls if random.Random(seed).random() < 0.5 else urls[::-1]

    def take_back(self) -> None:
        if self._lent is not None:
            self._lent.take_back()
        self._lent = None


@pytest.fixture
def stores(postgres, tmp_path):
    lending = Stores(tmp_path, postgres)
    yield lending
    lending.take_back()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The URL of a store that is still to be made, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/gateway.sqlite"
    url: str = request.getfixturevalue("postgres_url")
    return url
