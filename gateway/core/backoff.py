"""How long a failing destination is left alone: doubling, jittered, bounded."""

from datetime import datetime, timedelta

from gateway.core.model import Backoff

FIRST_S = 1.0
LONGEST_S = 900.0  # a partner that comes back waits a quarter of an hour at most, or until it calls us


def delay(failures: int, chance: float) -> timedelta:
    """Return how long to wait after so many failures in a row; `chance` in [0, 1) spreads it over half to whole.

    Jitter keeps the deliveries of many gateways from returning to a recovered partner in one instant.
    """
    longest_s = min(LONGEST_S, FIRST_S * 2 ** min(failures - 1, 20))
    return timedelta(seconds=longest_s * (0.5 + chance / 2))


def after_failure(backoff: Backoff, *, now: datetime, chance: float) -> Backoff:
    """Return the back-off of a destination after one more failure."""
    failures = backoff.failures + 1
    return Backoff(destination=backoff.destination, failures=failures, retry_at=now + delay(failures, chance))


def cleared(destination: str) -> Backoff:
    """Return the back-off of a destination that answers."""
    return Backoff(destination=destination)
