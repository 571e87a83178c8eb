"""Registered partners in PostgreSQL."""

from gateway.core.model import Partner, PartnerStatus
from gateway.flow.ports import SaltedEntry
from gateway.store.postgres.session import Session
from gateway.store.postgres.statements import prepared
from gateway.store.rows import as_partner, partner_row

_SQL = prepared("partners")


async def put_partner(session: Session, partner: Partner, entry: SaltedEntry) -> None:
    """Register a partner, or replace what is registered under its id."""
    await session.change(_SQL["put_partner"], partner_row(partner))
    session.add_entries((entry,))


async def set_status(session: Session, partner: str, status: PartnerStatus, entry: SaltedEntry) -> bool:
    """Suspend or resume a partner."""
    known = await session.change(_SQL["set_status"], {"id": partner, "status": status}) == 1
    if known:
        session.add_entries((entry,))
    return known


async def partners(session: Session) -> tuple[Partner, ...]:
    """Return everybody registered, in order of id."""
    return tuple(map(as_partner, await session.rows(_SQL["partners"])))
