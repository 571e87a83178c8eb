"""What the steps ask of the world: the time, and what nobody can foretell."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time, as an aware UTC datetime."""

    def now(self) -> datetime:
        """Return this instant."""
        ...


class Chance(Protocol):
    """Where ids, salts and jitter come from."""

    def uuid7(self) -> str:
        """Return a new RFC 9562 UUIDv7 as text."""
        ...

    def bits(self, count: int) -> int:
        """Return an integer of `count` random bits."""
        ...

    def salt(self) -> bytes:
        """Return 16 bytes nobody can guess."""
        ...

    def fraction(self) -> float:
        """Return a number in [0, 1), for jitter; not secret."""
        ...
