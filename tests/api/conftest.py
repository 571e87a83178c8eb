"""A gateway's HTTP interface on a free loopback port."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from gateway.api.app import build_app
from gateway.api.parts import Parts
from gateway.core.catalogue.collaboration import collaboration_number
from gateway.flow.ports import Store
from gateway.store import open_store
from tests.api.served import Served, served
from tests.api.world import wire


@pytest.fixture
def parts() -> Parts:
    """Return parts without a store, for what never reaches one."""
    return wire(cast("Store", None))


@pytest.fixture
async def gateway(parts: Parts) -> AsyncIterator[Served]:
    async with served(build_app(parts)) as running:
        yield running


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(f"sqlite:///{tmp_path}/gateway.db", create=True)
    yield opened
    await opened.close()


@pytest.fixture
async def gateway_with_store(store: Store) -> AsyncIterator[Served]:
    async with served(build_app(wire(store))) as running:
        yield running


@pytest.fixture
def number() -> str:
    """Return a collaboration number that nobody has."""
    return collaboration_number("420300", 1)
