"""Whatever a partner answers, the courier comes back in time, with little in memory, and with a code."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import pytest

from gateway.core.errors import PartnerUnavailableError
from gateway.flow.ports import Answer, Parcel
from gateway.partners.courier import HTTPCourier
from tests.patience import PATIENCE_S

SOON_S, ANSWER_BYTES = 0.8, 100_000
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def says(answer: bytes) -> Serve:
    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    return serve


def never_ends(first: bytes, again: bytes, *, every_s: float = 0.0) -> Serve:
    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        while True:
            writer.write(again)
            await writer.drain()
            await asyncio.sleep(every_s)

    return serve


async def resets(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(OK + b"Content-Length: 10\r\n\r\nabc")
    await writer.drain()
    writer.transport.abort()


@asynccontextmanager
async def partner(serve: Serve) -> AsyncIterator[str]:
    """Run a server that treats every connection so, and ends with the test."""
    open_now = set[asyncio.Task[None]]()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_now.add(task := asyncio.ensure_future(_served(serve, reader, writer)))
        task.add_done_callback(open_now.discard)
        await task

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()
        for task in tuple(open_now):
            task.cancel()
        await asyncio.gather(*open_now, return_exceptions=True)


async def _served(serve: Serve, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        with suppress(ConnectionError):
            await serve(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def asked(serve: Serve, body: bytes = b"x" * 3000, *, total_s: float = PATIENCE_S) -> Answer:
    async with HTTPCourier(total_s=total_s, answer_bytes=ANSWER_BYTES) as courier, partner(serve) as url:
        return await courier.send(Parcel(url=url, media_type="application/json", body=body))


USELESS = {
    "no answer": (says(b""), "partner_unreachable"),
    "reset within the body": (resets, "partner_unreachable"),
    "no http": (says(b"\x16\x03\x01\x02\x00\x01\r\n\r\n"), "partner_unreachable"),
    "half a body": (says(OK + b"Content-Length: 30\r\n\r\nabcd"), "partner_unreachable"),
    "two lengths": (says(OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"), "partner_unreachable"),
    "no chunk": (says(CHUNKED + b"zz\r\nabc"), "partner_unreachable"),
    "an absurd chunk": (says(CHUNKED + b"FFFFFFFFFFFFFFFF\r\nabc"), "partner_unreachable"),
    "no status": (says(b"HTTP/1.1 99999999 Odd\r\nContent-Length: 0\r\n\r\n"), "partner_unreachable"),
    "endless status line": (never_ends(b"HTTP/1.1 200 ", b"x" * 1000), "partner_unreachable"),
    "endless header": (never_ends(OK + b"X-A: ", b"x" * 1000), "partner_unreachable"),
    "endless headers": (never_ends(OK, b"X-A: b\r\n" * 100), "partner_unreachable"),
    "endless trailers": (never_ends(CHUNKED + b"1\r\nx\r\n0\r\n", b"X-A: b\r\n" * 100), "partner_unreachable"),
    "endless body": (never_ends(OK + b"Content-Length: 999999999999\r\n\r\n", b"x" * 10_000), "answer_too_large"),
    "endless chunks": (never_ends(CHUNKED, b"3e8\r\n" + b"x" * 1000 + b"\r\n"), "answer_too_large"),
    "body until the end, which never comes": (never_ends(OK + b"\r\n", b"x" * 10_000), "answer_too_large"),
    "more to come for ever": (never_ends(b"", b"HTTP/1.1 102 Processing\r\n\r\n", every_s=0.01), "partner_timeout"),
    "one header a moment": (never_ends(OK, b"X-A: b\r\n", every_s=0.05), "partner_timeout"),
    "one byte a moment": (never_ends(OK + b"Content-Length: 9999\r\n\r\n", b"x", every_s=0.05), "partner_timeout"),
    "silence": (never_ends(b"", b"", every_s=0.05), "partner_timeout"),
}


@pytest.mark.parametrize("name", USELESS)
async def test_an_answer_that_is_none_is_given_up_in_time_with_a_code(name):
    serve, code = USELESS[name]

    with pytest.raises(PartnerUnavailableError) as failed:
        async with asyncio.timeout(PATIENCE_S / 2):
            await asked(serve, total_s=SOON_S if code == "partner_timeout" else PATIENCE_S)

    assert failed.value.code == code


async def test_a_bomb_is_not_unpacked():
    bomb = gzip.compress(b"0" * 10_000_000)

    answer = await asked(says(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb))

    assert answer.body == bomb


async def test_an_answer_that_comes_before_the_request_was_read_is_read():
    async def answers_first(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK + b"Content-Length: 2\r\n\r\nok")
        await asyncio.Event().wait()

    answer = await asked(answers_first, body=b"x" * 4_000_000)

    assert answer.body == b"ok"


async def test_a_signed_body_is_not_carried_anywhere_else():
    elsewhere = asyncio.Event()

    async def seen(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        elsewhere.set()
        writer.write(OK + b"Content-Length: 0\r\n\r\n")

    async with partner(seen) as other:
        for status in (b"301", b"302", b"303", b"307", b"308"):
            head = b"HTTP/1.1 " + status + b" Gone\r\nLocation: " + other.encode() + b"\r\nContent-Length: 0\r\n\r\n"
            assert (await asked(says(head))).status == int(status)

    assert not elsewhere.is_set()


@pytest.mark.parametrize("media_type", [b';;;="\xff\xfe; charset=""', b"text/plain; charset*0*=utf-8''%E4%", b"/", b""])
async def test_a_media_type_that_is_none_harms_nobody(media_type):
    answer = await asked(says(OK + b"Content-Type: " + media_type + b"\r\nContent-Length: 2\r\n\r\nok"))

    assert answer.body == b"ok"


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        (b"Retry-After: 7", 7.0),
        (b"Retry-After: 99999999999999999999", 999999999.0),
        (b"Date: Tue, 03 Mar 2026 09:00:00 GMT\r\nRetry-After: Tue, 03 Mar 2026 09:01:00 GMT", 60.0),
        (b"Date: Tue, 03 Mar 2026 09:00:00 GMT\r\nRetry-After: Tue, 03 Mar 2026 08:00:00 GMT", 0.0),
        (b"Retry-After: Tue, 03 Mar 2026 09:01:00 GMT", None),
        (b"Retry-After: soon", None),
        (b"Retry-After: -5", None),
        (b"X-A: b", None),
    ],
)
async def test_how_long_a_partner_asks_us_to_wait_is_read(headers, wait_s):
    answer = await asked(says(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n" + headers + b"\r\n\r\n"))

    assert answer.retry_after_s == wait_s


@pytest.mark.parametrize(
    ("said", "told_at"),
    [
        (b"Tue, 03 Mar 2026 09:00:00 GMT", datetime(2026, 3, 3, 9, tzinfo=UTC)),
        (b"Tue, 03 Mar 2026 17:00:00 +0800", datetime(2026, 3, 3, 9, tzinfo=UTC)),
        (b"Sat, 31 Dec 2016 23:59:60 GMT", None),
        (b"Tue, 99 Mar 99999 09:00:00 GMT", None),
        (b"yesterday", None),
        (b"", None),
    ],
)
async def test_a_partners_clock_is_read_where_it_tells_the_time(said, told_at):
    answer = await asked(says(OK + b"Date: " + said + b"\r\nContent-Length: 0\r\n\r\n"))

    assert answer.told_at == told_at


async def test_a_partner_that_keeps_every_connection_waiting_keeps_no_other_waiting():
    silent, answers = never_ends(b"", b"", every_s=0.05), says(OK + b"Content-Length: 2\r\n\r\nok")
    async with HTTPCourier(total_s=PATIENCE_S) as courier, partner(silent) as dead, partner(answers) as alive:
        waiting = [
            asyncio.ensure_future(courier.send(Parcel(url=dead, media_type="a/b", body=b"x"))) for _ in range(200)
        ]
        await asyncio.sleep(0)

        answer = await courier.send(Parcel(url=alive, media_type="a/b", body=b"x"))

        assert not any(each.done() for each in waiting)
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert answer.body == b"ok"
