"""The mark that stands in a database that is being copied, or was."""

from gateway.store.copying.ends import Mark
from gateway.store.copying.marks import as_mark
from gateway.store.postgres.session import Session
from gateway.store.postgres.statements import prepared

_SQL = prepared("copying")


async def mark(session: Session) -> Mark | None:
    """Return the mark, None in a database that is in service."""
    row = await session.row(_SQL["mark"])
    return None if row is None else as_mark(row)
