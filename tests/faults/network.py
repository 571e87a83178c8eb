"""A network between two gateways that misbehaves as it is told: a TCP proxy on loopback that knows whole HTTP messages.

    async with Network(beyond=port, seed=seed) as network:      # the other gateway is registered with network.url
        await network.suffer(Fault.RESET_IN_ANSWER)             # every request from now on
        await network.suffer(*Fault)                            # each request meets one: a deck shuffled by the seed
        await network.suffer(Fault.CARRIED)                     # all is well again

`met` counts what befell whom, so a test waits for a fault to have happened instead of for time to have passed.
"""

import asyncio
import random
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Final, Self

from tests.patience import PATIENCE_S

_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)  # SO_LINGER for no time at all: closing sends RST, not FIN
_TRICKLE_BYTES: Final = 512
_TRICKLE_S: Final = 0.005
_ENDS: Final = (ConnectionError, asyncio.IncompleteReadError, TimeoutError, OSError)


class Fault(StrEnum):
    """What may befall one request on its way there and back."""

    CARRIED = "carried"
    REFUSED = "refused"  # nobody listens; in a mixture, a connection that is reset and nothing goes through
    RESET_IN_REQUEST = "reset_in_request"  # in the middle of its body; the other side sees half of it
    RESET_BEFORE_ANSWER = "reset_before_answer"  # it has arrived, and nobody says so
    RESET_IN_ANSWER = "reset_in_answer"
    SWALLOWED = "swallowed"  # accepted, and silence
    ANSWER_SWALLOWED = "answer_swallowed"  # it has arrived, and silence
    SLOW = "slow"  # both ways, a few bytes at a time
    DUPLICATED = "duplicated"  # the same bytes arrive twice; one of the answers comes back
    SWAPPED = "swapped"  # two requests at the same time get each other's answers
    DEAF = "deaf"  # half open: the sender's half is closed within the body, and its answer never comes
    DUMB = "dumb"  # half open: it has arrived, and the answer's half is closed without one


