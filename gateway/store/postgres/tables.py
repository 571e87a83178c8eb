"""Readings of front-end databases in PostgreSQL: positions, and rejections beside the deliveries they speak of."""

from gateway.flow.ports import Position, Rejection, SaltedEntry
from gateway.store.postgres.session import Session
from gateway.store.postgres.statements import prepared
from gateway.store.rows import rejection_row

_SQL = prepared("tables")


async def position(session: Session, partner: str, table: str) -> Position | None:
    """Return how far a table was read."""
    row = await session.row(_SQL["position"], {"partner": partner, "name": table})
    return None if row is None else Position(**row)


async def advance(session: Session, partner: str, table: str, reached: Position) -> None:
    """Remember how far a table was read."""
    await session.change(_SQL["advance"], {"partner": partner, "name": table, "at": reached.at, "row": reached.row})


async def keep_rejection(session: Session, rejection: Rejection, entry: SaltedEntry) -> bool:
    """Keep a rejection and its entry; False, and no entry, where it is known already."""
    fresh = await session.change(_SQL["keep_rejection"], rejection_row(rejection)) == 1
    if fresh:
        session.add_entries((entry,))
    return fresh
