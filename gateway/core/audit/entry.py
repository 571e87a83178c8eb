"""What the log says of one exchange: who, what, when, on what grounds and with which result. Never about whom.

No field may carry personal data, and none is able to carry prose: each is an identifier, a code, a count, a time or a
salted commitment, held to its pattern when the entry is made. Personal content enters a leaf only through
`commitment`, whose salt and payload live where they can be erased. A leaf is forever; what is in it cannot be.
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from gateway.core.audit.forms import ENTRY_FORMS, PARTY_FORMS
from gateway.core.errors import CorruptedError

LEAF_VERSION = 1  # of the leaf's form; a later form gets the next number, and both stay readable
SALT_MIN_BYTES = 16


class EntryKind(StrEnum):
    """What happened."""

    EXCHANGE_RECEIVED = "exchange_received"
    EXCHANGE_REFUSED = "exchange_refused"
    DELIVERY_SETTLED = "delivery_settled"
    DELIVERY_DEAD = "delivery_dead"
    DELIVERY_REVIVED = "delivery_revived"
    DELIVERY_REJECTED = "delivery_rejected"
    REJECTION_UNMATCHED = "rejection_unmatched"
    PARTNER_REGISTERED = "partner_registered"
    PARTNER_SUSPENDED = "partner_suspended"
    PARTNER_RESUMED = "partner_resumed"
    ITEM_IMPORT_BEGUN = "item_import_begun"  # without a later end: cut off, and part of it kept
    ITEMS_IMPORTED = "items_imported"
    ADAPTER_SHIPPED = "adapter_shipped"
    ADAPTER_UPLOADED = "adapter_uploaded"
    ADAPTER_CHECKED = "adapter_checked"
    ADAPTER_ACTIVATED = "adapter_activated"
    ADAPTER_ROLLED_BACK = "adapter_rolled_back"
    ADAPTER_RETIRED = "adapter_retired"
    ITEMS_MIRRORED = "items_mirrored"
    LOG_READ = "log_read"
    GATEWAY_STARTED = "gateway_started"
    STORE_RESTORED = "store_restored"  # an older store went on: what was in the log behind `log_size` is lost
    ENTRY_LOST = "entry_lost"  # stands where such an entry stood
    EXCHANGES_RETIRED = "exchanges_retired"
    ENTRIES_RETIRED = "entries_retired"


class Outcome(StrEnum):
    """How it ended."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    FAILED = "failed"


_COUNTS = (
    "item_version",
    "request_bytes",
    "response_bytes",
    "losses",
    "items_added",
    "items_changed",
    "items_unchanged",
    "items_ended",
    "items_faulty",
    "log_size",
    "log_signed",
    "retired_size",
)
_COUNT_MAX = 2**53 - 1  # what every JSON reader reads exactly


