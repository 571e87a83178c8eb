"""What was received: taken once, kept for good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.core.errors import RejectedError
from gateway.core.model import Application, Delivery, Exchange
from gateway.flow.ports.log import SaltedEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class Nonce:
    """A token id that may be used once; remembered until no clock would still take the token."""

    sender: str
    jti: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Intake:
    """Everything that accepting one exchange makes durable."""

    exchange: Exchange
    entry: SaltedEntry
    application: Application | None = None  # for the exchange that begins one
    event: str = ""  # an EventType, for the exchanges that move one
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """The receipt and collaboration number of an exchange; `first` is False where it had been taken before."""

    receipt: str
    number: str
    first: bool


class Exchanges(Protocol):
    """What was received, once and for all."""

    async def receive(
        self, nonce: Nonce, intakes: Sequence[Intake], entries: Sequence[SaltedEntry] = ()
    ) -> tuple[Taken | RejectedError, ...]:
        """Take intakes in order, each on its own merits, and append `entries`; one transaction for all.

        An exchange taken before, with the same digest and sender, yields its first receipt and no second effect;
        with another, a ConflictError `exchange_reused`. An event that the application's state does not allow
        yields the ConflictError of `lifecycle.advance`; one for an unknown number, a NotFoundError; a new
        application under a number in use, a ConflictError `number_taken`. One taken before and retired since, a
        RetiredError `exchange_retired`: an id counts once, for ever.
        Raises ReplayedTokenError when the nonce was used before; then nothing is taken.
        """
        ...

    async def log(self, entries: Sequence[SaltedEntry], nonce: Nonce | None = None) -> None:
        """Append entries, and remember a nonce where one is given (ReplayedTokenError as above)."""
        ...

    async def taken(self, exchange: str) -> Exchange | None:
        """Return an exchange taken before, unless it was retired."""
        ...

    async def application(self, number: str) -> Application | None:
        """Return where an application stands."""
        ...

    async def history(self, number: str) -> tuple[Exchange, ...]:
        """Return the exchanges of one application in the order they were taken, without their bodies."""
        ...

    async def forget_nonces(self, now: datetime) -> int:
        """Drop the nonces that no token can carry any more; return how many."""
        ...
