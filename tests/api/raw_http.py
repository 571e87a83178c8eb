"""Speaks HTTP by hand, for what no well-behaved client would send."""

import asyncio
from contextlib import suppress
from typing import Any, NamedTuple

import orjson

from tests.patience import PATIENCE_S, until


class Told(NamedTuple):
    """One answer as read from the socket."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The JSON that the body is."""
        return orjson.loads(self.body)


async def say(port: int, *pieces: bytes, pause_s: float = 0.0, hang_up: bool = False) -> Told | None:
    """Send pieces on one connection and return the answer; None where the connection closed without one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)
        return None if hang_up else await read_answer(reader)
    finally:
        writer.close()


async def read_answer(reader: asyncio.StreamReader) -> Told | None:
    """Read one answer with a Content-Length; interim (1xx) answers are passed over."""
    while True:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_S)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        first, *lines = head.decode("latin-1").rstrip().split("\r\n")
        status = int(first.split(" ")[1])
        if status >= 200:
            break
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await asyncio.wait_for(reader.readexactly(int(headers.get("content-length", 0))), PATIENCE_S)
    return Told(status, headers, body)


async def until_refused(port: int) -> None:
    """Wait until nobody listens there any more."""

    async def refused() -> bool:
        with suppress(ConnectionResetError):  # it closed just then
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                return True
            writer.close()
        return False

    await until(refused)
