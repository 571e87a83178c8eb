"""Exchanges and applications in SQLite: what was received, once and for all."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from gateway.core.casework.lifecycle import State, advance
from gateway.core.errors import NotFoundError, RejectedError, ReplayedTokenError
from gateway.core.model import Application, Exchange
from gateway.flow.ports import Intake, Nonce, SaltedEntry, Taken
from gateway.store.named import statements
from gateway.store.rows import (
    application_row,
    as_application,
    as_exchange,
    exchange_retired,
    exchange_reused,
    exchange_row,
    id_bytes,
    number_taken,
)
from gateway.store.sqlite.log import add_entries
from gateway.store.sqlite.outbox import add_deliveries
from gateway.store.times import to_us

_SQL = statements(Path(__file__).parent / "statements" / "exchanges.sql")


def receive(
    connection: sqlite3.Connection, nonce: Nonce, intakes: Sequence[Intake], entries: Sequence[SaltedEntry]
) -> tuple[Taken | RejectedError, ...]:
    """Take intakes in order, each on its own merits, and append entries."""
    _use_nonce(connection, nonce)
    outcomes = tuple(_take(connection, intake) for intake in intakes)
    add_entries(connection, entries)
    return outcomes


def record(connection: sqlite3.Connection, nonce: Nonce | None, entries: Sequence[SaltedEntry]) -> None:
    """Append entries, and remember a nonce where one is given."""
    if nonce is not None:
        _use_nonce(connection, nonce)
    add_entries(connection, entries)


def forget_nonces(connection: sqlite3.Connection, now: datetime) -> int:
    """Drop the nonces that no token can carry any more."""
    return connection.execute(_SQL["forget_nonces"], {"now": to_us(now)}).rowcount


def taken(connection: sqlite3.Connection, exchange: str) -> Exchange | None:
    """Return an exchange taken before."""
    row = connection.execute(_SQL["exchange"], {"id": exchange}).fetchone()
    return None if row is None else as_exchange(dict(row))


def history(connection: sqlite3.Connection, number: str) -> tuple[Exchange, ...]:
    """Return the exchanges of one application in the order they were taken."""
    return tuple(as_exchange(dict(row)) for row in connection.execute(_SQL["history"], {"number": number}))


def application(connection: sqlite3.Connection, number: str) -> Application | None:
    """Return where an application stands."""
    row = connection.execute(_SQL["application"], {"number": number}).fetchone()
    return None if row is None else as_application(dict(row))


def remember_all(connection: sqlite3.Connection) -> None:
    """Remember the ids of exchanges that were taken before ids were remembered."""
    known = connection.execute(_SQL["exchanges_unremembered"])
    rows = ({"id": id_bytes(id_), "received_at": received_at} for id_, received_at in known)
    connection.executemany(_SQL["remember_exchange"], rows)


def _use_nonce(connection: sqlite3.Connection, nonce: Nonce) -> None:
    """Remember a token id; ReplayedTokenError where it was used before."""
    row = {"sender": nonce.sender, "jti": nonce.jti, "expires_at": to_us(nonce.expires_at)}
    if connection.execute(_SQL["use_nonce"], row).rowcount == 0:
        raise ReplayedTokenError("the token was used before")


def _take(connection: sqlite3.Connection, intake: Intake) -> Taken | RejectedError:
    """Judge one intake, and only then write: what is rejected leaves no trace."""
    try:
        if (earlier := _first_taking(connection, intake.exchange)) is not None:
            return earlier
        entered = _state_entered(connection, intake)
    except RejectedError as error:
        return error
    _keep_exchange(connection, intake.exchange)
    if intake.application is not None:
        _keep_application(connection, intake.application)
    if entered is not None:
        _move_application(connection, intake.exchange, entered)
    add_deliveries(connection, intake.deliveries)
    add_entries(connection, (intake.entry,))
    return Taken(receipt=intake.exchange.receipt, number=intake.exchange.subject, first=True)


def _first_taking(connection: sqlite3.Connection, exchange: Exchange) -> Taken | None:
    row = connection.execute(_SQL["first_taking"], {"id": exchange.id}).fetchone()
    if row is None:
        if connection.execute(_SQL["is_remembered"], {"id": id_bytes(exchange.id)}).fetchone()[0]:
            raise exchange_retired()
        return None
    if (row["sender"], row["digest"]) != (exchange.sender, exchange.digest):
        raise exchange_reused()
    return Taken(receipt=row["receipt"], number=row["subject"], first=False)


def _state_entered(connection: sqlite3.Connection, intake: Intake) -> State | None:
    """Return the state an event leads to, None where nothing moves; raise where that may not happen."""
    number = intake.exchange.subject if intake.application is None else intake.application.number
    state = connection.execute(_SQL["state_of"], {"number": number}).fetchone()
    if intake.application is not None and state is not None:
        raise number_taken()
    if not intake.event:
        return None
    if state is None:
        raise NotFoundError("no application has this collaboration number")
    return advance(state["state"], intake.event)


def _keep_exchange(connection: sqlite3.Connection, exchange: Exchange) -> None:
    row = exchange_row(exchange)
    sequence = connection.execute(_SQL["add_exchange"], row).lastrowid
    connection.execute(_SQL["remember_exchange"], row | {"id": id_bytes(exchange.id)})
    connection.execute(_SQL["add_exchange_body"], {"sequence": sequence, "body": exchange.body})


def _keep_application(connection: sqlite3.Connection, application: Application) -> None:
    connection.execute(_SQL["add_application"], application_row(application))


def _move_application(connection: sqlite3.Connection, exchange: Exchange, entered: State) -> None:
    row = {"number": exchange.subject, "state": entered, "updated_at": to_us(exchange.received_at)}
    connection.execute(_SQL["move_application"], row)
