"""How long a failing destination is left alone: doubling, jittered, bounded."""

from datetime import datetime, timedelta

from gateway.core.model import Backoff

FIRST_S = 1.0
LONGEST_S = 900.0  # a partner that comes back waits a quarter of an hour at most, or until it calls us
LONGEST = timedelta(seconds=LONGEST_S)
ANSWERING = timedelta(seconds=30)  # the longest for one that answers, though it says nothing: asking it costs little


def delay(failures: int, chance: float) -> timedelta:
    """Return how long to wait after so many failures in a row; `chance` in [0, 1) spreads it over half to whole.

    Jitter keeps the deliveries of many gateways from returning to a recovered partner in one instant.
    """
    longest_s = min(LONGEST_S, FIRST_S * 2 ** min(failures - 1, 20))
    return timedelta(seconds=longest_s * (0.5 + chance / 2))


def bounded(asked_s: float | None) -> timedelta:
    """Return how long a partner that asks for it is left alone: no longer than one that never answers."""
    return timedelta(seconds=min(max(asked_s or 0.0, 0.0), LONGEST_S))


def after_failure(
    backoff: Backoff, *, now: datetime, chance: float, asked: timedelta = timedelta(), longest: timedelta = LONGEST
) -> Backoff:
    """Return the back-off of a destination after one more failure; `asked` is what it wants to be left alone for."""
    failures = backoff.failures + 1
    retry_at = now + max(asked, min(longest, delay(failures, chance)))
    return Backoff(destination=backoff.destination, failures=failures, retry_at=retry_at)


def rests(backoff: Backoff, now: datetime) -> bool:
    """Tell whether a destination is to be left alone now.

    A rest that would last longer than any does was noted while a clock was ahead, and has ended.
    """
    return backoff.retry_at is not None and now < backoff.retry_at <= now + LONGEST


def cleared(destination: str) -> Backoff:
    """Return the back-off of a destination that answers."""
    return Backoff(destination=destination)
