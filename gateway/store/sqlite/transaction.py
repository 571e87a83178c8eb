"""Jobs that arrived together share a transaction, and one that fails takes no other with it.

Everything here runs in the thread of the connection. There are no savepoints: a batch that goes well costs one
transaction, and one with a failing job is rolled back and done again, each job by itself.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from gateway.core.errors import CorruptedError, RejectedError, StoreUnavailableError
from gateway.store.lane import Done, Failed, Outcome

Job = Callable[[sqlite3.Connection], Any]
Seal = Callable[[sqlite3.Connection], None]


class _SpoiledError(Exception):
    """A job, or the seal, failed within a transaction that has been rolled back."""


def write(connection: sqlite3.Connection, jobs: Sequence[Job], seal: Seal) -> list[Outcome]:
    """Run jobs in one transaction that `seal` ends, and return only when it is durable.

    A job may reject what it was given before it writes anything. Any other failure is its own: the transaction is
    rolled back, and every job runs again by itself. Where nothing can be begun or committed, all of them fail.
    """
    try:
        return _commit_together(connection, jobs, seal)
    except _SpoiledError as spoiled:
        if len(jobs) == 1:
            return [Failed(as_promised(spoiled.__cause__))]
        return [outcome for job in jobs for outcome in write(connection, [job], seal)]
    except sqlite3.Error as error:
        _roll_back(connection)
        return [Failed(as_promised(error)) for _ in jobs]


def read(connection: sqlite3.Connection, jobs: Sequence[Job]) -> list[Outcome]:
    """Run jobs that only read, over one snapshot."""
    try:
        connection.execute("BEGIN")
        return [_look(connection, job) for job in jobs]
    except sqlite3.Error as error:
        return [Failed(as_promised(error)) for _ in jobs]
    finally:
        _roll_back(connection)


def _commit_together(connection: sqlite3.Connection, jobs: Sequence[Job], seal: Seal) -> list[Outcome]:
    connection.execute("BEGIN IMMEDIATE")
    # A crash from here on leaves nothing of the batch …
    try:
        outcomes = [_attempt(connection, job) for job in jobs]
        seal(connection)
    except Exception as error:  # whatever a job raises is answered to its caller, by `write`
        _roll_back(connection)
        raise _SpoiledError from error
    connection.execute("COMMIT")
    # … and from here on all of it, though nobody has been told yet.
    return outcomes


def _attempt(connection: sqlite3.Connection, job: Job) -> Outcome:
    before = connection.total_changes
    try:
        return Done(job(connection))
    except RejectedError as error:
        if connection.total_changes != before:
            raise  # it has written: only a rollback makes nothing of it happen
        return Failed(error)


def _look(connection: sqlite3.Connection, job: Job) -> Outcome:
    try:
        return Done(job(connection))
    except Exception as error:  # noqa: BLE001 - whatever a job raises is answered to its caller
        return Failed(as_promised(error))


def _roll_back(connection: sqlite3.Connection) -> None:
    # SQLite has rolled back by itself after some errors; and if it cannot, the next BEGIN says so.
    with contextlib.suppress(sqlite3.Error):
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def as_promised(error: BaseException | None) -> Exception:
    """Return the error that the port promises for one of SQLite; any other is the job's own, or a mistake of ours."""
    promised: Exception
    if isinstance(error, sqlite3.OperationalError):  # locked, full, read-only, unreadable
        promised = StoreUnavailableError(f"the store did not answer: {error}")
    elif isinstance(error, sqlite3.DatabaseError) and error.sqlite_errorcode in _DAMAGED:
        promised = CorruptedError(f"the store's file is damaged: {error}", code="store_damaged")
    elif isinstance(error, sqlite3.IntegrityError) and str(error) == _MOVED:
        promised = StoreUnavailableError("the store was moved while it was open", code="store_moved")
    else:
        return error if isinstance(error, Exception) else RuntimeError("a job failed without saying why")
    promised.__cause__ = error
    return promised


_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_MOVED = "store_moved"  # what the trigger `tree_at_rest` raises
