"""A regional system that signs nothing: a real server whose doors a test bends, which checks every proof for real."""

import asyncio
import hashlib
import hmac
import json
import shutil
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from gateway.core.model import Partner, PartnerKind
from gateway.resources import data_folder
from tests.gateways import ANKANG
from tests.simulator import PartnerSimulator

SECRET = "appsecret-of-nobody"
TRANSPORT = """
[transport]
kind = "http"
path = { application = "/sysapi/apply" }
timeout_s = 30
exchange = { header = "X-Exchange" }
number = { header = "X-Number" }
[transport.authentication]
kind = "national"
credential = "appsecret"
requester = "rid-1"
service = "sid-1"
[transport.answer]
code = "/code"
accepted = ["200"]
codes = { 300 = "applicant_unknown" }
message = "/message"
"""
Answering = Callable[[web.Request, bytes], web.StreamResponse | Awaitable[web.StreamResponse]]


def told(code: object = "200", **more: object) -> web.Response:
    return web.json_response({"code": code, **more})


@dataclass(kw_only=True)
class PlainSystem:
    """`effects` are the exchanges it has acted on: a repeat of one, told by its id, has no second effect."""

    answer: Answering = field(default=lambda _request, _body: told())
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)  # that were given out, the newest last
    valid: set[str] = field(default_factory=set)
    endpoint: str = ""

    async def take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.requests.append((request.path_qs, dict(request.headers), body))
        exchange = request.headers.get("X-Exchange", "")
        if exchange and exchange not in self.effects:
            self.effects.append(exchange)
        answer = self.answer(request, body)
        return answer if isinstance(answer, web.StreamResponse) else await answer

    async def give_token(self, request: web.Request) -> web.Response:
        asked = dict(parse_qsl(urlsplit(request.path_qs).query))
        right = hashlib.md5(f"{SECRET}{asked['timestamp']}".encode(), usedforsecurity=False).hexdigest()
        if not hmac.compare_digest(asked["token"], right) or asked["appId"] != "7":
            return told("401")
        self.tokens.append(f"token-{len(self.tokens)}")
        self.valid = {self.tokens[-1]}
        return told(data={"token": self.tokens[-1], "expiresIn": 3600})

    def wants_token(self, request: web.Request, _body: bytes) -> web.Response:
        return told() if request.headers.get("token") in self.valid else told("401")

    def wants_national(self, request: web.Request, body: bytes) -> web.Response:
        rid, sid, rtime = (request.headers[f"gjzwfwpt_{name}"] for name in ("rid", "sid", "rtime"))
        right = b64encode(hmac.digest(SECRET.encode(), f"{sid}{rid}{rtime}".encode(), "sha256")).decode()
        lower = all(name == name.lower() for name in json.loads(body))
        good = request.headers["gjzwfwpt_sign"] == right and lower and request.path.startswith("/sysapi/")
        return told(200 if good else 300, message="", data=None)


@asynccontextmanager
async def plain_system() -> AsyncIterator[PlainSystem]:
    """Run a system on a free loopback port."""
    system = PlainSystem()
    app = web.Application()
    app.router.add_get("/api-gateway/gateway/get-token", system.give_token)
    app.router.add_post("/{path:.*}", system.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    system.endpoint = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield system
    finally:
        await runner.cleanup()


async def endless(request: web.Request, _body: bytes) -> web.StreamResponse:
    """Answer for ever."""
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(64):
        await response.write(b" " * 65_536)
    return response


async def silence(_request: web.Request, _body: bytes) -> web.StreamResponse:
    """Never answer."""
    await asyncio.Event().wait()
    raise AssertionError


def plain_adapters(folder: Path) -> Path:
    """Make a folder with the national layout, and the same again for a system that it is posted to plainly."""
    for name in ("national", "plain"):
        shutil.copytree(data_folder("adapters") / "national", folder / name)
    manifest = folder / "plain" / "adapter.toml"
    text = manifest.read_text(encoding="utf-8").replace('name = "national"', 'name = "plain"', 1)
    manifest.write_text(text + TRANSPORT, encoding="utf-8")
    for table in (folder / "plain").glob("*.mapping.toml"):
        table.write_text(table.read_text(encoding="utf-8").replace('"/extensions/national', '"/extensions/plain'))
    return folder


def office(endpoint: str) -> Partner:
    """Return how a gateway registers the plain system of Ankang."""
    known = PartnerSimulator(id="system.ankang", kind=PartnerKind.SYSTEM, region=ANKANG, adapter="plain", seed=3)
    return known.partner(endpoint=endpoint)
