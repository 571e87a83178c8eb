"""The load generator: replays requests written beforehand over keep-alive connections, and costs next to nothing.

It runs in the benchmark's own process, beside the processes it measures. aiohttp's client would spend more on a
request than the server does; this one writes bytes and reads a status line and a length.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from time import perf_counter
from typing import cast

SUCCESS = range(200, 300)


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """What one replay came to."""

    seconds: float  # from the first request to the last answer
    latencies_ms: list[float]
    refused: int  # answers that were not 2xx

    def percentile_ms(self, share: float) -> float:
        """Return the latency that this share of the requests did not exceed."""
        ordered = sorted(self.latencies_ms)
        return ordered[max(0, ceil(share * len(ordered)) - 1)]


def http_post(path: str, headers: dict[str, str], body: bytes) -> bytes:
    """Return a request as the bytes that go over the wire."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def replay(port: int, requests: Sequence[bytes], connections: int) -> Loaded:
    """Send every request once, each connection one after the other, and wait for all answers."""
    waiting = iter(requests)
    links = [await connected(port) for _ in range(connections)]
    started = perf_counter()
    found = await asyncio.gather(*(_run(link, waiting) for link in links))
    seconds = perf_counter() - started
    for link in links:
        link.close()
    latencies = [each for latency, _ in found for each in latency]
    return Loaded(seconds=seconds, latencies_ms=latencies, refused=sum(refused for _, refused in found))


async def paced(port: int, requests: Sequence[bytes], connections: int, rate: float) -> Loaded:
    """Send every request once, at so many a second whether or not those before are answered, as far as links suffice.

    A request that finds no free link waits for one; its latency counts from when it should have been sent.
    """
    links: asyncio.Queue[Link] = asyncio.Queue()
    for _ in range(connections):
        links.put_nowait(await connected(port))
    started = perf_counter()
    sent = (_at(started + number / rate, links, request) for number, request in enumerate(requests))
    found = await asyncio.gather(*sent)
    seconds = perf_counter() - started
    while not links.empty():
        links.get_nowait().close()
    refused = sum(status not in SUCCESS for status, _ in found)
    return Loaded(seconds=seconds, latencies_ms=[latency for _, latency in found], refused=refused)


async def _at(moment: float, links: "asyncio.Queue[Link]", request: bytes) -> tuple[int, float]:
    await asyncio.sleep(max(0.0, moment - perf_counter()))
    link = await links.get()
    status = await link.exchange(request)
    links.put_nowait(link)
    return status, (perf_counter() - moment) * 1000


async def connected(port: int) -> "Link":
    """Return a new connection."""
    _, link = await asyncio.get_running_loop().create_connection(Link, "127.0.0.1", port)
    return link


async def _run(link: "Link", waiting: Iterator[bytes]) -> tuple[list[float], int]:
    latencies, refused = [], 0
    for request in waiting:
        started = perf_counter()
        refused += await link.exchange(request) not in SUCCESS
        latencies.append((perf_counter() - started) * 1000)
    return latencies, refused


class Link(asyncio.Protocol):
    """One connection with one request on it at a time; answers must carry a Content-Length."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._answer: asyncio.Future[int] | None = None
        self.open = True  # whether another request may be sent on it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what is written to."""
        self._transport = cast("asyncio.Transport", transport)

    def exchange(self, request: bytes) -> asyncio.Future[int]:
        """Send a request; the future holds the status of its answer."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        """Take what has come, and tell the status once the answer is whole."""
        self._received += data
        head = self._received.find(b"\r\n\r\n")
        if head < 0 or self._answer is None:
            return
        fields = self._received[:head].lower()
        at = fields.index(b"content-length:") + 15
        length = int(fields[at:].split(b"\r\n", 1)[0])
        if len(self._received) < head + 4 + length:
            return
        status = int(self._received[9:12])
        self.open = self.open and b"connection: close" not in fields
        self._received.clear()
        self._answer.set_result(status)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits for an answer that none comes."""
        self.open = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("the server closed the connection"))

    def close(self) -> None:
        """Hang up."""
        self._transport.close()
