"""What carries a delivery to a partner, and what is told that there is one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """One request to a partner: what to send, where, and how long to wait."""

    url: str
    media_type: str
    body: bytes
    token: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a partner answered, within the limit that the client reads."""

    status: int
    media_type: str
    body: bytes


class Wakeup(Protocol):
    """Tells the relay that there may be something to do; returns at once, and a lost call costs a second."""

    def wake(self, destination: str) -> None:
        """Take note that there is something new for a destination."""
        ...

    def heard_from(self, partner: str) -> None:
        """Take note that a partner has just called us, so it is alive."""
        ...


class Courier(Protocol):
    """Carries a parcel to a partner."""

    async def send(self, parcel: Parcel) -> Answer:
        """Post the parcel and return the answer.

        Raises PartnerUnavailableError for anything but a complete answer: refused, reset, timed out,
        redirected, endless or larger than it may be.
        """
        ...


class Reader(Protocol):
    """Reads what a partner offers."""

    async def read(self, url: str, token: str) -> Answer:
        """Get a page and return the answer; raises PartnerUnavailableError as a courier does."""
        ...
