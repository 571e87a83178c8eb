"""How long a failing destination is left alone: doubling, jittered, bounded."""

from datetime import datetime, timedelta

from gateway.core.model import Backoff

FIRST_S = 1.0
LONGEST_S = 900.0  # a partner that comes back waits a quarter of an hour at most, or until it calls us


def after_failure(backoff: Backoff, *, now: datetime, chance: float) -> Backoff:
    """Return the back-off after one more failure; `chance` in [0, 1) spreads retries over half to whole the delay.

    Jitter keeps the deliveries of many gateways from returning to a recovered partner in one instant.
    """
    failures = backoff.failures + 1
    delay_s = min(LONGEST_S, FIRST_S * 2 ** min(failures - 1, 20)) * (0.5 + chance / 2)
    return Backoff(destination=backoff.destination, failures=failures, retry_at=now + timedelta(seconds=delay_s))


def cleared(destination: str) -> Backoff:
    """Return the back-off of a destination that answers."""
    return Backoff(destination=destination)
