"""A hundred partner gateways in one process, of which half can be told to die, each in its own way, and to come back.

    python -m bench.beyond GATEWAY_URL CONTROL_PORT PORT...

Each takes batches, and answers with real receipts. `POST /die` and `POST /live` at the control port. Those that die are
every other one; what each does then is refuse, say nothing, take twenty seconds, or never end its answer.
"""

import asyncio
import sys
from collections.abc import Sequence
from itertools import cycle

import orjson
import uvloop
from aiohttp import ClientSession, web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.floors.site import stopped
from gateway.core.cloudevent import cut_batch, read_event
from gateway.core.model import Identity, Partner, PartnerKind
from gateway.core.trust.digests import content_digest
from gateway.core.trust.receipts import issue_receipt
from gateway.core.trust.signers import SoftwareSigner
from gateway.core.trust.tokens import issue_token
from gateway.world import SystemChance, SystemClock

EXCHANGES, ITEMS = "/federation/v1/exchanges", "/federation/v1/items"
WAYS = ("refuses", "is silent", "is slow", "never ends")
SLOW_S = 20.0
_CHANCE, _CLOCK = SystemChance(), SystemClock()


class Beyond:
    """One partner gateway."""

    def __init__(self, number: int, port: int, way: str) -> None:
        self.number, self.port, self.way, self.dead = number, port, way, False
        self.signer = SoftwareSigner(Ed25519PrivateKey.from_private_bytes((number + 1).to_bytes(32, "big")))
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=0.1)
        self._site: web.TCPSite | None = None

    def partner(self) -> Partner:
        """Return how the gateway under measurement registers it."""
        return Partner(
            id=f"beyond.{self.number}",
            kind=PartnerKind.GATEWAY,
            name=f"beyond {self.number}",
            regions=(region(self.number),),
            endpoint=f"http://127.0.0.1:{self.port}",
            keys=(self.signer.public_key,),
        )

    async def live(self) -> None:
        """Answer as a partner should."""
        self.dead = False
        if self._runner.server is None:
            await self._runner.setup()
        if self._site is None:
            self._site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
            await self._site.start()

    async def die(self) -> None:
        """Stop answering, in its own way."""
        self.dead = True
        if self.way == "refuses" and self._site is not None:
            await self._site.stop()
            self._site = None

    async def close(self) -> None:
        """Stop for good."""
        await self._runner.cleanup()

    async def call(self, gateway: Identity, session: ClientSession) -> None:
        """Call the gateway, as a partner does that is back; it will then be sent what waits."""
        token = issue_token(
            self.signer,
            issuer=self.partner().id,
            audience=gateway.id,
            method="GET",
            url=gateway.url + ITEMS,
            body=b"",
            exchange=None,
            now=_CLOCK.now(),
            jti=_CHANCE.uuid7(),
        )
        async with session.get(gateway.url + ITEMS, headers={"Exchange-Token": token}) as answer:
            await answer.read()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post(EXCHANGES, self._take)
        return app

    async def _take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if self.dead:
            await self._suffer(request)
        results = [self._receipt(each) for each in cut_batch(body)]
        return web.Response(body=orjson.dumps({"results": results}), content_type="application/json")

    async def _suffer(self, request: web.Request) -> None:
        if self.way == "is slow":
            await asyncio.sleep(SLOW_S)
            return
        if self.way == "never ends":
            endless = web.StreamResponse(headers={"Content-Type": "application/json"})
            await endless.prepare(request)
            while True:
                await endless.write(b" ")
                await asyncio.sleep(1)
        await asyncio.Event().wait()

    def _receipt(self, raw: bytes) -> dict[str, str]:
        event = read_event(raw)
        receipt = issue_receipt(
            self.signer,
            issuer=self.partner().id,
            audience=event.source,
            now=_CLOCK.now(),
            jti=_CHANCE.uuid7(),
            exchange=event.id,
            subject=event.subject,
            request_jti=_CHANCE.uuid7(),
            request_digest=content_digest(raw),
            entry=_CHANCE.uuid7(),
        )
        return {"exchange": event.id, "receipt": receipt}


def region(number: int) -> str:
    """Return the division that a partner answers for."""
    return f"{61 + number // 50}{number % 50 + 1:02d}00000000"


def partners(ports: Sequence[int]) -> list[Beyond]:
    """Return a partner for each port; every other one has a way to die."""
    ways = cycle(WAYS)
    return [Beyond(number, port, next(ways) if number % 2 else "") for number, port in enumerate(ports)]


async def serve(gateway: Identity, control: int, ports: Sequence[int]) -> None:
    """Run until terminated."""
    all_of_them = partners(ports)
    for each in all_of_them:
        await each.live()
    mortal = [each for each in all_of_them if each.way]

    async def die(_request: web.Request) -> web.Response:
        for each in mortal:
            await each.die()
        return web.Response()

    async def live(_request: web.Request) -> web.Response:
        async with ClientSession() as session:
            for each in mortal:
                await each.live()
                await each.call(gateway, session)
        return web.Response()

    app = web.Application()
    app.router.add_post("/die", die)
    app.router.add_post("/live", live)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", control).start()
    await stopped()
    await asyncio.gather(*(each.close() for each in all_of_them), runner.cleanup())


def main(gateway: str, url: str, control: str, *ports: str) -> None:
    """Be the partners of a gateway."""
    identity = Identity(id=gateway, region="", url=url)
    uvloop.run(serve(identity, int(control), [int(port) for port in ports]))


if __name__ == "__main__":
    main(*sys.argv[1:])
