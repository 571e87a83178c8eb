"""Jobs that arrived together share a transaction, and one that fails takes no other with it.

There are no savepoints: a batch that goes well costs one transaction, and one with a failing job is rolled back and
done again, each job by itself. Whatever happens to the connection, the next batch has one.

A commit waits for the synchronous standby, where the server has one. What the server has already committed by itself
can be seen while its standby does not have it: after a restart, or where somebody cancelled the wait. So nothing is
acknowledged on what was seen alone: a transaction that wrote nothing writes a word, and waits like any other.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from gateway.core.errors import RejectedError, SettingsError
from gateway.store.lane import Done, Failed, Outcome
from gateway.store.postgres.failures import as_promised, is_away, is_raced
from gateway.store.postgres.hosts import PrimaryConnection
from gateway.store.postgres.server import Server, unreachable
from gateway.store.postgres.session import Job, Session, UnconfirmedError
from gateway.store.postgres.statements import prepared

_COMMIT: Final = "COMMIT"
_CONFIRM: Final = prepared("schema")["confirm"].sql + "; COMMIT"
_TRIES: Final = 5  # of one job that meets other nodes
_CLOSING_S: Final = 5.0
_FOREVER_S: Final = 86_400.0

Step = Callable[[Session], Awaitable[None]]


class _SpoiledError(Exception):
    """Something failed within a transaction, which has been rolled back; its cause says what."""


class Writer:
    """The one connection of a lane, and the transactions on it; `begin` and `seal` are the first and last of each.

    `answer_s` is how long a statement may take, and a commit.
    """

    def __init__(
        self,
        server: Server,
        *,
        answer_s: float,
        seal: Step,
        begin: Step | None = None,
        connection: PrimaryConnection | None = None,
    ) -> None:
        self._server = server
        self._answer_s = answer_s
        self._begin = begin
        self._seal = seal
        self._connection = connection

    async def write(self, jobs: Sequence[Job]) -> list[Outcome]:
        """Do jobs in one transaction, and return only when it is durable.

        A job may reject what it was given before it writes anything. Any other failure is its own: the transaction
        is rolled back, and every job is done again by itself. Where the store is away, all of them fail.
        """
        try:
            return await self._commit_together(jobs)
        except _SpoiledError as spoiled:
            if is_away(spoiled.__cause__):
                return [Failed(as_promised(spoiled.__cause__)) for _ in jobs]
            if len(jobs) == 1 and not is_raced(spoiled.__cause__):
                return [Failed(as_promised(spoiled.__cause__))]
        except Exception as error:  # noqa: BLE001 - of connecting; it is answered to every caller
            return [Failed(as_promised(error)) for _ in jobs]
        return [await self._write_alone(job) for job in jobs]

    async def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            with contextlib.suppress(Exception):  # the server may be gone: then there is nothing to let go of
                await self._connection.close(timeout=_CLOSING_S)
            self._connection = None

    async def _write_alone(self, job: Job) -> Outcome:
        cause: BaseException | None = None
        for _ in range(_TRIES):
            try:
                (outcome,) = await self._commit_together([job])
            except _SpoiledError as spoiled:
                cause = spoiled.__cause__
                if not is_raced(cause):
                    break
            except Exception as error:  # noqa: BLE001 - of connecting
                cause = error
                break
            else:
                return outcome
        return Failed(as_promised(cause))

    async def _commit_together(self, jobs: Sequence[Job]) -> list[Outcome]:
        connection = await self._connected()
        # A crash from here on leaves nothing of the batch …
        try:
            await connection.execute("BEGIN")
            session = Session(connection)
            if self._begin is not None:
                await self._begin(session)
            outcomes = [await _attempt(session, job) for job in jobs]
            await self._seal(session)
            await self._commit(connection, session)
        except Exception as error:  # whatever a job raises is answered to its caller, by `write`
            await self._roll_back(connection, error)
            raise _SpoiledError from error
        except BaseException:
            connection.terminate()  # the loop is being torn down: no lock of ours may outlive it
            raise
        # … and from here on all of it, though nobody has been told yet.
        return outcomes

    async def _commit(self, connection: PrimaryConnection, session: Session) -> None:
        """Return only if the server, and its standby where it has one, have the transaction on their disks.

        Raises UnconfirmedError where it is not known; asking again finds out.
        """
        heard = connection.warnings
        # Not by the connection's own timeout: that would cancel the wait for the standby, and what was committed here
        # alone could then be seen, and lost. So the server is left waiting, with its locks, and nobody goes on there.
        words = _CONFIRM if session.changed_nothing else _COMMIT
        committing = asyncio.ensure_future(connection.execute(words, timeout=_FOREVER_S))
        committing.add_done_callback(_forget)
        done, _ = await asyncio.wait({committing}, timeout=self._answer_s)
        if not done:
            connection.terminate()
            raise UnconfirmedError
        if committing.result() != _COMMIT or connection.warnings != heard:
            raise UnconfirmedError

    async def _connected(self) -> PrimaryConnection:
        connection = self._connection
        if connection is not None and self._server.left_behind(connection):
            connection.terminate()
        if connection is None or connection.is_closed():
            try:
                self._connection = connection = await self._server.lane(self._answer_s)
            except SettingsError as error:  # it was right when the store was opened, and is no mistake of a caller's
                raise unreachable(error) from error
        return connection

    async def _roll_back(self, connection: PrimaryConnection, error: Exception) -> None:
        try:
            if is_away(error):
                connection.terminate()
            else:
                await connection.execute("ROLLBACK")
        except Exception:  # noqa: BLE001 - a connection that cannot roll back is not used again
            connection.terminate()


def _forget(done: asyncio.Future[str]) -> None:
    """Have asked how it ended: whoever still waits hears it, and nobody may wait any more."""
    if not done.cancelled():
        done.exception()


async def _attempt(session: Session, job: Job) -> Outcome:
    before = session.written
    try:
        return Done(await job(session))
    except RejectedError as error:
        if session.written != before:
            raise  # it has written: only a rollback makes nothing of it happen
        return Failed(error)
