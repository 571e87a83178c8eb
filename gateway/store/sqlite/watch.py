"""Sees what other processes change in a file: its triggers count every change, and this looks at the counts."""

import asyncio
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from gateway.flow.ports import EVERYTHING, Topic
from gateway.store.named import statements
from gateway.store.sqlite.lane import ThreadLane

LOOK_S: Final = 0.5  # reading what has changed takes the rest of the second

_SQL = statements(Path(__file__).parent / "statements" / "changes.sql")


class Watch:
    """Looks twice a second."""

    def __init__(self, reading: ThreadLane) -> None:
        self._reading = reading
        self._seen: Mapping[str, int] | None = None

    async def changed(self) -> frozenset[Topic]:
        """Wait until something has changed since the last call, and return what; at first, everything."""
        while True:
            before, self._seen = self._seen, await self._reading.run(_counts)
            if before is None:
                return EVERYTHING
            if topics := frozenset(Topic(name) for name, count in self._seen.items() if count != before[name]):
                return topics
            await asyncio.sleep(LOOK_S)


def _counts(connection: sqlite3.Connection) -> Mapping[str, int]:
    return {row["topic"]: row["count"] for row in connection.execute(_SQL["counts"])}
