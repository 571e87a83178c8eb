"""Hostile HTTP is answered with a problem document, or the connection is closed; and the gateway goes on."""

import asyncio
import contextlib
import gzip
import re
from dataclasses import replace

import pytest
from aiohttp import StreamReader, web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import make_mocked_request

from gateway.api.admission import Admission
from gateway.api.app import build_app, meet_expectation
from gateway.api.gate import VISIT
from gateway.api.limits import Limits
from gateway.api.parts import PARTS
from gateway.api.reading import read_body, read_envelope
from gateway.core.errors import MalformedDocumentError, RejectedError
from tests.api.described import check_problem
from tests.api.raw_http import say
from tests.api.served import Served, served
from tests.patience import PATIENCE_S

HOST = b"Host: h\r\n"


async def echo(request):
    limits = request.app[PARTS].limits
    return web.Response(body=await read_body(request, limits))


async def envelope(request):
    parts = request.app[PARTS]
    read = await read_envelope(request, parts)
    return web.json_response({"token": read.token, "url": read.url, "media_type": read.media_type})


async def remembered(error: RejectedError) -> None:
    """Stand for the log: what is written there is tested with a real one in tests/flow."""
    assert error.code


def limited(parts, **limits):
    """Serve an interface that takes little."""
    narrow = Limits(body_bytes=1000, headers=20, line_bytes=2000, **limits)
    app = build_app(replace(parts, limits=narrow, log_refusal=remembered))
    app.router.add_post("/echo", echo, expect_handler=meet_expectation)
    app.router.add_post("/envelope/{rest:.*}", envelope)
    return served(app)


@pytest.fixture
async def gateway(parts):
    """One that waits: whatever comes late here is no fault of the sender's, but of the machine."""
    async with limited(parts, body_timeout_s=PATIENCE_S, linger_s=PATIENCE_S) as running:
        yield running


@pytest.fixture
async def hasty(parts):
    """One that waits for nobody."""
    async with limited(parts, body_timeout_s=0.3, linger_s=0.2) as running:
        yield running


async def goes_on(gateway: Served) -> None:
    async with gateway.session.post("/echo", data=b"fine") as response:
        assert (response.status, await response.read()) == (200, b"fine")


async def send_until_cut_off(writer: asyncio.StreamWriter, chunk: bytes, limit: int = 10_000_000) -> int:
    sent = 0
    with contextlib.suppress(ConnectionError):
        while sent < limit:
            writer.write(chunk)
            await writer.drain()
            await asyncio.sleep(0.001)
            sent += len(chunk)
    return sent


def post(*headers: bytes, body: bytes = b"", path: bytes = b"/echo") -> bytes:
    return b"POST " + path + b" HTTP/1.1\r\n" + HOST + b"".join(header + b"\r\n" for header in headers) + b"\r\n" + body


HOSTILE = {
    "no_http_at_all": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "request_malformed"),
    "no_host": (b"GET /healthz HTTP/1.1\r\n\r\n", 400, "request_malformed"),
    "two_hosts": (b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "request_malformed"),
    "invalid_header": (post(b"Bad Name: x"), 400, "request_malformed"),
    "folded_header": (post(b"A: b\r\n c"), 400, "request_malformed"),
    "nul_in_header": (post(b"A: b\x00c"), 400, "request_malformed"),
    "long_header": (post(b"A: " + b"x" * 5000), 431, "header_too_large"),
    "long_header_name": (post(b"x" * 5000 + b": A"), 431, "header_too_large"),
    "long_path": (b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 431, "header_too_large"),
    "many_headers": (post(*(b"A%d: x" % i for i in range(50))), 400, "request_malformed"),
    "negative_length": (post(b"Content-Length: -1"), 400, "request_malformed"),
    "two_lengths": (post(b"Content-Length: 1", b"Content-Length: 2", body=b"ab"), 400, "request_malformed"),
    "length_and_chunked": (
        post(b"Content-Length: 4", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
        400,
        "request_malformed",
    ),
    "length_over_limit": (post(b"Content-Length: 1001"), 413, "document_too_large"),
    "absurd_length": (post(b"Content-Length: 99999999999999999999999"), 400, "request_malformed"),
    "chunked_over_limit": (
        post(b"Transfer-Encoding: chunked", body=b"200\r\n" + b"x" * 512 + b"\r\n200\r\n" + b"x" * 512 + b"\r\n"),
        413,
        "document_too_large",
    ),
    "chunked_over_limit_and_complete": (
        post(b"Transfer-Encoding: chunked", body=b"400\r\n" + b"x" * 1024 + b"\r\n0\r\n\r\n"),
        413,
        "document_too_large",
    ),
    "broken_chunk": (post(b"Transfer-Encoding: chunked", body=b"zz\r\nabc\r\n"), 400, "request_malformed"),
    "compressed": (
        post(b"Content-Encoding: gzip", b"Content-Length: 20", body=gzip.compress(b"")),
        415,
        "encoding_unsupported",
    ),
    "unknown_encoding": (post(b"Content-Encoding: br", b"Content-Length: 1", body=b"x"), 415, "encoding_unsupported"),
    "unknown_expectation": (post(b"Expect: miracles", b"Content-Length: 0"), 417, "expectation_failed"),
    "unknown_expectation_nowhere": (
        post(b"Expect: miracles", b"Content-Length: 0", path=b"/nowhere"),
        417,
        "expectation_failed",
    ),
    "unknown_path": (b"GET /nowhere HTTP/1.1\r\n" + HOST + b"\r\n", 404, "path_unknown"),
    "dots_in_path": (b"GET /docs/../../etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n", 404, "path_unknown"),
    "unknown_method": (b"BREW /healthz HTTP/1.1\r\n" + HOST + b"\r\n", 400, "request_malformed"),
    "wrong_method": (b"DELETE /healthz HTTP/1.1\r\n" + HOST + b"\r\n", 405, "method_not_allowed"),
    "two_tokens": (
        post(b"Exchange-Token: a", b"Exchange-Token: b", b"Content-Length: 0", path=b"/envelope/x"),
        401,
        "token_repeated",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_cannot_be_read_is_answered_with_a_problem_and_the_next_request_is_fine(gateway, name):
    sent, status, code = HOSTILE[name]

    told = await say(gateway.port, sent)

    assert told is not None
    assert (told.status, check_problem(told.document)["code"]) == (status, code)
    assert told.headers["content-type"] == "application/problem+json"
    await goes_on(gateway)


async def test_a_wrong_method_is_told_which_ones_are_right(gateway):
    told = await say(gateway.port, HOSTILE["wrong_method"][0])

    assert told is not None
    assert told.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (post(b"Content-Length: 10"), b"slow"),
        (post(b"Transfer-Encoding: chunked"), b"3\r\nabc\r\nzz\r\n"),
    ],
    ids=["slow", "broken half way"],
)
async def test_a_body_that_does_not_come_to_its_end_is_a_problem_when_its_time_is_over(hasty, head, body):
    told = await say(hasty.port, head, body, pause_s=0.02)

    assert told is not None
    assert (told.status, check_problem(told.document)["code"]) == (408, "body_too_slow")
    assert (await hasty.ask("GET", "/healthz")).status == 200


