"""From an HTTP request to an `Envelope`: within the limits, byte for byte, believing nothing."""

import asyncio

from aiohttp import hdrs, web

from gateway.api.gate import VISIT
from gateway.api.limits import Limits
from gateway.api.parts import Parts
from gateway.core.errors import (
    Fault,
    MalformedDocumentError,
    OversizedDocumentError,
    RejectedError,
    UnsupportedFormatError,
    UntrustedError,
)
from gateway.core.model import Envelope

EXCHANGES_PATH = "/federation/v1/exchanges"
ADAPTERS_PATH = "/operations/v1/adapters"
TOKEN_HEADER = "Exchange-Token"  # noqa: S105 - the header's name, not a secret


async def read_envelope(request: web.Request, parts: Parts) -> Envelope:
    """Return the request as it arrived.

    The URL is the gateway's public one with the path and query as sent: what the Host header claims is ignored,
    so a token works behind any proxy and for no other address.
    Raises UntrustedError for more than one token, and what `read_body` raises; such a refusal is logged here,
    for it reaches no use case.
    """
    try:
        tokens = request.headers.getall(TOKEN_HEADER, [])
        if len(tokens) > 1:
            raise _token_repeated()
        body = await read_body(request, parts.limits)
    except RejectedError as error:
        await parts.log_refusal(error)
        raise
    return Envelope(
        token=tokens[0] if tokens else "",
        method=request.method,
        url=parts.public_url + _target(request),
        media_type=request.headers.get(hdrs.CONTENT_TYPE, ""),
        body=body,
        received_at=parts.clock.now(),
    )


async def read_body(request: web.Request, limits: Limits) -> bytes:
    """Return the body; nothing beyond the limit is ever held.

    Raises OversizedDocumentError before reading where Content-Length already says so, else at the first byte too
    many; UnsupportedFormatError for a compressed body, which is never unpacked; MalformedDocumentError for broken
    framing; HTTPRequestTimeout for one that takes too long; and OverloadedError where all bodies on their way are too
    many bytes together, or nothing more can be worked on once this one is here.
    """
    if not request.body_exists:
        return b""
    _check_announced(request, limits)
    try:
        if request.content.is_eof():  # it arrived with its headers, as small ones do: there is nothing to wait for
            return _within(request.content.read_nowait(), _most(request, limits))
        async with asyncio.timeout(limits.body_timeout_s):
            body = await _collect(request, limits)
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except web.RequestPayloadError:
        raise MalformedDocumentError("the body's framing is broken", code="body_malformed") from None
    request[VISIT].work()
    return body


def announced_too_much(request: web.BaseRequest, limits: Limits) -> bool:
    """Tell whether Content-Length already names more than is read."""
    return (request.content_length or 0) > _most(request, limits)


def _most(request: web.BaseRequest, limits: Limits) -> int:
    larger = {EXCHANGES_PATH: limits.batch_bytes, ADAPTERS_PATH: limits.adapter_bytes}
    return larger.get(request.path, limits.body_bytes)


def _check_announced(request: web.Request, limits: Limits) -> None:
    encoding = request.headers.get(hdrs.CONTENT_ENCODING, "identity").strip().lower()
    if encoding != "identity":
        raise _compressed()
    if announced_too_much(request, limits):
        raise _too_large(_most(request, limits))


def _within(body: bytes, most: int) -> bytes:
    if len(body) > most:
        raise _too_large(most)
    return body


async def _collect(request: web.Request, limits: Limits) -> bytes:
    chunks, size, most, visit = [], 0, _most(request, limits), request[VISIT]
    async for chunk in request.content.iter_any():
        size += len(chunk)
        if size > most:
            raise _too_large(most)
        visit.hold(len(chunk))
        chunks.append(chunk)
    return b"".join(chunks)


def _target(request: web.Request) -> str:
    raw = request.raw_path
    return raw if raw.startswith("/") else request.rel_url.raw_path_qs  # SPEC RFC 9112 3.2.2: absolute-form


def _too_large(most: int) -> OversizedDocumentError:
    fault = Fault(
        pointer="",
        code="document_too_large",
        message="the body is larger than this gateway reads",
        message_zh="报文超过本网关允许的大小",
        expected=f"at most {most} bytes",
    )
    return OversizedDocumentError(fault.message, faults=(fault,))


def _compressed() -> UnsupportedFormatError:
    fault = Fault(
        pointer="",
        code="encoding_unsupported",
        message="compressed bodies are not read",
        message_zh="不接受压缩报文",
        expected="identity",
    )
    return UnsupportedFormatError(fault.message, code=fault.code, faults=(fault,))


def _token_repeated() -> UntrustedError:
    fault = Fault(
        pointer="",
        code="token_repeated",
        message=f"{TOKEN_HEADER} stands more than once",
        message_zh=f"{TOKEN_HEADER} 请求头重复",
        expected="one header",
    )
    return UntrustedError(fault.message, code=fault.code, faults=(fault,))
