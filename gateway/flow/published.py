"""Reads what a catalogue publishes at an instant, an item at a time, however many there are."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, Protocol

import orjson

from gateway.core.catalogue.publication import in_force
from gateway.core.model import ServiceItem

_PAGE: Final = 1_000  # versions held at once


class Pages(Protocol):
    """Where item versions are read page by page: the store."""

    async def page_items(
        self, *, region: str = "", after: tuple[str, int] = ("", 0), limit: int = 100
    ) -> tuple[ServiceItem, ...]:
        """Return item versions in order of (code, version), from after `after`; `region` is a prefix."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """One item in force, with its canonical document."""

    item: ServiceItem
    document: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class AllPublished:
    """The items in force, in order of code."""

    items: Pages

    async def __call__(self, at: datetime, *, region: str = "") -> AsyncIterator[Published]:
        """Yield of every code the version in force at an instant; `region` is the beginning of a division code."""
        waiting: list[ServiceItem] = []  # versions of a code that may go on in the next page
        after = ("", 0)
        while page := await self.items.page_items(region=region, after=after, limit=_PAGE):
            after = (page[-1].code, page[-1].version)
            groups = [list(group) for _, group in groupby((*waiting, *page), key=attrgetter("code"))]
            waiting = groups.pop()
            for versions in groups:
                if (newest := in_force(versions, at)) is not None:
                    yield _read(newest)
        if (last := in_force(waiting, at)) is not None:
            yield _read(last)


def _read(item: ServiceItem) -> Published:
    return Published(item=item, document=orjson.loads(item.document))
