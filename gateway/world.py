"""The real clock and the real chance, behind the flow's ports."""

import random
import secrets
from datetime import UTC, datetime

from uuid_utils import uuid7


class SystemClock:
    """The machine's clock, which an operator keeps in step (NTP): tokens allow 30 seconds of difference."""

    def now(self) -> datetime:
        """Return this instant in UTC."""
        return datetime.now(UTC)


class SystemChance:
    """The operating system's randomness, and a cheaper one for jitter."""

    def uuid7(self) -> str:
        """Return a new UUIDv7; those of one process rise."""
        return str(uuid7())

    def bits(self, count: int) -> int:
        """Return an integer of `count` random bits."""
        return secrets.randbits(count)

    def salt(self) -> bytes:
        """Return 16 bytes nobody can guess."""
        return secrets.token_bytes(16)

    def fraction(self) -> float:
        """Return a number in [0, 1)."""
        return random.random()  # noqa: S311 - jitter needs no secrecy
