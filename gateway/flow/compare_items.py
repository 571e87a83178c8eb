"""Put what several regions publish of one base item side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import permutations
from typing import Final

from gateway.core.catalogue.claiming import base_codes_of
from gateway.core.catalogue.comparison import Line, Say, compare
from gateway.core.catalogue.crossing import Offer, modes_between, offer
from gateway.core.catalogue.search import ItemFilter
from gateway.core.errors import NotFoundError
from gateway.core.model import ServiceItem
from gateway.flow.published import EveryItem, Published

_COLUMNS: Final = 64  # items side by side; who wants more names regions


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """In which modes one region can have another's item handled."""

    collecting: str
    handling: Offer
    modes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """The items side by side, what is to be settled, and which regions can handle them for which."""

    items: tuple[ServiceItem, ...]
    lines: tuple[Line, ...]
    pairs: tuple[Pair, ...]
    cut: bool  # whether there are more items than stand side by side


@dataclass(frozen=True, kw_only=True, slots=True)
class CompareItems:
    """Compare the items in force at an instant."""

    items: EveryItem

    async def __call__(self, base: str, regions: Sequence[str], at: datetime, say: Say) -> Comparison:
        """Compare what the regions publish of a base item; with no region, what anybody does.

        `say` names the values of code lists. Raises NotFoundError where nobody publishes it.
        """
        found: list[Published] = []
        for region in regions or ("",):
            async for each in self.items(ItemFilter(code=base, region=region, at=at)):
                if base in base_codes_of(each.document) and len(found) <= _COLUMNS:
                    found.append(each)
        if not found:
            raise NotFoundError("none of these regions publishes an item of this base code at that time")
        shown = found[:_COLUMNS]
        return Comparison(
            items=tuple(each.item for each in shown),
            lines=compare([each.document for each in shown], say),
            pairs=_pairs(shown),
            cut=len(found) > len(shown),
        )


def _pairs(shown: Sequence[Published]) -> tuple[Pair, ...]:
    offers = [offer(each.item, each.document) for each in shown]
    regions = dict.fromkeys(each.region for each in offers)
    pairs = (
        Pair(
            collecting=collecting,
            handling=each,
            modes=modes_between(each, collecting, [one for one in offers if one.region == collecting]),
        )
        for collecting, handling in permutations(regions, 2)
        for each in offers
        if each.region == handling
    )
    return tuple(pair for pair in pairs if pair.modes)
