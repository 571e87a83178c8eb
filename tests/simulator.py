"""A partner outside: real keys, real sockets, real signatures; a test bends it, and it counts what it saw."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.core.cloudevent import CloudEvent, cut_batch, read_event
from gateway.core.model import Identity, Partner, PartnerKind
from gateway.core.trust.digests import content_digest
from gateway.core.trust.receipts import issue_receipt
from gateway.core.trust.signers import SoftwareSigner
from gateway.core.trust.tokens import issue_token
from gateway.world import SystemChance, SystemClock
from tests.patience import PATIENCE_S, until

CHANCE, CLOCK = SystemChance(), SystemClock()


@dataclass(kw_only=True)
class Reply:
    """What a gateway answered."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.body)
        return answer


@dataclass(kw_only=True)
class PartnerSimulator:
    """One partner; `answer` decides what it does with what is delivered to it."""

    id: str
    kind: PartnerKind
    region: str
    adapter: str = ""
    seed: int = 1
    seen: list[tuple[str, str, str, bytes]] = field(default_factory=list)  # exchange, kind, number, body
    requests: int = 0
    answer: Callable[["PartnerSimulator", web.Request, bytes], Any] | None = None
    endpoint: str = ""
    _runner: web.AppRunner | None = None

    def __post_init__(self) -> None:
        self.signer = SoftwareSigner(Ed25519PrivateKey.from_private_bytes(self.seed.to_bytes(32, "big")))

    @property
    def counts(self) -> Counter[str]:
        """How often each exchange came."""
        return Counter(exchange for exchange, *_ in self.seen)

    def partner(self, **changes: Any) -> Partner:
        """Return how a gateway registers this partner."""
        values: dict[str, Any] = {
            "id": self.id,
            "kind": self.kind,
            "name": self.id,
            "regions": (self.region,),
            "endpoint": self.endpoint,
            "adapter": self.adapter,
            "keys": (self.signer.public_key,),
        }
        return Partner(**{**values, **changes})

    def token(self, to: Identity, path: str, body: bytes, **claims: Any) -> str:
        """Return a token for one request; `claims` bend any part of it."""
        values: dict[str, Any] = {
            "issuer": self.id,
            "audience": to.id,
            "method": "POST",
            "url": to.url + path,
            "body": body,
            "exchange": CHANCE.uuid7(),
            "now": CLOCK.now(),
            "jti": CHANCE.uuid7(),
        }
        return issue_token(self.signer, **{**values, **claims})

    async def post(
        self,
        to: Identity,
        path: str,
        body: bytes,
        media_type: str,
        *,
        token: str | None = None,
        at: str = "",
        **claims: Any,
    ) -> Reply:
        """Send a signed request, to the node at an address where one is given; `token` replaces the right one."""
        signed = self.token(to, path, body, **claims) if token is None else token
        headers = {"Content-Type": media_type, "Exchange-Token": signed}
        async with (
            aiohttp.ClientSession() as session,
            session.post((at or to.url) + path, data=BytesIO(body), headers=headers) as response,
        ):
            return Reply(status=response.status, body=await response.read(), headers=dict(response.headers))

    async def get(self, to: Identity, path: str, *, at: str = "", **claims: Any) -> Reply:
        """Read something with a signed request, of the node at an address where one is given."""
        signed = self.token(to, path, b"", method="GET", **{"exchange": None, **claims})
        async with (
            aiohttp.ClientSession() as session,
            session.get((at or to.url) + path, headers={"Exchange-Token": signed}) as response,
        ):
            return Reply(status=response.status, body=await response.read(), headers=dict(response.headers))

    async def submit(self, to: Identity, body: bytes, **bends: Any) -> Reply:
        """Submit an application in this system's own format."""
        return await self.post(to, "/federation/v1/applications", body, "application/json", **bends)

    async def report(self, to: Identity, number: str, body: bytes, **bends: Any) -> Reply:
        """Report an event of an application in this system's own format."""
        path = f"/federation/v1/applications/{number}/events"
        return await self.post(to, path, body, "application/json", **bends)

    async def relay(self, to: Identity, body: bytes, **bends: Any) -> Reply:
        """Send a batch as a partner gateway does."""
        return await self.post(to, "/federation/v1/exchanges", body, CloudEvent.BATCH_MEDIA_TYPE, **bends)

    async def listen(self, port: int = 0) -> None:
        """Take deliveries on a loopback port."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/{path:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.endpoint = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def hang_up(self) -> None:
        """Stop listening."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def until(self, condition: Callable[[], bool], *, within_s: float = PATIENCE_S) -> None:
        """Wait for something that the gateway does in its own time."""
        await until(condition, within_s=within_s)

    async def _take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.requests += 1
        if self.answer is not None:
            bent = self.answer(self, request, body)
            if asyncio.iscoroutine(bent):
                bent = await bent
            if bent is not None:
                assert isinstance(bent, web.StreamResponse)
                return bent
        return self.accept(request, body)

    def accept(self, request: web.Request, body: bytes, **bends: Any) -> web.Response:
        """Take a delivery the way an honest partner does; `bends` change the receipt."""
        if request.content_type == CloudEvent.BATCH_MEDIA_TYPE:
            events = [(read_event(each), each) for each in cut_batch(body)]
            taken = [(event.id, event.kind, event.subject, raw) for event, raw in events]
            self.seen += taken
            results = [{"exchange": each[0], "receipt": self.receipt(request, *each, **bends)} for each in taken]
            return web.json_response({"results": results})
        exchange = _claims(request)["exchange"]
        one = (exchange, request.headers["Exchange-Kind"], request.headers["Collaboration-Number"], body)
        self.seen.append(one)
        return web.json_response({"receipt": self.receipt(request, *one, **bends)}, status=202)

    def receipt(self, request: web.Request, exchange: str, _kind: str, number: str, body: bytes, **bends: Any) -> str:
        """Return the receipt for one delivered exchange."""
        claims = _claims(request)
        values: dict[str, Any] = {
            "issuer": self.id,
            "audience": claims["iss"],
            "now": CLOCK.now(),
            "jti": CHANCE.uuid7(),
            "exchange": exchange,
            "subject": number,
            "request_jti": claims["jti"],
            "request_digest": content_digest(body),
            "entry": CHANCE.uuid7(),
        }
        return issue_receipt(bends.pop("signer", self.signer), **{**values, **bends})


def _claims(request: web.Request) -> dict[str, Any]:
    import jwt

    claims: dict[str, Any] = jwt.decode(request.headers["Exchange-Token"], options={"verify_signature": False})
    return claims
