"""Who is registered: as kept, and as known to this process."""

from typing import Protocol

from gateway.core.model import Partner, PartnerStatus
from gateway.flow.ports.log import SaltedEntry


class Partners(Protocol):
    """Who is registered."""

    async def put_partner(self, partner: Partner, entry: SaltedEntry) -> None:
        """Register a partner, or replace what is registered under its id."""
        ...

    async def set_status(self, partner: str, status: PartnerStatus, entry: SaltedEntry) -> bool:
        """Suspend or resume a partner; False where it is not registered."""
        ...

    async def partners(self) -> tuple[Partner, ...]:
        """Return everybody registered, in order of id."""
        ...


class Directory(Protocol):
    """Who is registered, as known to this process at this moment: no waiting, no I/O."""

    def partner(self, name: str) -> Partner | None:
        """Return a partner by its id."""
        ...

    def systems(self) -> tuple[Partner, ...]:
        """Return the active systems, in order of id."""
        ...

    def serving(self, region: str) -> tuple[Partner, ...]:
        """Return the active partners that answer for a region, the closest first."""
        ...
