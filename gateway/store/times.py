"""Times as the store keeps them: integer microseconds since 1970-01-01 UTC, so that nothing is rounded."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def to_us(moment: datetime) -> int:
    """Return an aware time as microseconds."""
    return (moment - _EPOCH) // _TICK


def from_us(microseconds: int) -> datetime:
    """Return the aware UTC time that `to_us` was given."""
    return _EPOCH + timedelta(microseconds=microseconds)


def to_us_or_none(moment: datetime | None) -> int | None:
    """Return the same where there may be no time."""
    return None if moment is None else to_us(moment)


def from_us_or_none(microseconds: int | None) -> datetime | None:
    """Return the same where there may be no time."""
    return None if microseconds is None else from_us(microseconds)
