"""Measure how good a region's catalogue is: the rates of its published items."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.core.catalogue.claiming import base_item_of
from gateway.core.catalogue.regions import closeness
from gateway.core.catalogue.search import ItemFilter
from gateway.core.catalogue.tally import Figure, Group, Tally
from gateway.core.model import DocumentKind, Partner, PartnerKind, PartnerStatus
from gateway.flow.published import EveryItem

_CONNECTED = frozenset({PartnerKind.SYSTEM, PartnerKind.GATEWAY})


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """The figures of one group of items."""

    group: Group
    items: int
    figures: tuple[Figure, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class MeasureCatalogue:
    """Add up the rates of the items in force at an instant."""

    items: EveryItem

    async def __call__(
        self,
        partners: Sequence[Partner],
        at: datetime,
        *,
        region: str = "",
        level: str = "",
        digits: int = 0,
    ) -> tuple[Measured, ...]:
        """Return the figures of a region, of its levels and, with `digits`, of the divisions that so many digits name.

        `region` is the beginning of a division code, without the zeros that fill it up. The base catalogue is held
        in memory: a few thousand codes.
        """
        catalogue = ItemFilter(kind=DocumentKind.BASE_ITEM, at=at)
        base = [base_item_of(each.document) async for each in self.items(catalogue)]
        regions = _connected(partners)
        tally = Tally(region=region, level=level, digits=digits)
        async for each in self.items(ItemFilter(region=region, at=at)):
            tally.add(each.document, connected=closeness(regions, each.item.region) > 0)
        return tuple(
            Measured(group=group, items=items, figures=tally.figures(group, base)) for group, items in tally.groups()
        )


def _connected(partners: Sequence[Partner]) -> tuple[str, ...]:
    """Return the divisions that an active system or gateway answers for."""
    active = (each for each in partners if each.status is PartnerStatus.ACTIVE and each.kind in _CONNECTED)
    return tuple(dict.fromkeys(region for each in active for region in each.regions))
