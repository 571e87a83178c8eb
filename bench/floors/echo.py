"""The floor of receiving: bare aiohttp on uvloop that answers a body with itself."""

import sys

import uvloop
from aiohttp import web

from bench.floors.site import run


async def echo(request: web.Request) -> web.Response:
    """Answer the body as it came."""
    return web.Response(body=await request.read(), content_type="application/json")


def main(port: str) -> None:
    """Serve until terminated."""
    app = web.Application()
    app.router.add_post("/", echo)
    uvloop.run(run(app, int(port)))


if __name__ == "__main__":
    main(*sys.argv[1:])
