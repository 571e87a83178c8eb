"""Nodes in PostgreSQL: any number of them, each with what it claimed and its duties under a lease."""

from collections.abc import Collection

from gateway.store.node import Node
from gateway.store.postgres.session import Session
from gateway.store.postgres.statements import prepared

_SQL = prepared("nodes")


async def attend(session: Session, node: Node, held: Collection[int], lease_s: float) -> bool:
    """Have a lease from now on, and put back what no node holds; return whether the lease never ended."""
    named = {"node": node.id, "lease": int(lease_s * 1_000_000)}
    went_on = await session.change(_SQL["renew"], named) == 1
    # A lease that had ended does not stand yet: what was claimed under it is put back too.
    await session.change(_SQL["put_back"], {"node": node.id, "held": list(held)})
    await session.change(_SQL["forget_ended"], {})
    if not went_on:
        # Another may be taking one of them at this moment, because it found our lease ended.
        await session.change(_SQL["drop_duties"], named)
        await session.change(_SQL["join"], named)
    return went_on


async def take_duty(session: Session, node: Node, duty: str) -> bool:
    """Return whether a duty is this node's; one that nobody has becomes its."""
    named = {"node": node.id, "duty": duty}
    # Asked first: taking again what is ours would be a write.
    ours: bool = (await session.one(_SQL["has_duty"], named))["ours"]
    return ours or await session.change(_SQL["take_duty"], named) == 1


async def leave(session: Session, node: Node) -> None:
    """End the lease, and put back what was claimed under it."""
    await session.change(_SQL["leave"], {"node": node.id})
    await session.change(_SQL["put_back"], {"node": node.id, "held": []})