@dataclass(frozen=True, slots=True)
class _Line:
    """One connection of a sender."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def reset(self) -> None:
        """End it with RST, whatever is still under way."""
        end: socket.socket = self.writer.get_extra_info("socket")
        with suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.writer.transport.abort()

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def trickle(self, data: bytes) -> None:
        for at in range(0, len(data), _TRICKLE_BYTES):
            await self.say(data[at : at + _TRICKLE_BYTES])
            await asyncio.sleep(_TRICKLE_S)


@dataclass(kw_only=True)
class Network:
    """The way to one gateway; `beyond` is the port where it listens, `port` and `url` are where it is called."""

    beyond: int
    seed: int
    silence_s: float = 0.3  # how long it is silent before a swallowed request is reset; a sender may give up sooner
    port: int = 0
    met: Counter[Fault] = field(default_factory=Counter)
    _faults: tuple[Fault, ...] = (Fault.CARRIED,)
    _deck: list[Fault] = field(default_factory=list)
    _server: asyncio.Server | None = None
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _lines: set[_Line] = field(default_factory=set)
    _swap: asyncio.Future[tuple[bytes, asyncio.Future[bytes]]] | None = None

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._ways: dict[Fault, Callable[[_Line, bytes], Awaitable[None]]] = {
            Fault.CARRIED: self._carry,
            Fault.REFUSED: self._reset,
            Fault.RESET_IN_REQUEST: self._reset_in_request,
            Fault.RESET_BEFORE_ANSWER: self._reset_before_answer,
            Fault.RESET_IN_ANSWER: self._reset_in_answer,
            Fault.SWALLOWED: self._swallow,
            Fault.ANSWER_SWALLOWED: self._swallow_answer,
            Fault.SLOW: self._slow,
            Fault.DUPLICATED: self._duplicate,
            Fault.SWAPPED: self._exchange_answers,
            Fault.DEAF: self._deafen,
            Fault.DUMB: self._silence,
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._refuse()

    async def suffer(self, *faults: Fault) -> None:
        """Let the requests from now on meet one of these each, and all of them before one comes again."""
        self._faults, self._deck = faults, []
        if faults == (Fault.REFUSED,):
            await self._refuse()
        elif self._server is None:
            await self._listen()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that happens on the way."""
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(condition)

    async def until_met(self, fault: Fault, times: int = 1) -> None:
        """Wait until so many requests have met a fault."""
        await self.until(lambda: self.met[fault] >= times)

    async def until_swapping(self) -> None:
        """Wait until a request that is to be swapped has arrived, and waits for another."""
        await self.until(lambda: self._swap is not None)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _refuse(self) -> None:
        """Stop listening, and reset whoever is connected."""
        if self._server is not None:
            self._server.close()
            for line in tuple(self._lines):
                line.reset()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = _Line(reader, writer)
        self._lines.add(line)
        try:
            while True:
                await self._one(line)
        except _ENDS:
            line.reset()
        finally:
            self._lines.discard(line)

    async def _one(self, line: _Line) -> None:
        request = await _message(line.reader)
        fault = self._drawn()  # only now: the connection may have been idle since another time
        try:
            await self._ways[fault](line, request)
        finally:
            self.met[fault] += 1
            await self._tell()

    def _drawn(self) -> Fault:
        if not self._deck:
            self._deck = self._chance.sample(self._faults, len(self._faults))
        return self._deck.pop()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _reset(self, _line: _Line, _request: bytes) -> None:
        raise ConnectionResetError

    async def _carry(self, line: _Line, request: bytes) -> None:
        await line.say(await self._asked(request))

    async def _reset_in_request(self, _line: _Line, request: bytes) -> None:
        async with self._beyond() as other:
            await other.say(request[: len(request) - len(request) // 3])
            other.reset()
        raise ConnectionResetError

    async def _reset_before_answer(self, _line: _Line, request: bytes) -> None:
        await self._asked(request)
        raise ConnectionResetError

    async def _reset_in_answer(self, line: _Line, request: bytes) -> None:
        answer = await self._asked(request)
        await line.say(answer[: len(answer) - len(answer) // 3])
        await asyncio.sleep(0)  # let it leave before it is followed by the reset
        raise ConnectionResetError

    async def _swallow(self, line: _Line, _request: bytes) -> None:
        await self._be_silent(line)

    async def _swallow_answer(self, line: _Line, request: bytes) -> None:
        await self._asked(request)
        await self._be_silent(line)

    async def _slow(self, line: _Line, request: bytes) -> None:
        async with self._beyond() as other:
            await other.trickle(request)
            await line.trickle(await _message(other.reader))

    async def _duplicate(self, line: _Line, request: bytes) -> None:
        answers = await asyncio.gather(self._asked(request), self._asked(request))
        await line.say(self._chance.choice(answers))

    async def _exchange_answers(self, line: _Line, request: bytes) -> None:
        """Give a request the answer of the next one, and that one its answer; alone it waits, and gets its own."""
        answer = await self._asked(request)
        waiting, self._swap = self._swap, None
        mine: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        if waiting is not None and not waiting.done():
            waiting.set_result((answer, mine))
            await line.say(await mine)
            return
        self._swap = meeting = asyncio.get_running_loop().create_future()
        await self._tell()
        try:
            others, theirs = await asyncio.wait_for(meeting, self.silence_s)
        except TimeoutError:
            await line.say(answer)
        else:
            theirs.set_result(answer)
            await line.say(others)

    async def _deafen(self, line: _Line, request: bytes) -> None:
        async with self._beyond() as other:
            await other.say(request[: len(request) - len(request) // 3])
            other.writer.write_eof()
            await self._be_silent(line)

    async def _silence(self, line: _Line, request: bytes) -> None:
        await self._asked(request)
        line.writer.write_eof()
        await self._be_silent(line)

    async def _be_silent(self, line: _Line) -> None:
        """Say nothing until the sender hangs up, or the time of silence is over; then it is reset."""
        async with asyncio.timeout(self.silence_s):
            await line.reader.readexactly(1)
        raise ConnectionResetError

    async def _asked(self, request: bytes) -> bytes:
        """Carry a request to the other side and return its answer."""
        async with self._beyond() as other:
            await other.say(request)
            return await _message(other.reader)

    @asynccontextmanager
    async def _beyond(self) -> AsyncIterator[_Line]:
        """Connect with the other side, and let go of it at the end."""
        line = _Line(*await asyncio.open_connection("127.0.0.1", self.beyond))
        try:
            yield line
        finally:
            line.writer.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    """Read one HTTP message whose body, if any, has a length."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next((int(each.partition(b":")[2]) for each in lines if each.startswith(b"content-length:")), 0)
    return head + await reader.readexactly(length)
