"""Whoever has come to the door is taken, all at once, and also while it closes."""

import asyncio
import errno
import socket

import pytest
import uvloop
from aiohttp import web
from structlog.testing import capture_logs

from gateway.api.listening import Door, bound_to

CROWD = 40


async def fine(_request):
    return web.Response(text="fine")


async def come(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect, and ask something."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    return reader, writer


async def answers(callers) -> int:
    """Return how many of them were answered."""
    answered = 0
    for reader, writer in callers:
        try:
            answered += (await reader.read()).startswith(b"HTTP/1.1 200")
        except ConnectionError:
            pass
        finally:
            writer.close()
    return answered


def test_all_that_wait_are_taken_in_one_turn_of_the_fast_loop():
    async def crowd_at_once() -> list[int]:
        taken = 0

        class Counting(asyncio.Protocol):
            def connection_made(self, _transport):
                nonlocal taken
                taken += 1

        listening = bound_to("127.0.0.1", 0)
        door = Door(server=Counting, listening=listening)  # type: ignore[arg-type]  # whatever makes protocols
        door.open()
        callers = [socket.create_connection(listening.getsockname()) for _ in range(CROWD)]
        counted = []
        for _ in range(4):
            await asyncio.sleep(0)
            counted.append(taken)
        await door.close()
        for each in callers:
            each.close()
        return counted

    assert uvloop.run(crowd_at_once())[-1] == CROWD


def test_until_it_opens_connections_are_refused_so_that_a_balancer_turns_elsewhere():
    with bound_to("127.0.0.1", 0) as closed, pytest.raises(ConnectionRefusedError):
        socket.create_connection(closed.getsockname())


async def test_those_who_have_come_before_it_closes_are_answered():
    server, listening = web.Server(fine), bound_to("127.0.0.1", 0)
    listening.listen()
    port = listening.getsockname()[1]
    door = Door(server=server, listening=listening)
    callers = [await come(port) for _ in range(CROWD)]  # the system has let them in, nobody has taken them

    await door.close()
    found = await answers(callers)

    assert found == CROWD
    with pytest.raises(ConnectionRefusedError):
        await come(port)
    await server.shutdown(0.1)


class Scarce(socket.socket):
    """A socket of a system that has no files left for a while."""

    left = 2

    def accept(self):
        if Scarce.left:
            Scarce.left -= 1
            raise OSError(errno.EMFILE, "too many open files")
        return super().accept()


async def test_where_the_system_has_no_files_left_those_who_wait_are_taken_later():
    server, listening = web.Server(fine), Scarce()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    door = Door(server=server, listening=listening)

    door.open()
    with capture_logs() as lines:
        found = await answers([await come(listening.getsockname()[1])])
    await door.close()
    await server.shutdown(0.1)

    assert found == 1
    assert {(line["event"], line["errno"]) for line in lines} == {("connections_not_taken", errno.EMFILE)}


def test_an_address_that_is_taken_is_named():
    with bound_to("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(OSError, match=f"127.0.0.1:{port}"):
            bound_to("127.0.0.1", port)
