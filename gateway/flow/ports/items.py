"""The catalogue: base items and service items, in every version, and which of them are published."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.core.catalogue.search import ItemFilter
from gateway.core.model import DocumentKind, ServiceItem
from gateway.flow.ports.log import SaltedEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemCounts:
    """What an import changed."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemPage:
    """Some of the items asked for, and behind which position the others are; None where there are no others.

    A page may hold fewer items than were asked for, or none, and still not be the last.
    """

    items: tuple[ServiceItem, ...]
    after: int | None = None


class Items(Protocol):
    """Which service items and base items there are, in which version, and when each is published."""

    async def put_items(self, items: Sequence[ServiceItem], entry: SaltedEntry | None = None) -> ItemCounts:
        """Keep item versions; the same code, version and digest again changes nothing."""
        ...

    async def item_versions(self, code: str) -> tuple[ServiceItem, ...]:
        """Return every version of a service item under an implementation or handling-item code, newest first."""
        ...

    async def base_item_versions(self, code: str) -> tuple[ServiceItem, ...]:
        """Return every version of the base item with this code, newest first."""
        ...

    async def item_revisions(self, kind: DocumentKind, code: str, version: int) -> tuple[bytes, ...]:
        """Return the documents that a version had before they were replaced under the same number, oldest first."""
        ...

    async def find_items(self, wanted: ItemFilter, *, after: int = 0, limit: int = 100) -> ItemPage:
        """Return items asked for in the order in which they first came, from behind position `after`.

        What is published at an instant is such a search, with `at`. It takes no longer for many items or few.
        """
        ...
