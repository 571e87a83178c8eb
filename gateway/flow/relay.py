"""Step 10: carry deliveries to their destinations, each destination on its own.

What holds whatever happens:

* A delivery leaves only while it is in flight in the store, and whoever put it there holds its audit entry already:
  no entry, no relay.
* Of one application at most one delivery is in flight to a destination, in the order taken. Other applications
  never wait for it.
* What is claimed is this node's under its lease (lease.py). Once that has ended nothing of it is sent any more, and
  what was being sent is concluded only where nobody else has claimed it since, or by its receipt.
* A destination that fails is left alone, by every node, until its back-off has passed or it calls one of us; the others
  do not notice. The store knows who rests; what is remembered here only saves asking.
* Only a receipt that verifies settles a delivery (settle.py). A crash between the partner's receipt and our
  conclusion sends the delivery again, and the partner answers with the same receipt.

Each destination with something due has up to `SENDERS` senders. A sender claims what waits, sends it, concludes, and
ends when nothing waits: an idle link costs nothing and never waits to fill a batch.

One that failed is asked with a single delivery by a single sender, and twice as many each time that it takes them. So a
dead destination holds one request and little memory however much waits for it, and a delivery that makes a destination
fail, whatever it is, comes back alone behind all the others instead of taking them along every time.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

import structlog

from gateway.core.backoff import ANSWERING, LONGEST, after_failure, cleared, rests
from gateway.core.errors import RetryableError
from gateway.core.model import Backoff, DeliveryState, Partner, PartnerStatus
from gateway.flow.lease import KeepLease
from gateway.flow.ports import Chance, Clock, Directory, Outbox, Verdict
from gateway.flow.send import SendDeliveries

SENDERS: Final = 4  # requests in flight to one destination
CLAIM: Final = 32  # deliveries a sender takes at once; the most a batch carries
POLL_S: Final = 1.0  # how soon work queued by another process, or due again, is noticed
_HASTEN: Final = 60  # looks between two searches for what a clock that was ahead put off too far

_log = structlog.get_logger(__name__)


@dataclass(kw_only=True, slots=True)
class RelayDeliveries:
    """The relay of one process; the event loop owns everything in it."""

    outbox: Outbox
    directory: Directory
    lease: KeepLease
    send: SendDeliveries
    clock: Clock
    chance: Chance
    _senders: dict[str, set[asyncio.Task[None]]] = field(default_factory=lambda: defaultdict(set))
    _backoffs: dict[str, Backoff] = field(default_factory=dict)
    _widths: dict[str, int] = field(default_factory=dict)  # how many deliveries at once, where fewer than CLAIM
    _failed_at: dict[str, float] = field(default_factory=dict)  # by the loop's clock
    _clearing: set[asyncio.Task[None]] = field(default_factory=set)
    _stopping: bool = False

    def wake(self, destination: str) -> None:
        """Start another sender for a destination, if it is well and has fewer than it may."""
        senders = self._senders[destination]
        most = 1 if destination in self._widths else SENDERS
        if self._stopping or len(senders) >= most or self._resting(destination):
            return
        task = asyncio.get_running_loop().create_task(self._drain(destination), name=f"relay to {destination}")
        senders.add(task)
        task.add_done_callback(senders.discard)

    def heard_from(self, partner: str) -> None:
        """End the back-off of a partner that has just called us, for every node."""
        if self._backoffs.pop(partner, None) is not None and not self._stopping:
            task = asyncio.get_running_loop().create_task(self._clear(partner), name=f"end the rest of {partner}")
            self._clearing.add(task)
            task.add_done_callback(self._clearing.discard)

    async def run(self) -> None:
        """Relay until cancelled."""
        while True:
            await self._hasten()
            for _ in range(_HASTEN):
                await self.look()
                await asyncio.sleep(POLL_S)

    async def look(self) -> None:
        """Wake every destination that has something due and does not rest."""
        try:
            backlogs = await self.outbox.backlogs(self.clock.now())
        except RetryableError as error:
            _log.warning("backlog_unreadable", code=error.code)
            return
        for backlog in backlogs:
            if not self._senders[backlog.destination]:
                self._learn(backlog.backoff)
                self.wake(backlog.destination)

    async def _hasten(self) -> None:
        """Make due what was put off by a clock that was ahead, ours or another node's."""
        try:
            hastened = await self.outbox.hasten(self.clock.now())
        except RetryableError as error:
            _log.warning("backlog_unreadable", code=error.code)
            return
        if hastened:
            _log.warning("clock_was_ahead", deliveries=hastened)

    def begin_stop(self) -> None:
        """Claim nothing more; the senders go on with what they hold."""
        self._stopping = True

    async def stop_within(self, seconds: float) -> None:
        """Let the senders finish what they hold; what is not concluded in time stays in flight, for whoever is next.

        Cutting a sender off may have its deliveries sent again under the same ids, so it is the last resort.
        """
        self.begin_stop()
        tasks = [task for senders in self._senders.values() for task in senders] + list(self._clearing)
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            _log.warning("senders_cut_off", senders=len(late))
        await asyncio.gather(*tasks, return_exceptions=True)

    def _learn(self, backoff: Backoff) -> None:
        """Take over how a destination stands with all nodes."""
        if backoff.failures:
            self._backoffs[backoff.destination] = backoff
            self._widths.setdefault(backoff.destination, 1)
        else:
            self._backoffs.pop(backoff.destination, None)

    async def _clear(self, partner: str) -> None:
        """Have the store forget that a destination failed, and send what waited for it.

        Not sooner than a moment after it failed: one that calls us all the time and cannot be called is asked once a
        moment, not at each of its calls.
        """
        await asyncio.sleep(self._failed_at.get(partner, 0.0) + POLL_S - asyncio.get_running_loop().time())
        try:
            await self.outbox.conclude((), cleared(partner))
        except RetryableError as error:
            _log.warning("backoff_not_cleared", partner=partner, code=error.code)  # it rests on, or calls again
            return
        self._backoffs.pop(partner, None)
        self.wake(partner)

    def _resting(self, destination: str) -> bool:
        backoff = self._backoffs.get(destination)
        return backoff is not None and rests(backoff, self.clock.now())

    async def _drain(self, destination: str) -> None:
        """Send what waits for one destination until nothing does, or it fails."""
        try:
            while not (self._stopping or self._resting(destination)) and await self._send_once(destination):
                pass
        except RetryableError as error:
            # The store did not take the claim or the conclusion: what is in flight is due again when it is back.
            _log.warning("relay_interrupted", partner=destination, code=error.code)
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not be made again every moment
            self._fail(destination)
            _log.error("relay_crashed", partner=destination, error=type(error).__qualname__)  # its text may quote

    async def _send_once(self, destination: str) -> bool:
        partner = self._reachable(destination)
        if partner is None or not self.lease.stands():
            return False
        with self.lease.claim() as number:
            limit = self._widths.get(destination, CLAIM)
            deliveries = await self.outbox.claim(destination, number=number, limit=limit, now=self.clock.now())
            if not deliveries:
                return False
            if len(deliveries) == CLAIM:
                self.wake(destination)
            await self._conclude(destination, number, await self.send(partner, deliveries))
        return True

    def _reachable(self, destination: str) -> Partner | None:
        partner = self.directory.partner(destination)
        if partner is None or partner.status is not PartnerStatus.ACTIVE or not partner.endpoint:
            return None
        return partner

    async def _conclude(self, destination: str, claim: int, verdicts: Sequence[Verdict]) -> None:
        """Make the verdicts durable; a destination that settled nothing and refused nothing rests."""
        _tell(destination, verdicts)
        if any(verdict.state is not DeliveryState.DUE for verdict in verdicts):
            self._backoffs.pop(destination, None)
            self._widen(destination)
            await self._keep(claim, verdicts, cleared(destination))
            return
        if not verdicts or not self.lease.covers(claim):
            return  # it is we who were away, not the destination; whoever holds these now will tell
        if not self._resting(destination):  # else another sender failed in the same moment: one failure, not two
            longest = ANSWERING if all(verdict.answered for verdict in verdicts) else LONGEST
            self._fail(destination, max(verdict.asked for verdict in verdicts), longest)
        # It is the destination that rests: these wait behind the others, and all can go the moment it calls us.
        behind = [replace(verdict, retry_at=self.clock.now()) for verdict in verdicts]
        await self._keep(claim, behind, self._backoffs[destination])

    def _fail(self, destination: str, asked: timedelta = timedelta(), longest: timedelta = LONGEST) -> None:
        """Let a destination rest, longer each time."""
        known, chance = self._backoffs.get(destination) or cleared(destination), self.chance.fraction()
        failed = after_failure(known, now=self.clock.now(), chance=chance, asked=asked, longest=longest)
        self._backoffs[destination] = failed
        self._widths[destination] = 1
        self._failed_at[destination] = asyncio.get_running_loop().time()

    def _widen(self, destination: str) -> None:
        """Send a destination that answers twice as much at once."""
        width = 2 * self._widths.pop(destination, CLAIM)
        if width < CLAIM:
            self._widths[destination] = width

    async def _keep(self, claim: int, verdicts: Sequence[Verdict], backoff: Backoff) -> None:
        """Conclude, and while the store is away and the claim ours, try again: what was receipted is not sent twice."""
        while True:
            try:
                return await self.outbox.conclude(verdicts, backoff)
            except RetryableError:
                if self._stopping or not self.lease.covers(claim):
                    raise
            await asyncio.sleep(POLL_S)


def _tell(destination: str, verdicts: Sequence[Verdict]) -> None:
    """Write what did not arrive: a line for each that died, and one for all that are due again of one cause."""
    for verdict in verdicts:
        if verdict.state is DeliveryState.DEAD:
            _log.info("delivery_dead", partner=destination, delivery=verdict.delivery, code=verdict.code)
    for code, count in Counter(each.code for each in verdicts if each.state is DeliveryState.DUE).items():
        _log.info("deliveries_due", partner=destination, deliveries=count, code=code)
