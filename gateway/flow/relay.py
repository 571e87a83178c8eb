"""Step 10: carry deliveries to their destinations, each destination on its own.

What holds whatever happens:

* A delivery leaves only while it is in flight in the store, and whoever put it there holds its audit entry already:
  no entry, no relay.
* Of one application at most one delivery is in flight to a destination, in the order taken. Other applications
  never wait for it.
* A destination that fails is left alone until its back-off has passed or it calls us; the others do not notice.
* Only a receipt that verifies settles a delivery (settle.py). A crash between the partner's receipt and our
  conclusion sends the delivery again, and the partner answers with the same receipt.

Each destination with something due has up to `SENDERS` senders. A sender claims what waits, sends it, concludes, and
ends when nothing waits: an idle link costs nothing and never waits to fill a batch.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from gateway.core.backoff import after_failure, cleared
from gateway.core.errors import RetryableError
from gateway.core.model import Backoff, DeliveryState, Partner, PartnerStatus
from gateway.flow.ports import Chance, Clock, Directory, Outbox, Verdict
from gateway.flow.send import SendDeliveries

SENDERS: Final = 4  # requests in flight to one destination
CLAIM: Final = 32  # deliveries a sender takes at once; the most a batch carries
POLL_S: Final = 1.0  # how soon work queued by another process, or due again, is noticed
LEASE: Final = timedelta(seconds=120)  # longer than any request may take; a claim older than this has no sender

_log = structlog.get_logger(__name__)


@dataclass(kw_only=True, slots=True)
class RelayDeliveries:
    """The relay of one process; the event loop owns everything in it."""

    outbox: Outbox
    directory: Directory
    send: SendDeliveries
    clock: Clock
    chance: Chance
    _senders: dict[str, set[asyncio.Task[None]]] = field(default_factory=lambda: defaultdict(set))
    _backoffs: dict[str, Backoff] = field(default_factory=dict)
    _stopping: bool = False

    def wake(self, destination: str) -> None:
        """Start another sender for a destination, if it is well and has fewer than it may."""
        senders = self._senders[destination]
        if self._stopping or len(senders) >= SENDERS or self._resting(destination):
            return
        task = asyncio.get_running_loop().create_task(self._drain(destination), name=f"relay to {destination}")
        senders.add(task)
        task.add_done_callback(senders.discard)

    def heard_from(self, partner: str) -> None:
        """End the back-off of a partner that has just called us; the store learns it with the next conclusion."""
        if self._backoffs.pop(partner, None) is not None:
            self.wake(partner)

    async def run(self) -> None:
        """Relay until cancelled; what nobody concluded when the process last stopped is due again first."""
        claimed_before = self.clock.now()
        self._backoffs.update({each.destination: each.backoff for each in await self.outbox.backlogs(claimed_before)})
        while True:
            await self._look(claimed_before)
            await asyncio.sleep(POLL_S)
            claimed_before = self.clock.now() - LEASE

    async def stop(self) -> None:
        """Let the senders finish what they hold and start no more."""
        self._stopping = True
        await asyncio.gather(*(task for senders in self._senders.values() for task in senders), return_exceptions=True)

    async def _look(self, claimed_before: datetime) -> None:
        """Wake every destination that has something due and is not resting."""
        try:
            await self.outbox.release(claimed_before)
            backlogs = await self.outbox.backlogs(self.clock.now())
        except RetryableError as error:
            _log.warning("backlog_unreadable", code=error.code)
            return
        for backlog in backlogs:
            if not self._senders[backlog.destination]:
                self.wake(backlog.destination)

    def _resting(self, destination: str) -> bool:
        backoff = self._backoffs.get(destination)
        return backoff is not None and backoff.retry_at is not None and backoff.retry_at > self.clock.now()

    async def _drain(self, destination: str) -> None:
        """Send what waits for one destination until nothing does, or it fails."""
        try:
            while not self._resting(destination) and await self._send_once(destination):
                pass
        except RetryableError as error:
            # The store did not take the conclusion, so these stay in flight until their lease has passed.
            _log.warning("relay_interrupted", partner=destination, code=error.code)

    async def _send_once(self, destination: str) -> bool:
        partner = self._reachable(destination)
        if partner is None:
            return False
        deliveries = await self.outbox.claim(destination, limit=CLAIM, now=self.clock.now())
        if not deliveries:
            return False
        if len(deliveries) == CLAIM:
            self.wake(destination)
        await self._conclude(destination, await self.send(partner, deliveries))
        return True

    def _reachable(self, destination: str) -> Partner | None:
        partner = self.directory.partner(destination)
        if partner is None or partner.status is not PartnerStatus.ACTIVE or not partner.endpoint:
            return None
        return partner

    async def _conclude(self, destination: str, verdicts: Sequence[Verdict]) -> None:
        """Make the verdicts durable; a destination that settled nothing and refused nothing rests."""
        for verdict in verdicts:
            if verdict.state is not DeliveryState.SETTLED:
                _log.info(
                    "delivery_" + verdict.state, partner=destination, delivery=verdict.delivery, code=verdict.code
                )
        if any(verdict.state is not DeliveryState.DUE for verdict in verdicts):
            self._backoffs.pop(destination, None)
            await self.outbox.conclude(verdicts, cleared(destination))
            return
        if not self._resting(destination):  # else another sender failed in the same moment: one failure, not two
            known = self._backoffs.get(destination) or cleared(destination)
            backoff = after_failure(known, now=self.clock.now(), chance=self.chance.fraction())
            self._backoffs[destination] = backoff
        # It is the destination that fails: its rest counts, so that all can go the moment it calls us.
        together = [replace(verdict, retry_at=None) for verdict in verdicts]
        await self.outbox.conclude(together, self._backoffs[destination])
