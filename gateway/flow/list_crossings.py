"""List what a region handles beyond its own counters: within the province, across provinces, and with which partner."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.core.catalogue.crossing import Crossing, Offer, Reach, crossing, offer
from gateway.core.catalogue.search import ItemFilter
from gateway.flow.published import EveryItem

_ByBase = Mapping[str, list[Offer]]


@dataclass(frozen=True, kw_only=True, slots=True)
class ListCrossings:
    """Read the items in force at an instant; of each region only what it offers across provinces is held."""

    items: EveryItem

    async def offers(self, region: str, at: datetime) -> AsyncIterator[Offer]:
        """Yield what a region offers within its province and across provinces."""
        async for each in self.items(ItemFilter(region=region, at=at)):
            offered = offer(each.item, each.document)
            if offered.reach is not None:
                yield offered

    async def with_partners(self, region: str, partners: Sequence[str], at: datetime) -> AsyncIterator[Crossing]:
        """Yield, partner by partner, what the two regions can do for each other, one row a base item."""
        ours = await self._across(region, at)
        for partner in partners:
            theirs = await self._across(partner, at)
            for base in dict.fromkeys((*ours, *theirs)):
                found = crossing(partner, ours.get(base, ()), theirs.get(base, ()), us=region)
                if found.possible:
                    yield found

    async def _across(self, region: str, at: datetime) -> _ByBase:
        """Return what a region offers across provinces, by base code; an item without one is nobody else's too."""
        found: defaultdict[str, list[Offer]] = defaultdict(list)
        async for each in self.offers(region, at):
            if each.reach is Reach.NATION:
                found[each.base_code or each.code].append(each)
        return found
