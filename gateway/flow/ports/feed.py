"""The change feed of published items: what this gateway offers, and what it copies from others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.core.model import ServiceItem
from gateway.flow.ports.items import ItemCounts
from gateway.flow.ports.log import SaltedEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedPage:
    """Items of our own in the order in which they last changed; each stands once, at its last change.

    `epoch` names the store that counts the changes: numbers of another epoch mean nothing here.
    """

    epoch: str
    items: tuple[ServiceItem, ...]
    last: int  # number of the last change on this page, or what was asked for where the page is empty
    complete: bool  # whether nothing had changed after it


@dataclass(frozen=True, kw_only=True, slots=True)
class MirroredItem:
    """An item as its owner publishes it, with the owner's signed word."""

    item: ServiceItem
    publication: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Mirror:
    """How far the copy of one partner's items goes, in the owner's own words."""

    owner: str  # partner id
    epoch: str = ""  # "" before the first page
    cursor: str = ""
    copied_at: datetime | None = None
    items: int = 0  # item versions copied; counted when asked for, never given


class Feed(Protocol):
    """What changed in the catalogue, and the copies of partners' catalogues beside our own items."""

    async def feed(self, after: int, *, limit: int, size: int) -> FeedPage:
        """Return up to `limit` items changed after a change number, of about `size` bytes together; at least one."""
        ...

    async def restart_feed(self, entry: SaltedEntry) -> None:
        """Count changes under another name from here on, because numbers that were given are given again."""
        ...

    async def mirrors(self) -> tuple[Mirror, ...]:
        """Return how far every copy goes, in order of owner."""
        ...

    async def keep_mirrored(
        self, mirror: Mirror, items: Sequence[MirroredItem], entry: SaltedEntry, *, complete: bool
    ) -> ItemCounts:
        """Keep a page of a partner's items and how far it goes, in one transaction.

        An item that is not this owner's is left as it is, and counted nowhere. Where the page is the last
        (`complete`), what the owner offered in another epoch and no more is forgotten.
        """
        ...
