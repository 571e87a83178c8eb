"""What the handlers call, put together by the composition root and carried by the application."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from gateway.api.limits import Limits
from gateway.core.errors import RejectedError
from gateway.core.trust.keys import PublicKey
from gateway.flow.audit import ProveEntry, SearchEntries
from gateway.flow.bundle import ReadBundle
from gateway.flow.inspect import ListItems, ReadApplication
from gateway.flow.offer_items import OfferItems
from gateway.flow.operate import OperateAdapters
from gateway.flow.ports import Clock
from gateway.flow.receive import ReceiveExchange


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One thing without which this gateway cannot serve; the probe raises a GatewayError where it is not so."""

    name: str
    probe: Callable[[], Awaitable[object]]


@dataclass(kw_only=True, slots=True)
class Stopping:
    """Whether this process is about to end: then it is not ready, and each answer is the last on its connection."""

    begun: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """Everything behind the HTTP interface."""

    public_url: str  # base URL that partners use, without a trailing slash; tokens are made for it
    clock: Clock
    new_id: Callable[[], str]  # a UUIDv7
    published_keys: Callable[[], Sequence[PublicKey]]  # that this gateway signs with, or has signed with
    checks: tuple[Check, ...]
    log_refusal: Callable[[RejectedError], Awaitable[None]]  # of what no use case sees
    receive: ReceiveExchange
    read_application: ReadApplication
    list_items: ListItems
    offer_items: OfferItems
    search_entries: SearchEntries
    prove_entry: ProveEntry
    read_bundle: ReadBundle
    adapters: OperateAdapters
    is_partner: Callable[[str], bool]
    fraction: Callable[[], float]  # a number in [0, 1), for jitter
    limits: Limits = field(default_factory=Limits)
    stopping: Stopping = field(default_factory=Stopping)

    def retry_after_s(self) -> int:
        """Return what a 503 asks its receiver to wait: another time for each, so that they do not return together."""
        return self.limits.retry_after_s + int(self.fraction() * (self.limits.retry_spread_s + 1))


PARTS: Final = web.AppKey("parts", Parts)
