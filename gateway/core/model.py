"""The nouns of the gateway: what an object says here is already checked, so code that holds one trusts it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gateway.core.errors import Fault
from gateway.core.trust.keys import PublicKey


class DocumentKind(StrEnum):
    """The kinds of document that an adapter converts."""

    BASE_ITEM = "base-item"
    SERVICE_ITEM = "service-item"
    APPLICATION = "application"
    EVENT = "event"
    CERTIFICATE = "certificate"
    RATING = "rating"


class PartnerKind(StrEnum):
    """What a partner is to this gateway."""

    SYSTEM = "system"  # a regional system of ours, spoken to in its own format
    GATEWAY = "gateway"  # another region's gateway, spoken to in canonical form
    AUDITOR = "auditor"  # reads the log, submits nothing
    OPERATOR = "operator"  # decides over this gateway's adapters, submits nothing


class PartnerStatus(StrEnum):
    """Whether a partner may exchange."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, kw_only=True, slots=True)
class Partner:
    """Somebody this gateway exchanges with, known by its registered keys."""

    id: str
    kind: PartnerKind
    name: str
    regions: tuple[str, ...] = ()  # 12-digit division codes it answers for; a prefix covers what lies below it
    endpoint: str = ""  # base URL that deliveries are posted to; "" for one that only calls
    adapter: str = ""  # layout it speaks, for a system
    keys: tuple[PublicKey, ...] = ()
    status: PartnerStatus = PartnerStatus.ACTIVE
    mirrored: bool = False  # whether the items that this gateway publishes are copied here


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Who this gateway is to others."""

    id: str  # the `aud` of tokens sent to it and the `iss` of what it signs
    region: str  # 12-digit division code it stands for
    url: str  # public base URL, without a trailing slash


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """A request exactly as it arrived: nothing in it is believed yet."""

    token: str
    method: str
    url: str  # as the sender addressed it, for the token's `htu`
    media_type: str
    body: bytes
    received_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """One thing that crossed, with the proof of who sent it and the proof that we took it.

    `id` is the sender's (UUIDv7), the same on every retry and on every hop.
    """

    id: str
    kind: str  # "application.submitted" or "event.<type>"
    sender: str
    receiver: str
    subject: str  # collaboration number
    digest: str  # RFC 9530 form, over `body`
    body: bytes  # as received
    media_type: str
    token: str
    receipt: str
    received_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Application:
    """Where one application stands, and between which two partners its exchanges travel."""

    number: str  # collaboration number
    exchange: str
    source: str  # partner it came from; events of the handling side travel towards it
    target: str  # partner it went to
    item_code: str
    item_name: str
    collecting_region: str
    handling_region: str
    mode: str
    state: str
    created_at: datetime
    updated_at: datetime


class DeliveryState(StrEnum):
    """Every delivery is always in exactly one of these."""

    DUE = "due"
    IN_FLIGHT = "in_flight"
    SETTLED = "settled"
    DEAD = "dead"


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One exchange on its way to one partner, as the bytes that will be sent."""

    id: str
    exchange: str
    kind: str
    destination: str
    subject: str
    media_type: str
    body: bytes
    created_at: datetime
    state: DeliveryState = DeliveryState.DUE
    attempts: int = 0
    code: str = ""  # why the last attempt failed, or why the region took its rows back out
    faults: tuple[Fault, ...] = ()  # what exactly was wrong, as its receiver told it
    rejected: bool = False  # settled, and then a row of it was rejected
    claim: int = 0  # the number that its node claimed it under, while it is in flight


@dataclass(frozen=True, kw_only=True, slots=True)
class Backoff:
    """How long a destination is left alone after failing."""

    destination: str
    failures: int = 0
    retry_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Facets:
    """What an item is found and counted by, besides its name and its region; all of it stands in its document."""

    codes: tuple[str, ...] = ()  # every code it goes by
    base_code: str = ""  # of the base item it implements, or is
    authority: str = ""  # code
    authority_name: str = ""
    levels: tuple[str, ...] = ()  # of government
    modes: tuple[str, ...] = ()  # in which it is handled across provinces
    subjects: tuple[str, ...] = ()  # whom it serves, and the themes it is filed under
    online: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceItem:
    """One version of a published service item or, of the kind BASE_ITEM, of a base item; with its canonical document.

    A handling-item code names an item where there is one, else the implementation code; a base code names a base item.
    """

    code: str
    region: str
    name: str
    status: str
    version: int
    effective_from: datetime | None
    effective_to: datetime | None  # the first instant at which it is no longer in force
    document: bytes  # canonical JSON
    digest: str
    quarantine: tuple[str, ...] = field(default=())  # codes of what is known to be wrong with it
    kind: DocumentKind = DocumentKind.SERVICE_ITEM
    facets: Facets = field(default=Facets())
