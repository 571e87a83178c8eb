"""What still has to reach somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from gateway.core.errors import Fault
from gateway.core.model import Backoff, Delivery, DeliveryState
from gateway.flow.ports.log import SaltedEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What became of one attempt: SETTLED with the partner's receipt, DUE again at an instant, or DEAD; why, if not."""

    delivery: str
    claim: int  # the number of the claim under which it was made
    state: DeliveryState
    receipt: str = ""
    code: str = ""
    faults: tuple[Fault, ...] = ()
    retry_at: datetime | None = None
    entry: SaltedEntry | None = None
    asked: timedelta = timedelta()  # for how long the partner asks to be left alone; not kept
    answered: bool = True  # whether the partner said anything at all; not kept


@dataclass(frozen=True, kw_only=True, slots=True)
class Backlog:
    """A destination that something waits for."""

    destination: str
    backoff: Backoff


class Outbox(Protocol):
    """What still has to reach somebody."""

    async def backlogs(self, now: datetime) -> tuple[Backlog, ...]:
        """Return every destination that has something due by now, with its back-off."""
        ...

    async def claim(self, destination: str, *, number: int, limit: int, now: datetime) -> tuple[Delivery, ...]:
        """Put up to `limit` deliveries due by now in flight, at most one of each application, and return them.

        They are this node's (`Nodes`) under a number that it gives to no other claim. The exchanges of one
        application leave in the order they were taken: one that is behind another that is due, in flight or dead is
        not claimed. Of a destination that rests, nothing is, whichever node found that it fails.
        """
        ...

    async def conclude(self, verdicts: Sequence[Verdict], backoff: Backoff) -> None:
        """Record what became of claimed deliveries and how the destination now stands, in one transaction.

        A verdict on what is not in flight under its claim any more changes nothing, but for SETTLED: a receipt is
        true whoever holds the delivery by now. Where no verdict changed anything, the back-off does not either.
        """
        ...

    async def hasten(self, now: datetime) -> int:
        """Make due by now what is put off for longer than anything ever is; return how many.

        It was put off, or taken, while a clock was ahead that is right again.
        """
        ...

    async def revive(self, delivery: str, entry: SaltedEntry) -> bool:
        """Make a dead delivery due again; False where it is not dead."""
        ...

    async def deliveries(
        self, *, state: DeliveryState | None = None, subject: str = "", after: str = "", limit: int = 100
    ) -> tuple[Delivery, ...]:
        """Return deliveries in order of id, from after `after`, without their bodies."""
        ...
