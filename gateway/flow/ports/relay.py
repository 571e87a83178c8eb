"""What carries a delivery to a partner, and what is told that there is one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gateway.core.conversion.adapter import Adapter
from gateway.core.model import Delivery, Partner
from gateway.core.transports.answers import Judgement
from gateway.core.transports.spec import HttpSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """One request to a partner: what to send, where, and how long to wait."""

    url: str
    media_type: str
    body: bytes
    token: str = ""  # "" for a system that reads none
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    timeout_s: float | None = None  # None for the courier's own


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a partner answered, within the limit that the client reads."""

    status: int
    media_type: str
    body: bytes
    charset: str = ""  # as its media type declares it
    told_at: datetime | None = None  # by the partner's own clock
    retry_after_s: float | None = None  # how long it asks us to wait; unbounded, and believed by nobody as it is


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a transport without receipts made of one delivery, and the exact answer that says so."""

    judgement: Judgement
    answer: Answer | None = None  # None where there was no complete one; an accepted delivery always has one


class Transport(Protocol):
    """Carries deliveries to systems that sign no receipts."""

    async def carry(
        self, partner: Partner, adapter: Adapter, spec: HttpSpec, deliveries: Sequence[Delivery]
    ) -> Sequence[Outcome]:
        """Hand deliveries over, and return what became of each, in order; raises nothing of the partner's making."""
        ...


class Credentials(Protocol):
    """The secrets by which partners know us; never in a manifest, the store or the log."""

    async def secret(self, partner: str, name: str) -> str:
        """Return a secret of a partner; raises SettingsError `credential_missing` and what reading it raises."""
        ...


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
