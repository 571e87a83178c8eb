"""A sender that is slow on purpose holds a connection for a bounded time, and nothing else."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import aiohttp
import pytest

from gateway.api.app import build_app
from gateway.api.limits import Limits
from tests.api.served import served
from tests.patience import PATIENCE_S, until

SLOW = {
    "nothing at all": (b"", b""),
    "a byte of the first line a moment": (b"GET /he", b"x"),
    "a header a moment": (b"GET /healthz HTTP/1.1\r\nHost: h\r\n", b"A: b\r\n"),
    "a byte of the body a moment": (
        b"POST /federation/v1/exchanges HTTP/1.1\r\nHost: h\r\nContent-Length: 999\r\n\r\n",
        b"x",
    ),
    "a chunk of the body a moment": (
        b"POST /federation/v1/exchanges HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"1\r\nx\r\n",
    ),
    "nothing after an answer": (b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n", b""),
}


@pytest.mark.parametrize("name", SLOW)
async def test_a_slow_sender_is_cut_off_however_steadily_it_goes_on(parts, name):
    first, again = SLOW[name]
    limits = Limits(idle_s=0.5, body_timeout_s=0.5, linger_s=0.2)
    async with served(build_app(replace(parts, limits=limits))) as gateway:
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(first)

        async with asyncio.timeout(PATIENCE_S):
            dripping = asyncio.ensure_future(drip(writer, again))
            await asyncio.gather(reader.read(), return_exceptions=True)
            dripping.cancel()
            await asyncio.gather(dripping, return_exceptions=True)
        writer.transport.abort()

        async def answers():  # asked again where the machine is so slow that this too is cut off
            with suppress(aiohttp.ClientError):
                async with gateway.session.get("/healthz") as answer:
                    return answer.status == 200

        await until(answers)


async def drip(writer: asyncio.StreamWriter, again: bytes) -> None:
    """Send a little for ever, until the other side has closed the connection."""
    while True:
        writer.write(again)
        await writer.drain()
        await asyncio.sleep(0.05)
