"""What stands before several nodes of one gateway: each new connection goes to the next node that takes one."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

_PIECE = 65_536


class Balancer:
    """Hands connections on byte by byte, in turn; it knows nothing of HTTP, and asks no node how it feels."""

    def __init__(self) -> None:
        self.url = ""
        self.nodes: list[str] = []  # addresses; may change at any time
        self._server: asyncio.Server | None = None
        self._next = 0
        self._open: set[asyncio.Task[None]] = set()

    async def listen(self) -> None:
        """Take connections on a free loopback port."""
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def hang_up(self) -> None:
        """Take no more, and let go of what is open."""
        if self._server:
            self._server.close()
            self._server = None
        for carrying in self._open:
            carrying.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        carrying = asyncio.create_task(self._carry(reader, writer))
        self._open.add(carrying)
        carrying.add_done_callback(self._open.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            node = await self._connected()
            if node is not None:
                await asyncio.gather(_copy(reader, node[1]), _copy(node[0], writer))
        finally:
            writer.close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """Return a connection to the next node that takes one; None where no node does."""
        for _ in range(len(self.nodes)):
            self._next = (self._next + 1) % len(self.nodes)
            at = urlsplit(self.nodes[self._next])
            with suppress(OSError):
                return await asyncio.open_connection(at.hostname, at.port)
        return None


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until either side ends; a node that was killed ends in the middle."""
    with suppress(OSError):
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def balanced(nodes: Sequence[str] = ()) -> AsyncIterator[Balancer]:
    """Run a balancer; its nodes may be told later, since they must know its URL first."""
    balancer = Balancer()
    balancer.nodes = list(nodes)
    await balancer.listen()
    try:
        yield balancer
    finally:
        await balancer.hang_up()
