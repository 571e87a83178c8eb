"""A gateway's HTTP interface on a free loopback port."""

from collections.abc import AsyncIterator
from typing import cast

import pytest

from gateway.api.app import build_app
from gateway.api.parts import Parts
from gateway.flow.ports import Store
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
