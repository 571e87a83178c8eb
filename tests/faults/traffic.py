"""Applications that live whatever happens: every sender repeats what nobody acknowledged, and remembers what was."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiohttp

from gateway.core.model import Identity, PartnerKind
from tests.faults.checks import Seen, Told
from tests.gateways import ANKANG, SHIYAN, application, event
from tests.simulator import CHANCE, PartnerSimulator, Reply

# What happens to an application, and on which side: both directions, and each twice in a row.
LIFE = (
    ("office", "collected"),
    ("office", "notice"),
    ("portal", "supplemented"),
    ("office", "accepted"),
    ("office", "decided"),
)
_ANSWER_S, _PAUSE_S = 10.0, 0.05


@dataclass(kw_only=True)
class Traffic:
    """A portal in Shiyan and an office in Ankang, and what the gateways between them acknowledged."""

    portal: PartnerSimulator
    office: PartnerSimulator
    shiyan: Identity
    ankang: Identity
    within_s: float = 60.0  # how long anything may take that a fault is in the way of
    told: list[Told] = field(default_factory=list)
    refused: int = 0  # answers of 503: each said when to come again
    unanswered: int = 0

    @property
    def seen(self) -> dict[str, Seen]:
        """What each system saw."""
        return {each.id: each.seen for each in (self.portal, self.office)}

    async def live(self, number: int = 0, life: tuple[tuple[str, str], ...] = LIFE) -> str:
        """Send one application and all that happens to it; return its collaboration number once all has arrived."""
        exchange, body = CHANCE.uuid7(), application(number)
        told = await self._told(self.shiyan, exchange, lambda: self.portal.submit(self.shiyan, body, exchange=exchange))
        await self._at(self.office, exchange)
        last = (self.office, exchange)
        for who, kind in life:
            sender, gateway, other = self._ends(who)
            if last[0] is sender:
                await self._at(*last)  # nobody answers what has not reached them
            exchange = await self._say(sender, gateway, told.number, event(kind))
            last = (other, exchange)
        await self._at(*last)
        return told.number

    def _ends(self, who: str) -> tuple[PartnerSimulator, Identity, PartnerSimulator]:
        """Return who speaks, to which gateway, and who hears of it in the end."""
        if who == "portal":
            return self.portal, self.shiyan, self.office
        return self.office, self.ankang, self.portal

    async def _say(self, sender: PartnerSimulator, to: Identity, number: str, body: bytes) -> str:
        exchange = CHANCE.uuid7()
        await self._told(to, exchange, lambda: sender.report(to, number, body, exchange=exchange))
        return exchange

    async def _at(self, system: PartnerSimulator, exchange: str) -> None:
        await system.until(lambda: exchange in system.counts, within_s=self.within_s)

    async def _told(self, by: Identity, exchange: str, send: Callable[[], Awaitable[Reply]]) -> Told:
        """Repeat a request, as every partner must, until it is acknowledged."""
        async with asyncio.timeout(self.within_s):
            while (reply := await self._answer(send)) is None:  # noqa: ASYNC110 - each turn asks anew
                await asyncio.sleep(_PAUSE_S)
        told = Told(gateway=by.id, exchange=exchange, number=reply.json["number"], receipt=reply.json["receipt"])
        self.told.append(told)
        return told

    async def _answer(self, send: Callable[[], Awaitable[Reply]]) -> Reply | None:
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with asyncio.timeout(_ANSWER_S):
                reply = await send()
            if reply.status == 202:
                return reply
            assert reply.status == 503, (reply.status, reply.body)
            assert int(reply.headers["Retry-After"]) > 0
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
