"""What anybody may ask: the gateway's keys, its description, and whether it is well."""

import asyncio
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web

from gateway.api.openapi import description
from gateway.api.page import Page, docs_page
from gateway.api.parts import PARTS, Check
from gateway.api.reply import reply
from gateway.core.errors import GatewayError

_PROBE_TIMEOUT_S: Final = 2.0


async def jwks(request: web.Request) -> web.Response:
    """Answer the keys that this gateway's receipts and tokens verify with (RFC 7517)."""
    keys = [key.document() for key in request.app[PARTS].published_keys()]
    return reply({"keys": keys}, media_type="application/jwk-set+json", cache="public, max-age=300")


async def openapi(request: web.Request) -> web.Response:
    """Answer the description of this interface (OpenAPI 3.1)."""
    return reply(description(request.app[PARTS].public_url), cache="public, max-age=300")


async def docs(request: web.Request) -> web.Response:
    """Answer the same description as a page for people."""
    page: Page = docs_page(request.app[PARTS].public_url)
    headers = {
        "Cache-Control": "public, max-age=300",
        "Content-Security-Policy": f"default-src 'none'; style-src '{page.style_hash}'; base-uri 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(text=page.html, content_type="text/html", headers=headers)


async def healthz(_: web.Request) -> web.Response:
    """Answer that the process is alive and its event loop turns; nothing else is asked."""
    return reply({"status": "alive"})


async def readyz(request: web.Request) -> web.Response:
    """Answer whether this gateway can serve now, check by check; 503 where one fails."""
    parts = request.app[PARTS]
    results = await asyncio.gather(*map(_result, parts.checks))
    if parts.stopping.begun:
        results.append({"name": "serving", "ok": False, "code": "gateway_stopping"})
    ready = all(result["ok"] for result in results)
    status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
    document = {"status": "ready" if ready else "not_ready", "checks": results}
    return reply(document, status=status)


async def _result(check: Check) -> dict[str, Any]:
    try:
        async with asyncio.timeout(_PROBE_TIMEOUT_S):
            await check.probe()
    except GatewayError as error:
        return {"name": check.name, "ok": False, "code": error.code}
    except TimeoutError:
        return {"name": check.name, "ok": False, "code": "check_timed_out"}
    return {"name": check.name, "ok": True}
