"""A line to a server that may fall silent: what is said is heard by nobody, and nobody hangs up."""

import asyncio
from contextlib import suppress


class Line:
    """Carries bytes between clients and one server on loopback, as long as it is not silent."""

    def __init__(self, port: int) -> None:
        self._beyond = port
        self._silent = False
        self._talking: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> int:
        """Return the port of this end."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._talking:
            task.cancel()
        await asyncio.gather(*self._talking, return_exceptions=True)

    def fall_silent(self) -> None:
        self._silent = True

    def talk_again(self) -> None:
        """Carry what is said on new connections; the old ones have lost bytes."""
        self._silent = False

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        beyond_reader, beyond_writer = await asyncio.open_connection("127.0.0.1", self._beyond)
        for source, sink in ((reader, beyond_writer), (beyond_reader, writer)):
            task = asyncio.create_task(self._pump(source, sink))
            self._talking.add(task)
            task.add_done_callback(self._talking.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        lost = False
        with suppress(OSError):
            while data := await source.read(1 << 16):
                lost = lost or self._silent
                if not lost:
                    sink.write(data)
        sink.close()
