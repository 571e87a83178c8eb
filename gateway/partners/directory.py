"""Who is registered, as a snapshot in memory that follows the store within a second."""

from dataclasses import dataclass, field

from gateway.core.catalogue.regions import closeness
from gateway.core.model import Partner, PartnerKind, PartnerStatus
from gateway.flow import ports


@dataclass(kw_only=True, slots=True)
class StoredDirectory:
    """The directory of one process; only `refresh` changes it."""

    partners: ports.Partners
    _known: dict[str, Partner] = field(default_factory=dict)
    _nearest: dict[str, tuple[Partner, ...]] = field(default_factory=dict)  # answers of `serving` since the refresh

    def partner(self, name: str) -> Partner | None:
        """Return a partner by its id."""
        return self._known.get(name)

    def systems(self) -> tuple[Partner, ...]:
        """Return the active systems, in order of id."""
        systems = (each for each in self._known.values() if each.kind is PartnerKind.SYSTEM)
        return tuple(each for each in systems if each.status is PartnerStatus.ACTIVE)

    def serving(self, region: str) -> tuple[Partner, ...]:
        """Return the active partners that answer for a region, the closest first, a system before a gateway."""
        nearest = self._nearest.get(region)
        if nearest is None:
            nearest = self._nearest[region] = self._ranked(region)
        return nearest

    def _ranked(self, region: str) -> tuple[Partner, ...]:
        serving = [
            (closeness(each.regions, region), each)
            for each in self._known.values()
            if each.status is PartnerStatus.ACTIVE and each.kind in (PartnerKind.SYSTEM, PartnerKind.GATEWAY)
        ]
        found = [(-close, each.kind is not PartnerKind.SYSTEM, each.id, each) for close, each in serving if close]
        return tuple(each for *_, each in sorted(found, key=lambda row: row[:3]))

    async def refresh(self) -> None:
        """Read who is registered now."""
        known = {each.id: each for each in await self.partners.partners()}
        if known != self._known:
            self._known, self._nearest = known, {}
