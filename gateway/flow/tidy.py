"""Forget what no longer protects anything."""

import asyncio
from typing import Final

import structlog

from gateway.core.errors import RetryableError
from gateway.flow.ports import Clock, Exchanges

_EVERY_S: Final = 60.0

_log = structlog.get_logger(__name__)


async def forget_nonces(exchanges: Exchanges, clock: Clock) -> None:
    """Drop, every minute until cancelled, the token ids that no token can carry any more."""
    while True:
        try:
            await exchanges.forget_nonces(clock.now())
        except RetryableError as error:
            _log.warning("nonces_not_forgotten", code=error.code)
        await asyncio.sleep(_EVERY_S)
