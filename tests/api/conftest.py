"""A gateway's HTTP interface on a free loopback port, and a client that holds every answer against the description."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from uuid_utils import uuid7

from gateway.api.app import build_app
from gateway.api.parts import Check, Parts
from gateway.api.serving import GatewayRunner
from gateway.core.trust.keys import PublicKey
from tests.api.described import check_described

PUBLIC_URL = "https://gateway.example"
_JWK = '{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}'


class FrozenClock:
    """A clock that stands."""

    def now(self) -> datetime:
        return datetime(2026, 11, 2, 8, 30, tzinfo=UTC)


async def healthy() -> None:
    """Be well."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """A running interface: its address, and a session that asks it."""

    session: aiohttp.ClientSession
    port: int

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Any, aiohttp.ClientResponse]:
        """Return status, document and response of one request, after holding it against the description."""
        async with self.session.request(method, path, allow_redirects=False, **options) as response:
            body = await response.read()
            document = check_described(method, response, body)
            return response.status, document, response


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[Served]:
    """Serve an application on a free loopback port."""
    runner = GatewayRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", auto_decompress=False) as session:
            yield Served(session=session, port=port)
    finally:
        await runner.cleanup()


@pytest.fixture
def parts() -> Parts:
    return Parts(
        public_url=PUBLIC_URL,
        clock=FrozenClock(),
        new_id=lambda: str(uuid7()),
        published_keys=lambda: (PublicKey(id="kPrK_qmxVWaYVA9w", algorithm="EdDSA", jwk=_JWK),),
        checks=(Check(name="store", probe=healthy),),
    )


@pytest.fixture
async def gateway(parts) -> AsyncIterator[Served]:
    async with served(build_app(parts)) as running:
        yield running
