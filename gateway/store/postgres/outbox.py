"""Deliveries in PostgreSQL: lines of one application to one destination, of which only the head ever moves.

The next in a line becomes its head when the head is settled, and a new delivery does where the line is empty; so that
two nodes never miss each other in between, whoever does either holds the application's lock.
"""

from collections.abc import Sequence
from datetime import datetime

from gateway.core.backoff import LONGEST
from gateway.core.model import Backoff, Delivery, DeliveryState
from gateway.flow.ports import Backlog, SaltedEntry, Verdict
from gateway.store.node import Node
from gateway.store.postgres.session import Session
from gateway.store.postgres.statements import columns, prepared
from gateway.store.rows import as_delivery, verdict_row
from gateway.store.times import from_us_or_none, to_us, to_us_or_none

_SQL = prepared("outbox")
_VERDICT = ("id", "claim", "state", "receipt", "code", "retry_at", "faults")

# Nearly all deliveries are settled: the others are listed from indexes that hold nothing else.
_LISTINGS = {
    None: "deliveries",
    DeliveryState.SETTLED: "deliveries",
    DeliveryState.DUE: "due_deliveries",
    DeliveryState.IN_FLIGHT: "deliveries_in_hand",
    DeliveryState.DEAD: "deliveries_in_hand",
}


async def backlogs(session: Session, now: datetime) -> tuple[Backlog, ...]:
    """Return every destination that has something due by now, with its back-off."""
    return tuple(
        Backlog(
            destination=row["destination"],
            backoff=Backoff(
                destination=row["destination"], failures=row["failures"], retry_at=from_us_or_none(row["retry_at"])
            ),
        )
        for row in await session.rows(_SQL["backlogs"], {"now": to_us(now)})
    )


async def claim(
    session: Session, holder: tuple[Node, int], destination: str, limit: int, now: datetime
) -> tuple[Delivery, ...]:
    """Put the heads of lines that have been due the longest in flight; return them in the order taken."""
    node, number = holder
    wanted = {"destination": destination, "limit": max(0, limit), "now": to_us(now), "latest": to_us(now + LONGEST)}
    rows = await session.changed(_SQL["claim"], wanted | {"node": node.id, "number": number})
    return tuple(as_delivery(row) for row in sorted(rows, key=lambda row: int(row["sequence"])))


async def conclude(session: Session, node: Node, verdicts: Sequence[Verdict], backoff: Backoff) -> None:
    """Record what became of deliveries in flight; one that no longer is ours was concluded before, or put back."""
    if verdicts and not await _record(session, node, verdicts):
        return
    if backoff.failures:
        row = {"failures": backoff.failures, "retry_at": to_us_or_none(backoff.retry_at)}
        await session.change(_SQL["put_backoff"], row | {"destination": backoff.destination})
    else:
        await session.change(_SQL["clear_backoff"], {"destination": backoff.destination})


async def hasten(session: Session, now: datetime) -> int:
    """Make due by now what is put off for longer than anything ever is."""
    return await session.change(_SQL["hasten"], {"now": to_us(now), "latest": to_us(now + LONGEST)})


async def revive(session: Session, delivery: str, entry: SaltedEntry) -> bool:
    """Make a dead delivery due again."""
    revived = await session.change(_SQL["revive"], {"id": delivery}) == 1
    if revived:
        session.add_entries((entry,))
    return revived


async def deliveries(
    session: Session, state: DeliveryState | None, subject: str, after: str, limit: int
) -> tuple[Delivery, ...]:
    """Return deliveries in order of id, without their bodies."""
    name = "deliveries_of_subject" if subject else _LISTINGS[state]
    wanted = {"state": state or "", "subject": subject, "after": after, "limit": max(0, limit)}
    return tuple(map(as_delivery, await session.rows(_SQL[name], wanted)))


async def _record(session: Session, node: Node, verdicts: Sequence[Verdict]) -> bool:
    """Return whether any verdict changed anything."""
    first = {verdict.delivery: verdict for verdict in reversed(verdicts)}  # a second one finds it concluded
    await session.rows(_SQL["lock_lines"], {"ids": [*first]})
    told_of = columns([*map(verdict_row, first.values())], _VERDICT)
    concluded = await session.changed(_SQL["conclude"], told_of | {"node": node.id})
    following = [row["next"] for row in concluded if row["next"] is not None]
    if following:
        await session.change(_SQL["promote"], {"next": following})
    told = {row["id"] for row in concluded}
    ordered = (first[id_] for id_ in dict.fromkeys(each.delivery for each in verdicts) if id_ in told)
    session.add_entries([verdict.entry for verdict in ordered if verdict.entry is not None])
    return bool(concluded)
