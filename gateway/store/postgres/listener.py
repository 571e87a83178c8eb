"""Hears what other nodes change: on a connection of its own, since a lane's is busy and a pool's is lent.

What is told while nobody listens is lost (LISTEN). So whenever this connection was made anew everything counts as
changed, and a connection that says nothing is asked now and then whether it is still there.
"""

import asyncio
from contextlib import suppress
from typing import Any, Final

from gateway.core.errors import SettingsError, StoreUnavailableError
from gateway.flow.ports import EVERYTHING, Topic
from gateway.store.postgres.failures import promised
from gateway.store.postgres.hosts import PrimaryConnection
from gateway.store.postgres.server import Server, unreachable
from gateway.store.postgres.session import Session
from gateway.store.postgres.statements import prepared

_SQL = prepared("schema")
_CHANNEL: Final = "tongban"
_ANSWER_S: Final = 2.0
SILENCE_S: Final = 5.0  # how long a connection is believed in without a word


class Listener:
    """Hears what the triggers of a database say; owned by one event loop."""

    def __init__(self, server: Server, *, silence_s: float = SILENCE_S) -> None:
        self._server = server
        self._silence_s = silence_s
        self._connection: PrimaryConnection | None = None
        self._told: set[Topic] = set()
        self._woken = asyncio.Event()
        self._closed = False

    async def changed(self) -> frozenset[Topic]:
        """Wait until something has changed since the last call, and return what; everything, where it went deaf."""
        with promised():
            while self._connection is not None and not self._connection.is_closed():
                if self._told:
                    told, self._told = frozenset(self._told), set()
                    return told
                await self._wait(self._connection)
            await self._listen()
        return EVERYTHING

    def close(self) -> None:
        """Let go of the connection, and hear nothing more."""
        self._closed = True
        if self._connection is not None:
            self._connection.terminate()

    async def _listen(self) -> None:
        self._connection = None
        if self._closed:
            raise StoreUnavailableError("the store is closed")
        try:
            connection = await self._server.connect(_ANSWER_S)
        except SettingsError as error:  # it was right when the store was opened
            raise unreachable(error) from error
        try:
            connection.add_termination_listener(self._wake)
            await connection.add_listener(_CHANNEL, self._hear)
        except BaseException:
            connection.terminate()
            raise
        self._told.clear()
        self._connection = connection

    async def _wait(self, connection: PrimaryConnection) -> None:
        """Return when there is something, or the connection is gone, or after it said that it is still there."""
        self._woken.clear()
        try:
            async with asyncio.timeout(self._silence_s):
                await self._woken.wait()
        except TimeoutError:
            await self._ask(connection)

    async def _ask(self, connection: PrimaryConnection) -> None:
        try:
            standing = await Session(connection).one(_SQL["standing"])
        except BaseException:
            connection.terminate()
            raise
        if standing["timeline"] is None or self._server.left_behind(connection):
            connection.terminate()
            raise StoreUnavailableError("the store's server was replaced")

    def _hear(self, _connection: Any, _pid: int, _channel: str, payload: object) -> None:
        with suppress(ValueError):  # a newer program may tell of more
            self._told.add(Topic(str(payload)))
            self._woken.set()

    def _wake(self, _connection: Any) -> None:
        self._woken.set()
