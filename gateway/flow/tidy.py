"""Forget what no longer protects anything."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog

from gateway.core.errors import RetryableError
from gateway.flow.lease import KeepLease
from gateway.flow.ports import Clock, Exchanges

_EVERY_S: Final = 60.0
_ROUNDS: Final = 10  # for which a nonce is kept after its token: longer than any token lives, however clocks are set

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class ForgetNonces:
    """Drop the token ids that no token can carry any more, by what the clock said ten rounds ago.

    A clock that leaps ahead would otherwise have all of them dropped at once, and what was used before could be used
    again the moment that the clock is put right. The rounds themselves are counted by time that nobody sets. One node
    whose clock is ahead of the others', by less than that, does not forget too early for them either.
    """

    exchanges: Exchanges
    clock: Clock
    _said: deque[datetime] = field(default_factory=lambda: deque(maxlen=_ROUNDS))

    async def run(self, lease: KeepLease) -> None:
        """Forget, every minute on one node, until cancelled."""
        while True:
            try:
                if await lease.has("nonces"):
                    await self()
            except RetryableError as error:
                _log.warning("nonces_not_forgotten", code=error.code)
            await asyncio.sleep(_EVERY_S)

    async def __call__(self) -> int:
        """Do one round, and return how many were forgotten."""
        now = self.clock.now()
        before = self._said[0] if len(self._said) == _ROUNDS else None
        self._said.append(now)
        return 0 if before is None else await self.exchanges.forget_nonces(min(before, now))
