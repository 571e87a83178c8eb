"""Applications that live whatever happens: every sender repeats what nobody acknowledged, and remembers what was."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiohttp

from gateway.core.model import Identity, PartnerKind
from tests.faults.checks import Seen, Told
from tests.gateways import ANKANG, SHIYAN, application, event
from tests.patience import PATIENCE_S
from tests.simulator import CHANCE, PartnerSimulator, Reply

# What happens to an application, and on which side: both directions, and each twice in a row.
LIFE = (
    ("office", "collected"),
    ("office", "notice"),
    ("portal", "supplemented"),
    ("office", "accepted"),
    ("office", "decided"),
)
OUT_OF_TIME = {"token_from_future", "token_expired"}
_ANSWER_S, _PAUSE_S = 10.0, 0.05


@dataclass(kw_only=True)
class Traffic:
    """A portal in Shiyan and an office in Ankang, and what the gateways between them acknowledged."""

    portal: PartnerSimulator
    office: PartnerSimulator
    shiyan: Identity
    ankang: Identity
    at: dict[str, str] = field(default_factory=dict)  # where systems reach a gateway, if not where other gateways do
    clocks_leap: bool = False  # so that a gateway may say, of a token that is right, that it is not yet, or no more
    within_s: float = PATIENCE_S  # how long anything may take that a fault is in the way of
    told: list[Told] = field(default_factory=list)
    shown: dict[str, list[bytes]] = field(default_factory=dict)  # checkpoints, by gateway
    refused: int = 0  # answers of 503: each said when to come again
    unanswered: int = 0

    @property
    def seen(self) -> dict[str, Seen]:
        """What each system saw."""
        return {each.id: each.seen for each in (self.portal, self.office)}

    async def live(self, number: int = 0, life: tuple[tuple[str, str], ...] = LIFE) -> str:
        """Send one application and all that happens to it; return its collaboration number once all has arrived."""
        exchange, body = CHANCE.uuid7(), application(number)
        told = await self._told(
            self.shiyan,
            exchange,
            lambda: self.portal.submit(self.shiyan, body, exchange=exchange, at=self._door(self.shiyan)),
        )
        await self._at(self.office, exchange)
        await self.carry_on(told.number, life)
        return told.number

    async def carry_on(self, number: str, life: tuple[tuple[str, str], ...]) -> None:
        """Send what happens to an application that has arrived, each from who knows what came before."""
        last: tuple[PartnerSimulator, str] | None = None
        for who, kind in life:
            sender, gateway, other = self._ends(who)
            if last and last[0] is sender:
                await self._at(*last)  # nobody answers what has not reached them
            last = (other, await self._say(sender, gateway, number, event(kind)))
        if last:
            await self._at(*last)

    async def look(self, number: str) -> None:
        """Ask both gateways what they may be asked about an application, and keep the checkpoints that they show."""
        for gateway, system in self._sides():
            for path in (f"/federation/v1/applications/{number}", "/readyz", "/audit/v1/entries/0/proof"):
                await self._read(system, gateway, path)
            note = await self._read(system, gateway, "/audit/v1/checkpoint")
            self.shown.setdefault(gateway.id, []).append(note.body)

    async def misstep(self) -> None:
        """Send both gateways what they must refuse, and log."""
        for gateway, system in self._sides():
            await self._refused(system, gateway)

    async def _read(self, system: PartnerSimulator, gateway: Identity, path: str) -> Reply:
        return await self._answered(lambda: system.get(gateway, path, at=self._door(gateway)), 200)

    async def _refused(self, system: PartnerSimulator, gateway: Identity) -> None:
        await self._answered(lambda: system.submit(gateway, b'{"CASE": 1}', at=self._door(gateway)), 422)

    def _door(self, gateway: Identity) -> str:
        return self.at.get(gateway.id, "")

    def _sides(self) -> tuple[tuple[Identity, PartnerSimulator], ...]:
        return (self.shiyan, self.portal), (self.ankang, self.office)

    def _ends(self, who: str) -> tuple[PartnerSimulator, Identity, PartnerSimulator]:
        """Return who speaks, to which gateway, and who hears of it in the end."""
        if who == "portal":
            return self.portal, self.shiyan, self.office
        return self.office, self.ankang, self.portal

    async def _say(self, sender: PartnerSimulator, to: Identity, number: str, body: bytes) -> str:
        exchange = CHANCE.uuid7()
        await self._told(to, exchange, lambda: sender.report(to, number, body, exchange=exchange, at=self._door(to)))
        return exchange

    async def _at(self, system: PartnerSimulator, exchange: str) -> None:
        await system.until(lambda: exchange in system.counts, within_s=self.within_s)

    async def _told(self, by: Identity, exchange: str, send: Callable[[], Awaitable[Reply]]) -> Told:
        """Repeat a request, as every partner must, until it is acknowledged."""
        reply = await self._answered(send, 202)
        told = Told(gateway=by.id, exchange=exchange, number=reply.json["number"], receipt=reply.json["receipt"])
        self.told.append(told)
        return told

    async def _answered(self, send: Callable[[], Awaitable[Reply]], status: int) -> Reply:
        """Repeat a request until it is answered as it should be; meanwhile nothing else than 503 is an answer."""
        async with asyncio.timeout(self.within_s):
            while (reply := await self._answer(send, status)) is None:  # noqa: ASYNC110 - each turn asks anew
                await asyncio.sleep(_PAUSE_S)
        return reply

    async def _answer(self, send: Callable[[], Awaitable[Reply]], status: int) -> Reply | None:
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with asyncio.timeout(_ANSWER_S):
                reply = await send()
            if reply.status == status:
                return reply
            if self.clocks_leap and reply.status == 401:
                assert {fault["code"] for fault in reply.json["errors"]} <= OUT_OF_TIME, reply.body
                self.refused += 1
                return None
            assert reply.status == 503, (reply.status, reply.body)
            assert (
                reply.json["status"] == "not_ready" or int(reply.headers["Retry-After"]) > 0
            )  # a probe needs no advice
            self.refused += 1
            return None
        self.unanswered += 1
        return None


@asynccontextmanager
async def systems() -> AsyncIterator[tuple[PartnerSimulator, PartnerSimulator]]:
    """Run the portal in Shiyan and the office in Ankang."""
    portal = PartnerSimulator(id="system.shiyan", kind=PartnerKind.SYSTEM, region=SHIYAN, adapter="national", seed=2)
    office = PartnerSimulator(id="system.ankang", kind=PartnerKind.SYSTEM, region=ANKANG, adapter="national", seed=3)
    await portal.listen()
    await office.listen()
    try:
        yield portal, office
    finally:
        await portal.hang_up()
        await office.hang_up()
