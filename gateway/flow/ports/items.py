"""Which service items are published, in which version."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.core.model import ServiceItem
from gateway.flow.ports.log import SaltedEntry


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
