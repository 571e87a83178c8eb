"""Exchanges and applications in PostgreSQL: what was received, once and for all, by whichever node."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from gateway.core.casework.lifecycle import State, advance
from gateway.core.errors import NotFoundError, RejectedError, ReplayedTokenError
from gateway.core.model import Application, Exchange
from gateway.flow.ports import Intake, Nonce, SaltedEntry, Taken
from gateway.store.postgres.session import RacedError, Session
from gateway.store.postgres.statements import columns, prepared
from gateway.store.rows import (
    application_row,
    as_application,
    as_exchange,
    delivery_row,
    exchange_retired,
    exchange_reused,
    exchange_row,
    number_taken,
)
from gateway.store.times import to_us

_SQL = prepared("exchanges")
_EXCHANGE = tuple(Exchange.__dataclass_fields__)
_APPLICATION = tuple(Application.__dataclass_fields__)
_DELIVERY = ("id", "exchange", "kind", "destination", "subject", "media_type", "created_at", "body")
_MOVE = ("number", "state", "at")


async def receive(
    session: Session, nonce: Nonce, intakes: Sequence[Intake], entries: Sequence[SaltedEntry]
) -> tuple[Taken | RejectedError, ...]:
    """Take intakes in order, each on its own merits, and append entries: three statements, however many there are."""
    numbers = {number for intake in intakes for number in _numbers(intake)}
    found = await session.one(_SQL["lock_before_taking"], _nonce_row(nonce) | {"numbers": [*numbers]})
    if not found["fresh"]:
        raise _replayed()
    taking = _Taking(orjson.loads(found["states"]), await _earlier(session, intakes))
    outcomes = tuple(taking.take(intake) for intake in intakes)
    if taking.exchanges:
        await taking.write(session)
    session.add_entries([*taking.entries, *entries])
    return outcomes


async def _earlier(session: Session, intakes: Sequence[Intake]) -> dict[str, dict[str, Any] | None]:
    """Return what is known of those exchanges that were taken before: None of one that was retired since."""
    known = await session.rows(_SQL["known_exchanges"], {"ids": [intake.exchange.id for intake in intakes]})
    if not known:
        return {}
    asked = {"ids": [row["id"] for row in known], "times": [row["received_at"] for row in known]}
    standing = {row["id"]: row for row in await session.rows(_SQL["first_takings"], asked)}
    return {row["id"]: standing.get(row["id"]) for row in known}


class _Taking:
    """What is known of exchanges and applications, and what the intakes taken so far add to it."""

    def __init__(self, states: dict[str, str], earlier: dict[str, dict[str, Any] | None]) -> None:
        self._states = states
        self._earlier = earlier
        self.exchanges: list[dict[str, Any]] = []
        self.entries: list[SaltedEntry] = []
        self._deliveries: list[dict[str, Any]] = []
        self._begun: dict[str, dict[str, Any]] = {}
        self._moved: dict[str, dict[str, Any]] = {}

    def take(self, intake: Intake) -> Taken | RejectedError:
        """Judge one intake: what is rejected leaves no trace."""
        exchange = intake.exchange
        if any(delivery.exchange != exchange.id for delivery in intake.deliveries):
            raise ValueError("a delivery of another exchange")
        try:
            if (earlier := self._first_taking(exchange)) is not None:
                return earlier
            entered = self._state_entered(intake)
        except RejectedError as error:
            return error
        self._earlier[exchange.id] = row = exchange_row(exchange)
        self.exchanges.append(row)
        if intake.application is not None:
            self._begun[intake.application.number] = application_row(intake.application)
            self._states[intake.application.number] = intake.application.state
        if entered is not None:
            self._move(exchange, entered)
        self._deliveries += map(delivery_row, intake.deliveries)
        self.entries.append(intake.entry)
        return Taken(receipt=exchange.receipt, number=exchange.subject, first=True)

    async def write(self, session: Session) -> None:
        """Keep what was taken; RacedError where another node has just taken one of these exchanges."""
        new = {
            **columns(self.exchanges, _EXCHANGE),
            **columns([*self._begun.values()], _APPLICATION, "a_"),
            **columns([*self._moved.values()], _MOVE, "m_"),
            **columns(self._deliveries, _DELIVERY, "d_"),
        }
        (told,) = await session.changed(_SQL["take"], new)
        if told["taken"] != len(self.exchanges):
            raise RacedError("another node has taken the exchange")

    def _first_taking(self, exchange: Exchange) -> Taken | None:
        if exchange.id not in self._earlier:
            return None
        earlier = self._earlier[exchange.id]
        if earlier is None:
            raise exchange_retired()
        if (earlier["sender"], earlier["digest"]) != (exchange.sender, exchange.digest):
            raise exchange_reused()
        return Taken(receipt=earlier["receipt"], number=earlier["subject"], first=False)

    def _state_entered(self, intake: Intake) -> State | None:
        """Return the state an event leads to, None where nothing moves; raise where that may not happen."""
        number = intake.exchange.subject if intake.application is None else intake.application.number
        state = self._states.get(number)
        if intake.application is not None and state is not None:
            raise number_taken()
        if not intake.event:
            return None
        if state is None:
            raise NotFoundError("no application has this collaboration number")
        return advance(state, intake.event)

    def _move(self, exchange: Exchange, entered: State) -> None:
        number, at = exchange.subject, to_us(exchange.received_at)
        self._states[number] = entered
        if number in self._begun:
            self._begun[number] |= {"state": entered, "updated_at": at}
        else:
            self._moved[number] = {"number": number, "state": entered, "at": at}


async def record(session: Session, nonce: Nonce | None, entries: Sequence[SaltedEntry]) -> None:
    """Append entries, and remember a nonce where one is given."""
    if nonce is not None and not await session.change(_SQL["use_nonce"], _nonce_row(nonce)):
        raise _replayed()
    session.add_entries(entries)


async def forget_nonces(session: Session, now: datetime) -> int:
    """Drop the nonces that no token can carry any more."""
    return await session.change(_SQL["forget_nonces"], {"now": to_us(now)})


async def taken(session: Session, exchange: str) -> Exchange | None:
    """Return an exchange taken before."""
    row = await session.row(_SQL["exchange"], {"id": exchange})
    return None if row is None else as_exchange(row)


async def history(session: Session, number: str) -> tuple[Exchange, ...]:
    """Return the exchanges of one application in the order they were taken."""
    return tuple(map(as_exchange, await session.rows(_SQL["history"], {"number": number})))


async def application(session: Session, number: str) -> Application | None:
    """Return where an application stands."""
    row = await session.row(_SQL["application"], {"number": number})
    return None if row is None else as_application(row)


def _numbers(intake: Intake) -> set[str]:
    """Return the applications that an intake speaks of: who adds to their lines holds their locks."""
    return {intake.exchange.subject, *((intake.application.number,) if intake.application else ())}


def _nonce_row(nonce: Nonce) -> dict[str, Any]:
    return {"sender": nonce.sender, "jti": nonce.jti, "expires_at": to_us(nonce.expires_at)}


def _replayed() -> ReplayedTokenError:
    return ReplayedTokenError("the token was used before")
