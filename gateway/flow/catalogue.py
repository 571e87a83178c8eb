"""What the flow asks of the catalogue: the versions of an item, remembered for a second."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.core.model import ServiceItem
from gateway.flow.ports import Items

_FRESH_FOR = timedelta(seconds=1)  # a change made by another process is seen after at most this long
_REMEMBERED = 10_000  # items; about 4 KB each


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedItems:
    """The catalogue as the hot path reads it: one look-up a second for each item in demand.

    Owned by the event loop; nothing else changes the memory.
    """

    items: Items
    _memory: dict[str, tuple[datetime, tuple[ServiceItem, ...]]] = field(default_factory=dict)

    async def versions(self, code: str, now: datetime) -> tuple[ServiceItem, ...]:
        """Return every version known under a code, at most a second old."""
        remembered = self._memory.get(code)
        if remembered is not None and now - remembered[0] < _FRESH_FOR:
            return remembered[1]
        versions = await self.items.item_versions(code)
        if len(self._memory) >= _REMEMBERED:
            self._memory.clear()
        self._memory[code] = (now, versions)
        return versions
