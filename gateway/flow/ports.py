"""What the steps need from outside, as roles in domain verbs.

Atomicity is in the signatures: one call is one promise, durable when it returns and absent when it raises.
Every call may raise StoreUnavailableError; then nothing of it happened, or a retry will find that it did.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gateway.core.audit.entry import Entry, IndexRow
from gateway.core.audit.tiles import TileId
from gateway.core.conversion.adapter import Adapter
from gateway.core.errors import Fault, RejectedError
from gateway.core.model import (
    Application,
    Backoff,
    Delivery,
    DeliveryState,
    Exchange,
    Partner,
    PartnerStatus,
    ServiceItem,
)


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


@dataclass(frozen=True, kw_only=True, slots=True)
class SaltedEntry:
    """An audit entry and the salt of its commitments; the salt is kept beside the log, where it can be erased."""

    entry: Entry
    salt: bytes = b""


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
        application under a number in use, a ConflictError `number_taken`.
        Raises ReplayedTokenError when the nonce was used before; then nothing is taken.
        """
        ...

    async def log(self, entries: Sequence[SaltedEntry], nonce: Nonce | None = None) -> None:
        """Append entries, and remember a nonce where one is given (ReplayedTokenError as above)."""
        ...

    async def taken(self, exchange: str) -> Exchange | None:
        """Return an exchange taken before."""
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What became of one attempt: SETTLED with the partner's receipt, DUE again at an instant, or DEAD; why, if not."""

    delivery: str
    state: DeliveryState
    receipt: str = ""
    code: str = ""
    faults: tuple[Fault, ...] = ()
    retry_at: datetime | None = None
    entry: SaltedEntry | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Backlog:
    """What waits for one destination."""

    destination: str
    waiting: int
    backoff: Backoff


class Outbox(Protocol):
    """What still has to reach somebody."""

    async def backlogs(self, now: datetime) -> tuple[Backlog, ...]:
        """Return every destination that has something due by now, with its back-off."""
        ...

    async def claim(self, destination: str, *, limit: int, now: datetime) -> tuple[Delivery, ...]:
        """Put up to `limit` deliveries due by now in flight, at most one of each application, and return them.

        The exchanges of one application leave in the order they were taken: one that is behind another that is
        due, in flight or dead is not claimed.
        """
        ...

    async def conclude(self, verdicts: Sequence[Verdict], backoff: Backoff) -> None:
        """Record what became of claimed deliveries and how the destination now stands, in one transaction."""
        ...

    async def release(self, claimed_before: datetime) -> int:
        """Put what was claimed before an instant and never concluded back to due; return how many."""
        ...

    async def revive(self, delivery: str, entry: SaltedEntry) -> bool:
        """Make a dead delivery due again; False where it is not dead."""
        ...

    async def deliveries(
        self, *, state: DeliveryState | None = None, subject: str = "", after: str = "", limit: int = 100
    ) -> tuple[Delivery, ...]:
        """Return deliveries in order of id, from after `after`, without their bodies."""
        ...


class Partners(Protocol):
    """Who is registered."""

    async def put_partner(self, partner: Partner, entry: SaltedEntry) -> None:
        """Register a partner, or replace what is registered under its id."""
        ...

    async def set_status(self, partner: str, status: PartnerStatus, entry: SaltedEntry) -> bool:
        """Suspend or resume a partner; False where it is not registered."""
        ...

    async def partners(self) -> tuple[Partner, ...]:
        """Return everybody registered, in order of id."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemCounts:
    """What an import changed."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


class Items(Protocol):
    """Which service items are published, in which version."""

    async def put_items(self, items: Sequence[ServiceItem], entry: SaltedEntry | None = None) -> ItemCounts:
        """Keep item versions; the same code, version and digest again changes nothing."""
        ...

    async def item_versions(self, code: str) -> tuple[ServiceItem, ...]:
        """Return every version known under an implementation or handling-item code, newest first."""
        ...

    async def page_items(
        self, *, region: str = "", after: tuple[str, int] = ("", 0), limit: int = 100
    ) -> tuple[ServiceItem, ...]:
        """Return item versions in order of (code, version), from after `after`; `region` is a prefix."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class TreeHead:
    """The size and root hash of the audit tree."""

    size: int
    root: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryFilter:
    """Which entries an auditor asks for; empty fields ask for nothing in particular."""

    kind: str = ""
    outcome: str = ""
    exchange: str = ""
    number: str = ""
    partner: str = ""  # as source or destination
    item_code: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """A signed note over one tree size, as released."""

    size: int
    root: bytes
    note: str
    made_at: datetime


class Log(Protocol):
    """The audit log as it stands, and the checkpoints released over it."""

    async def head(self) -> TreeHead:
        """Return the size and root of the tree."""
        ...

    async def leaves(self, start: int, count: int) -> tuple[bytes, ...]:
        """Return leaf bytes in order, fewer where the log ends."""
        ...

    async def search(self, wanted: EntryFilter, *, before: int | None = None, limit: int = 100) -> tuple[int, ...]:
        """Return the indexes of entries asked for, newest first, below `before`."""
        ...

    async def index_of(self, entry: str) -> int | None:
        """Return where the entry with this id stands."""
        ...

    async def tiles(self, wanted: Iterable[TileId]) -> Mapping[TileId, bytes]:
        """Return the hashes of tiles, each at least as wide as asked for."""
        ...

    async def checkpoint(self, size: int | None = None) -> Checkpoint | None:
        """Return the checkpoint over a size, or the newest."""
        ...

    async def checkpoints(self, *, after: int = -1, limit: int = 1_000) -> tuple[Checkpoint, ...]:
        """Return the checkpoints over sizes above `after`, smallest first."""
        ...

    async def index_rows(self, start: int, count: int) -> tuple[IndexRow, ...]:
        """Return the derived index of entries, in order, as it is stored: for checking it against the leaves."""
        ...

    async def keep_checkpoint(self, checkpoint: Checkpoint) -> Checkpoint:
        """Make a checkpoint durable before anybody sees it; return the one kept.

        One size never has two: a second for the same size and root yields the first,
        and one with another root raises CorruptedError.
        """
        ...


class Store(Exchanges, Outbox, Partners, Items, Log, Protocol):
    """Everything that must survive a crash."""

    async def close(self) -> None:
        """Finish what was begun and let go of the store."""
        ...


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


class Directory(Protocol):
    """Who is registered, as known to this process at this moment: no waiting, no I/O."""

    def partner(self, name: str) -> Partner | None:
        """Return a partner by its id."""
        ...

    def serving(self, region: str) -> tuple[Partner, ...]:
        """Return the active partners that answer for a region, the closest first."""
        ...


class Adapters(Protocol):
    """The adapters in service."""

    def named(self, layout: str) -> Adapter | None:
        """Return the active version of a layout's adapter."""
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
