"""The HTTP application: every route, and the one middleware around them."""

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import hdrs, web

from gateway.api import audit, federation, operations, wellknown
from gateway.api.answering import answering
from gateway.api.parts import PARTS, Parts
from gateway.api.reading import announced_too_much

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# What cannot be a layout or a version is a path that nothing is at.
_LAYOUT: Final = "/operations/v1/adapters/{layout:[a-z][a-z0-9-]{0,63}}"
_VERSION: Final = _LAYOUT + "/{version:[0-9][0-9A-Za-z.-]{0,63}}"

ROUTES: Final[tuple[tuple[str, str, Handler], ...]] = (
    ("POST", "/federation/v1/applications", federation.submit_application),
    ("GET", "/federation/v1/applications/{number}", federation.read_application),
    ("POST", "/federation/v1/applications/{number}/events", federation.report_event),
    ("POST", "/federation/v1/exchanges", federation.relay_exchanges),
    ("GET", "/federation/v1/items", federation.list_items),
    ("GET", "/federation/v1/items/changes", federation.changed_items),
    ("POST", "/operations/v1/adapters", operations.upload_adapter),
    ("GET", "/operations/v1/adapters", operations.list_adapters),
    ("POST", _LAYOUT + "/rollback", operations.roll_back_adapter),
    ("GET", _VERSION, operations.read_adapter),
    ("GET", _VERSION + "/files", operations.read_files),
    ("GET", _VERSION + "/changes", operations.read_changes),
    ("POST", _VERSION + "/activate", operations.activate_adapter),
    ("POST", _VERSION + "/retire", operations.retire_adapter),
    ("GET", "/audit/v1/entries", audit.search_entries),
    ("GET", "/audit/v1/entries/{index:[0-9]{1,15}}/proof", audit.prove_inclusion),
    ("GET", "/audit/v1/consistency", audit.prove_consistency),
    ("GET", "/audit/v1/checkpoint", audit.read_checkpoint),
    ("GET", "/audit/v1/tile/{path:.+}", audit.read_tile),
    ("GET", "/.well-known/jwks.json", wellknown.jwks),
    ("GET", "/openapi.json", wellknown.openapi),
    ("GET", "/docs", wellknown.docs),
    ("GET", "/healthz", wellknown.healthz),
    ("GET", "/readyz", wellknown.readyz),
)


def build_app(parts: Parts) -> web.Application:
    """Return the application; run it with `GatewayRunner`, which answers what no application ever sees."""
    app = web.Application(middlewares=[answering(parts)])
    app[PARTS] = parts
    for method, path, handler in ROUTES:
        app.router.add_route(method, path, handler, expect_handler=meet_expectation)
        if method == hdrs.METH_GET:
            app.router.add_route(hdrs.METH_HEAD, path, handler)
    return app


async def meet_expectation(request: web.Request) -> None:
    """Invite a body that is waiting for `100 Continue`, unless it is announced as too large (RFC 9110 10.1.1)."""
    if request.headers[hdrs.EXPECT].lower() != "100-continue":
        raise web.HTTPExpectationFailed
    if not announced_too_much(request, request.app[PARTS].limits):
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # the answer itself has not begun
