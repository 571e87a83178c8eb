"""The thread that owns a SQLite connection, and the one way to run a function there.

aiosqlite offers one thread hop for each statement; a batch of requests needs one hop for all its statements.
Its `_execute` is what every public method of it calls, with a function to run in its `_thread`. This module is the
only one that knows; tests/store/sqlite/test_thread.py fails if aiosqlite changes it.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Self, TypeVar, cast

import aiosqlite

_T = TypeVar("_T")


class DatabaseThread(aiosqlite.Connection):
    """A connection whose thread runs whole functions."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connect, iter_chunk_size=64)
        # A process that ends without closing its store must end all the same: what was answered is durable already.
        self._thread.daemon = True

    async def run(self, function: Callable[[sqlite3.Connection], _T]) -> _T:
        """Call `function` with the connection, in the connection's thread; its exceptions come back as they are."""
        result = await self._execute(function, self._conn)  # type: ignore[no-untyped-call]  # aiosqlite leaves it untyped
        return cast("_T", result)

    async def open(self) -> Self:
        """Start the thread and open the connection there; where that fails, end the thread and raise the reason."""
        try:
            await self
        except BaseException:
            await asyncio.to_thread(self._thread.join)  # it speaks to this loop once more before it ends
            raise
        return self
