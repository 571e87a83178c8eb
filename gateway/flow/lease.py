"""Keeps this node's lease, and knows what it covers: which claims may still be sent, and which duties are ours.

A node that was paused, or could not reach the store, for longer than its lease has lost what it claimed: others are
sending it. So a lease ends here before it ends there: it is counted from before the store was asked, by a clock that
nobody sets. What is in hand when it ends is not sent; what is being sent then is concluded by the fence of the store.

Every attendance names the claims that are worked on. Whatever else this node has in flight, because an answer was
lost or a sender failed, is due again.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import structlog

from gateway.core.errors import RetryableError
from gateway.flow.ports import Nodes

LEASE_S: Final = 15.0  # how long the work of a node that is silent stays its own
_RENEWALS: Final = 5  # times in a lease that it is renewed
_LEAVING_S: Final = 2.0

_log = structlog.get_logger(__name__)


@dataclass(kw_only=True, slots=True)
class KeepLease:
    """The lease of one process; the event loop owns everything in it."""

    nodes: Nodes
    lease_s: float = LEASE_S
    _ends: float = 0.0  # by the loop's clock
    _last: int = 0  # the number of the last claim
    _lost: int = 0  # claims up to this number are not ours any more
    _held: set[int] = field(default_factory=set)

    @contextmanager
    def claim(self) -> Iterator[int]:
        """Give the number of a new claim, which is worked on until the context is left."""
        self._last += 1
        number = self._last
        self._held.add(number)
        try:
            yield number
        finally:
            self._held.discard(number)

    def stands(self) -> bool:
        """Tell whether this node has a lease at this moment, as far as it can tell without asking."""
        return asyncio.get_running_loop().time() < self._ends

    def covers(self, claim: int) -> bool:
        """Tell whether what was claimed under a number is still this node's, so that it may be sent."""
        return claim > self._lost and self.stands()

    async def has(self, duty: str) -> bool:
        """Tell whether this node does what one node at a time does; what nobody does becomes its duty.

        Work that takes longer than a moment is begun under a number (`claim`), and goes on only while that is covered.
        """
        try:
            return self.stands() and await self.nodes.take_duty(duty) and self.stands()
        except RetryableError as error:
            _log.warning("duty_unknown", duty=duty, code=error.code)
            return False

    async def __call__(self) -> None:
        """Renew the lease; raises RetryableError where the store is away, and then it goes on until it ends."""
        asked, last = asyncio.get_running_loop().time(), self._last
        if not await self.nodes.attend(frozenset(self._held), lease_s=self.lease_s):
            if last > self._lost and self._held:
                _log.warning("lease_lost", claims=len(self._held))
            self._lost = last
        self._ends = asked + self.lease_s

    async def run(self) -> None:
        """Renew the lease until cancelled, and then leave: what this node held is anybody's at once."""
        try:
            while True:
                await asyncio.sleep(self.lease_s / _RENEWALS)
                try:
                    await self()
                except RetryableError as error:
                    _log.warning("lease_not_renewed", code=error.code)
        finally:
            await self._leave()

    async def _leave(self) -> None:
        self._ends, self._lost = 0.0, self._last
        try:
            async with asyncio.timeout(_LEAVING_S):
                await self.nodes.leave()
        except (RetryableError, TimeoutError):
            _log.warning("lease_not_left")  # it ends by itself
