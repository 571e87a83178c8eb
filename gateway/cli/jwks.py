"""Reads a partner's public keys: a JWK Set from a file, from stdin, or from where the partner publishes it."""

import asyncio
import sys
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO, Final

import aiohttp

from gateway.core.conversion.formats.json_format import read_json
from gateway.core.errors import Fault, InvalidDocumentError, OversizedDocumentError, PartnerUnavailableError
from gateway.core.trust.algorithms import register_key
from gateway.core.trust.keys import PublicKey

_BYTES_LIMIT: Final = 64 << 10
_KEYS_LIMIT: Final = 32
_TIMEOUT_S: Final = 10.0


async def read_keys(source: str) -> tuple[PublicKey, ...]:
    """Return the public keys at a path, at an http(s) URL, or on stdin for "-".

    Raises InvalidDocumentError with every fault: private keys, unknown algorithms, no JWK Set at all;
    OversizedDocumentError beyond 64 KiB; PartnerUnavailableError where the URL does not answer with one in 10 seconds.
    """
    body = await _fetched(source) if source.startswith(("http://", "https://")) else _read(source)
    return public_keys(read_json(body))


def public_keys(document: object) -> tuple[PublicKey, ...]:
    """Return the keys of an RFC 7517 JWK Set; a single JWK counts as a set of one."""
    lone = isinstance(document, dict) and "kty" in document
    found: Any = [document] if lone else document.get("keys") if isinstance(document, dict) else None
    if not isinstance(found, list) or not 0 < len(found) <= _KEYS_LIMIT:
        raise _malformed("/keys", f"a JWK Set (RFC 7517) of 1 to {_KEYS_LIMIT} public keys")
    keys, faults = list[PublicKey](), list[Fault]()
    for position, jwk in enumerate(found):
        try:
            keys.append(register_key(jwk if isinstance(jwk, dict) else {}))
        except InvalidDocumentError as error:
            place = "" if lone else f"/keys/{position}"
            faults += (replace(fault, pointer=place + fault.pointer) for fault in error.faults)
    if faults:
        raise InvalidDocumentError("the keys cannot be registered", code=faults[0].code, faults=tuple(faults))
    return tuple(keys)


def _read(source: str) -> bytes:
    if source == "-":
        return _limited(sys.stdin.buffer)
    with Path(source).open("rb") as file:
        return _limited(file)


def _limited(file: BinaryIO) -> bytes:
    return _within(file.read(_BYTES_LIMIT + 1))


async def _fetched(url: str) -> bytes:
    """Get what a partner publishes; redirects are not followed, for they lead to somebody else."""
    try:
        async with (
            asyncio.timeout(_TIMEOUT_S),
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            if answer.status != HTTPStatus.OK:
                raise PartnerUnavailableError(f"the key set's address answers {answer.status}", code="keys_unavailable")
            return _within(await _first_bytes(answer))
    except (aiohttp.ClientError, TimeoutError) as error:
        told = type(error).__name__
        raise PartnerUnavailableError(f"the key set cannot be fetched: {told}", code="keys_unavailable") from None


async def _first_bytes(answer: aiohttp.ClientResponse) -> bytes:
    """Read a little more than the limit at most, however long the answer goes on."""
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > _BYTES_LIMIT:
            break
    return bytes(body)


def _within(body: bytes) -> bytes:
    if len(body) > _BYTES_LIMIT:
        raise OversizedDocumentError(f"a key set has at most {_BYTES_LIMIT} bytes", code="keys_too_large")
    return body


def _malformed(pointer: str, expected: str) -> InvalidDocumentError:
    message, message_zh = "This is not a usable key set.", "不是可用的公钥集合。"
    fault = Fault(pointer=pointer, code="keys_malformed", message=message, message_zh=message_zh, expected=expected)
    return InvalidDocumentError(message, code=fault.code, faults=(fault,))
