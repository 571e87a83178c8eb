"""The lane to the database's thread: a batch of jobs is one hop, whatever statements they run."""

import sqlite3
from collections.abc import Callable, Sequence
from typing import TypeVar, cast

from gateway.store.lane import ROOM, Lane, Outcome
from gateway.store.sqlite.thread import DatabaseThread
from gateway.store.sqlite.transaction import Job

_T = TypeVar("_T")

Work = Callable[[sqlite3.Connection, Sequence[Job]], list[Outcome]]


class ThreadLane(Lane[Job]):
    """Runs jobs in a connection's thread."""

    def __init__(self, thread: DatabaseThread, work: Work, *, room: int = ROOM) -> None:
        super().__init__(lambda jobs: thread.run(lambda connection: work(connection, jobs)), thread.close, room=room)

    async def run(self, job: Callable[[sqlite3.Connection], _T]) -> _T:
        """Return what `job` returns, once its batch is done; raises as `done`."""
        return cast("_T", await self.done(job))
