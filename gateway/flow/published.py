"""Reads what a catalogue publishes at an instant, an item at a time, however many there are."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

import orjson

from gateway.core.catalogue.search import ItemFilter
from gateway.core.model import ServiceItem
from gateway.flow.ports.items import ItemPage

_PAGE: Final = 500  # items held at once


class Pages(Protocol):
    """Where items are found page by page: the store."""

    async def find_items(self, wanted: ItemFilter, *, after: int = 0, limit: int = 100) -> ItemPage:
        """Return items asked for in the order in which they first came, from behind position `after`."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """One item, with its canonical document."""

    item: ServiceItem
    document: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class EveryItem:
    """All items asked for, in the order in which they first came."""

    items: Pages

    async def __call__(self, wanted: ItemFilter) -> AsyncIterator[Published]:
        """Yield the items; with `at`, of every code the version in force at that instant."""
        after: int | None = 0
        while after is not None:
            page = await self.items.find_items(wanted, after=after, limit=_PAGE)
            for item in page.items:
                yield Published(item=item, document=orjson.loads(item.document))
            after = page.after