@dataclass(frozen=True, kw_only=True, slots=True)
class Party:
    """One side of an exchange, by codes only; "" for what is not known."""

    partner: str
    region: str = ""
    organisation: str = ""

    def __post_init__(self) -> None:
        """Refuse what is not a code; a ValueError names the field, never the value."""
        PARTY_FORMS.require(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of the log. "" and None stand for what does not apply, and are left out of the leaf.

    Times are aware, and kept to the millisecond below. ValueError, naming the field only, if a value does not fit it.
    """

    id: str  # UUIDv7
    kind: EntryKind
    outcome: Outcome
    occurred_at: datetime  # when it happened
    recorded_at: datetime  # when it was written into the log
    code: str = ""  # fault code, of what did not succeed
    exchange: str = ""  # UUIDv7 of the sender
    number: str = ""  # collaboration number
    exchange_kind: str = ""  # "application.submitted" or "event.<type>"
    source: Party | None = None
    destination: Party | None = None
    role: str = ""  # in which the source acted
    represented: str = ""  # partner on whose behalf
    item_code: str = ""
    item_version: int | None = None
    adapter: str = ""
    adapter_version: str = ""
    mapping_digest: str = ""  # RFC 9530 form
    purpose: str = ""  # code
    legal_basis: str = ""  # code
    agreement: str = ""
    key_id: str = ""  # that verified the request
    request_bytes: int | None = None
    response_bytes: int | None = None
    losses: int | None = None  # regional fields that the conversion could not carry
    items_added: int | None = None  # by an import, as the ones below
    items_changed: int | None = None
    items_unchanged: int | None = None
    items_ended: int | None = None  # because a complete list does not hold them
    items_faulty: int | None = None  # documents that were left out
    log_size: int | None = None  # of a log that was restored, before this entry
    log_signed: int | None = None  # the size that had been signed of it
    request_commitment: str = ""
    response_commitment: str = ""
    receipt_commitment: str = ""  # of the other side's receipt
    retired_before: str = ""  # RFC 3339: exchanges received, or entries recorded, before it were retired
    retired_size: int | None = None  # entries below it were retired
    retired_root: str = ""  # RFC 9530 form, of the root that the tree has at that size
    archive_digest: str = ""  # RFC 9530 form, of what was archived first; "" where nothing was

    def __post_init__(self) -> None:
        """Refuse what does not fit its field."""
        ENTRY_FORMS.require(self)
        for name in _COUNTS:
            count = getattr(self, name)
            if count is not None and not (type(count) is int and 0 <= count <= _COUNT_MAX):
                raise ValueError(f"{name} is not a count")
        if self.occurred_at.tzinfo is None or self.recorded_at.tzinfo is None:
            raise ValueError("a time without an offset is no time")

    def leaf(self) -> bytes:
        """Return the canonical JSON (RFC 8785) that is stored and hashed."""
        leaf: dict[str, Any] = {
            name: text for name, text in zip(ENTRY_FORMS.names, ENTRY_FORMS.texts(self), strict=True) if text
        }
        for name in _COUNTS:
            count = getattr(self, name)
            if count is not None:
                leaf[name] = count
        leaf["v"], leaf["kind"], leaf["outcome"] = LEAF_VERSION, self.kind, self.outcome
        leaf["occurred_at"], leaf["recorded_at"] = _timestamp(self.occurred_at), _timestamp(self.recorded_at)
        if self.source:
            leaf["source"] = _party(self.source)
        if self.destination:
            leaf["destination"] = _party(self.destination)
        # The fields hold ASCII and safe integers only, for which sorted output is RFC 8785's.
        return orjson.dumps(leaf, option=orjson.OPT_SORT_KEYS)


def _party(party: Party) -> dict[str, str]:
    return {name: text for name, text in zip(PARTY_FORMS.names, PARTY_FORMS.texts(party), strict=True) if text}


class IndexRow(NamedTuple):
    """The columns entries are searched by: derived from the leaf, never the truth themselves."""

    id: str
    kind: str
    outcome: str
    code: str
    exchange: str
    number: str
    source: str  # partner ids
    destination: str
    item_code: str
    recorded_ms: int  # since 1970-01-01 UTC


def index_of(entry: Entry) -> IndexRow:
    """Return the index columns of an entry; "" for what does not apply."""
    return IndexRow(
        id=entry.id,
        kind=entry.kind.value,
        outcome=entry.outcome.value,
        code=entry.code,
        exchange=entry.exchange,
        number=entry.number,
        source=entry.source.partner if entry.source else "",
        destination=entry.destination.partner if entry.destination else "",
        item_code=entry.item_code,
        recorded_ms=(entry.recorded_at - _EPOCH) // timedelta(milliseconds=1),
    )


def read_entry(leaf: bytes) -> Entry:
    """Return the entry of a stored leaf; CorruptedError if it is not exactly the leaf of an entry."""
    try:
        entry = _entry_of(orjson.loads(leaf))
        canonical = entry.leaf()
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        raise CorruptedError("a stored leaf is not an audit entry", code="leaf_unreadable") from None
    # One entry has one leaf: whatever else is spelled differently, twice or not at all shows here.
    if canonical != leaf:
        raise CorruptedError("a stored leaf is not in canonical form", code="leaf_not_canonical")
    return entry


def _entry_of(value: dict[str, Any]) -> Entry:
    if value.pop("v") != LEAF_VERSION:
        raise ValueError("a leaf of another version")
    for side in {"source", "destination"} & value.keys():
        value[side] = Party(**value[side])
    for name, read in _READERS:
        value[name] = read(value[name])
    return Entry(**value)


def commitment(domain: str, salt: bytes, payload: bytes) -> str:
    """Return `sha-256:<hex>` over the length-prefixed domain and salt, then the payload.

    The 8-byte big-endian lengths keep one part's end from passing for the next one's beginning. The salt is random,
    16 bytes at least, and never used twice: without it an identity number is found by trying them all.
    """
    if len(salt) < SALT_MIN_BYTES:
        raise ValueError("a salt has 16 bytes or more")
    parts = (domain.encode(), salt)
    framed = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return f"sha-256:{sha256(framed + payload).hexdigest()}"


def root_digest(root: bytes) -> str:
    """Return the root of a tree as an entry names it, in RFC 9530 form."""
    return f"sha-256=:{b64encode(root).decode()}:"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _timestamp(at: datetime) -> str:
    """Return RFC 3339 in UTC, to the millisecond."""
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat(timespec="milliseconds")[:-6] + "Z"


_READERS: tuple[tuple[str, Callable[[str], Any]], ...] = (
    ("kind", EntryKind),
    ("outcome", Outcome),
    ("occurred_at", datetime.fromisoformat),
    ("recorded_at", datetime.fromisoformat),
)
