"""Takes connections as they come: all that wait, whenever one does.

uvloop takes one a turn of its loop, and a turn under load takes tens of milliseconds. The others would wait in the
system's queue until that overflows, and then their senders for seconds, long before anything here could answer them.
"""

import asyncio
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import structlog
from aiohttp import web

BACKLOG: Final = 512  # connections that the system holds until they are taken
_PAUSE_S: Final = 0.1  # where the system has no more files to give

_log = structlog.stdlib.get_logger("gateway.api")


def bound_to(host: str, port: int) -> socket.socket:
    """Return a socket with an address; port 0 lets the system choose. Raises OSError, which names the address.

    It refuses connections until a door opens it: a load balancer turns to another node while this one starts.
    """
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise OSError(error.errno, error.strerror, f"{host}:{port}") from error
    except BaseException:
        made.close()
        raise
    return made


@dataclass(kw_only=True, slots=True)
class Door:
    """A bound socket, and whoever comes in by it; it closes the socket."""

    server: web.Server
    listening: socket.socket
    _coming: set[asyncio.Task[object]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Have nobody wait for a connection that is not there."""
        self.listening.settimeout(0)

    def open(self) -> None:
        """Begin to take connections."""
        self.listening.listen(BACKLOG)
        asyncio.get_running_loop().add_reader(self.listening, self._take)

    async def close(self) -> None:
        """Take those that have come by now, and no more."""
        if self.listening.fileno() < 0:
            return
        asyncio.get_running_loop().remove_reader(self.listening)
        with suppress(OSError):  # no more files: whoever still waits is turned away by the system
            self._take_all()
        self.listening.close()
        if self._coming:
            await asyncio.wait(self._coming)

    def _take(self) -> None:
        try:
            self._take_all()
        except OSError as error:
            _log.error("connections_not_taken", errno=error.errno)
            loop = asyncio.get_running_loop()
            loop.remove_reader(self.listening)
            loop.call_later(_PAUSE_S, self._resume)

    def _resume(self) -> None:
        if self.listening.fileno() >= 0:
            asyncio.get_running_loop().add_reader(self.listening, self._take)

    def _take_all(self) -> None:
        """Take whoever waits; raises OSError where the system has no file for the next one."""
        loop = asyncio.get_running_loop()
        for _ in range(BACKLOG):
            try:
                connection, _ = self.listening.accept()
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionAbortedError:
                continue  # its sender is gone again
            connection.settimeout(0)
            task: asyncio.Task[object] = loop.create_task(loop.connect_accepted_socket(self.server, connection))
            self._coming.add(task)
            task.add_done_callback(self._coming.discard)
