"""What `[transport]` of an adapter says: where a delivery goes, how we prove who we are, and what an answer means."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.core.conversion.formats.wire import Wire
from gateway.core.conversion.rows import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """Where one value stands in a request: in a header, in the query, or in a field of the document."""

    header: str = ""
    query: str = ""
    field: Path = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class StaticKey:
    """A secret that is the same on every request."""

    credential: str
    at: Spot


@dataclass(frozen=True, kw_only=True, slots=True)
class AppCode:
    """A token that is asked for with md5(appCode + timestamp) and used until it expires."""

    credential: str
    at: Spot
    path: str
    digest: str  # query parameter of the digest
    timestamp: str  # query parameter of the milliseconds since 1970
    parameters: Mapping[str, str]  # that the token's address is asked with besides
    token: Path  # in the answer
    lifetime: Path  # in the answer, in seconds; () where it does not say
    lifetime_s: int  # where the answer does not say
    expired: frozenset[str]  # answer codes that mean: ask for a new one


@dataclass(frozen=True, kw_only=True, slots=True)
class NationalHeaders:
    """The national platform's gjzwfwpt_ headers. They sign neither the body nor a nonce: see `core.trust.national`."""

    credential: str
    requester: str
    services: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Records:
    """Answers that judge one document by several records, each with a code of its own."""

    at: Path
    code: Path
    message: Path = ()
    place: Path = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerSpec:
    """What an answer means. A code that stands in none of the three sets is never taken for success."""

    wire: Wire
    status: frozenset[int]  # under which the answer's document is believed
    refused_status: frozenset[int]  # that refuse for good, whatever the document says
    code: Path = ()  # () where the status alone accepts, because the manifest says so
    accepted: frozenset[str] = frozenset()
    retry: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    codes: Mapping[str, str] = field(default_factory=dict)  # the system's codes in our words
    message: Path = ()
    number: Path = ()  # the system's own case number, without which an acceptance is none
    records: Records | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpSpec:
    """Plain HTTP: one document a request."""

    paths: Mapping[str, str]  # by exchange kind, by its first word, or "" for any
    answer: AnswerSpec
    authentication: StaticKey | AppCode | NationalHeaders | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    soap_actions: Mapping[str, str] = field(default_factory=dict)
    exchange: Spot | None = None  # where the exchange id goes, by which a system recognises a repeat
    number: Spot | None = None  # where the collaboration number goes
    lower_keys: bool = False
    timeout_s: int = 30

    @property
    def credentials(self) -> tuple[str, ...]:
        """The names of the secrets it needs."""
        return (self.authentication.credential,) if self.authentication else ()


def for_kind(table: Mapping[str, str], exchange_kind: str) -> str:
    """Return what a table says of "event.accepted": under that name, else under "event", else for any."""
    return table.get(exchange_kind, table.get(exchange_kind.partition(".")[0], table.get("", "")))
