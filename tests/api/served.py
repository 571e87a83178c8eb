"""Serves an application on a free loopback port, and holds every answer against the description."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

from gateway.api.serving import GatewayRunner
from tests.api.described import check_described
from tests.api.world import Caller


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """One answer as described: status, document (bytes where it is not JSON), headers, and the bytes themselves."""

    status: int
    document: Any
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The code of a problem."""
        return str(self.document["code"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """A running interface: its port, and a session that asks it."""

    session: aiohttp.ClientSession
    port: int

    async def ask(self, method: str, path: str, **options: Any) -> Answered:
        """Return the answer to one request, after holding it against the description."""
        async with self.session.request(method, path, allow_redirects=False, **options) as response:
            body = await response.read()
            document = check_described(method, response, body)
            return Answered(status=response.status, document=document, headers=dict(response.headers), body=body)

    async def signed(
        self,
        caller: Caller,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        exchange: str | None = None,
        media_type: str = "application/json",
    ) -> Answered:
        """Return the answer to a request that a partner signs."""
        headers = caller.headers(method, path, body, exchange=exchange)
        if body:
            headers["Content-Type"] = media_type
        return await self.ask(method, path, data=body or None, headers=headers)


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