async def test_a_body_that_the_parser_gave_up_is_malformed():
    payload = StreamReader(BaseProtocol(asyncio.get_running_loop()), 1024)
    payload.set_exception(web.RequestPayloadError())
    request = make_mocked_request("POST", "/", payload=payload)
    request[VISIT] = Admission(limits=Limits()).enter("", begins=False, whole=False)

    with pytest.raises(MalformedDocumentError) as refused:
        await read_body(request, Limits())

    assert refused.value.code == "body_malformed"


async def test_an_endless_body_is_cut_off(hasty):
    chunk = b"400\r\n" + b"x" * 1024 + b"\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", hasty.port)
    writer.write(post(b"Transfer-Encoding: chunked"))

    sent = await send_until_cut_off(writer, chunk)

    assert sent < 1000 * len(chunk)
    reader.feed_eof()
    writer.close()
    assert (await hasty.ask("GET", "/healthz")).status == 200


async def test_a_sender_who_hangs_up_within_the_body_harms_nobody(gateway):
    await say(gateway.port, post(b"Content-Length: 100", body=b"half"), hang_up=True)

    await goes_on(gateway)


async def test_a_sender_who_hangs_up_within_the_headers_harms_nobody(gateway):
    await say(gateway.port, b"POST /echo HTTP/1.1\r\nHost: h\r\nContent-", hang_up=True)

    await goes_on(gateway)


async def test_a_body_of_exactly_the_limit_is_read(gateway):
    async with gateway.session.post("/echo", data=b"x" * 1000) as response:
        assert await response.read() == b"x" * 1000


async def test_a_body_in_pieces_is_read_whole(gateway):
    told = await say(gateway.port, post(b"Content-Length: 6", body=b"ab"), b"cd", b"ef", pause_s=0.02)

    assert told is not None
    assert told.body == b"abcdef"


async def test_a_body_waiting_for_100_continue_is_invited(gateway):
    head = post(b"Expect: 100-continue", b"Content-Length: 2")
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(head)

    assert await asyncio.wait_for(reader.readline(), PATIENCE_S) == b"HTTP/1.1 100 Continue\r\n"
    writer.close()


async def test_a_body_that_is_too_large_is_refused_instead_of_invited(gateway):
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(post(b"Expect: 100-continue", b"Content-Length: 2000"))

    assert (await asyncio.wait_for(reader.readline(), PATIENCE_S)).startswith(b"HTTP/1.1 413 ")
    writer.close()


async def test_the_connection_survives_a_refusal_whose_body_was_read(gateway):
    first = b"DELETE /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
    second = b"GET /healthz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(first + second)

    answers = await asyncio.wait_for(reader.read(), PATIENCE_S)

    assert [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+) ", answers)] == [405, 200]
    writer.close()


@pytest.mark.parametrize(
    ("target", "url"),
    [
        (b"/envelope/a%2Fb%41?x=%E7%9C%81&y=", "https://gateway.example/envelope/a%2Fb%41?x=%E7%9C%81&y="),
        (b"http://evil.example/envelope/a?b=c", "https://gateway.example/envelope/a?b=c"),
    ],
)
async def test_the_url_of_an_envelope_is_the_public_one_with_the_target_as_sent(gateway, target, url):
    told = await say(gateway.port, post(b"Content-Length: 0", b"X-Forwarded-Host: evil", path=target))

    assert told is not None
    assert told.document["url"] == url
