"""The floor of relaying: three signatures, three verifications, three durable commits, two HTTP hops, nothing else.

A takes signed bytes, keeps them, signs them on to B, verifies and keeps B's receipt, and answers with its own.
Nothing is parsed, converted, checked for repetition, audited, ordered or sent again. Commits are shared: whatever
arrived in one turn of the event loop is one transaction, on the loop itself, which is the fastest way there is here.

    python -m bench.floors.minimal a|b PORT FOLDER PORT-OF-B
"""

import asyncio
import sqlite3
import sys
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import aiohttp
import uvloop
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.bindings import crypto_sign_open

from bench.floors.site import run

HEADER = "Signature"
CLIENT, A, B = (Ed25519PrivateKey.from_private_bytes(sha256(name).digest()) for name in (b"client", b"a", b"b"))


def sign(key: Ed25519PrivateKey, body: bytes) -> str:
    """Return a signature as a header value."""
    return b64encode(key.sign(body)).decode()


def verify(point: bytes, body: bytes, signature: str) -> None:
    """Raise if the signature is not the key's over this body; libsodium, as it is twice as fast as OpenSSL."""
    crypto_sign_open(b64decode(signature) + body, point)


class Commits:
    """One table; statements of one turn of the loop share a commit."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, body BLOB, receipt TEXT)")
        self._waiting: list[tuple[str, tuple[object, ...], asyncio.Future[int]]] = []

    def run(self, statement: str, *values: object) -> asyncio.Future[int]:
        """Execute a statement; the future holds the row id once it is durable."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._flush)
        future = loop.create_future()
        self._waiting.append((statement, values, future))
        return future

    def _flush(self) -> None:
        batch, self._waiting = self._waiting, []
        self._connection.execute("BEGIN")
        rows = [self._connection.execute(statement, values).lastrowid for statement, values, _ in batch]
        self._connection.execute("COMMIT")
        for (_, _, future), row in zip(batch, rows, strict=True):
            if not future.done():
                future.set_result(row or 0)


class Gateway:
    """Both roles."""

    def __init__(self, commits: Commits, next_url: str) -> None:
        self._commits = commits
        self._next = next_url
        self._client, self._b = (key.public_key().public_bytes_raw() for key in (CLIENT, B))
        self._a = A.public_key().public_bytes_raw()

    async def session(self, _: web.Application) -> AsyncIterator[None]:
        """Keep a pool of connections to B while the application runs."""
        connector = aiohttp.TCPConnector(limit=64)
        async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as self._session:
            yield

    async def submit(self, request: web.Request) -> web.Response:
        """Be A."""
        body = await request.read()
        verify(self._client, body, request.headers[HEADER])
        row = await self._commits.run("INSERT INTO kept (body) VALUES (?)", body)
        async with self._session.post(self._next, data=body, headers={HEADER: sign(A, body)}) as answer:
            receipt = await answer.read()
            verify(self._b, receipt, answer.headers[HEADER])
        await self._commits.run("UPDATE kept SET receipt = ? WHERE id = ?", receipt.decode(), row)
        return self._receipt(A, body)

    async def take(self, request: web.Request) -> web.Response:
        """Be B."""
        body = await request.read()
        verify(self._a, body, request.headers[HEADER])
        await self._commits.run("INSERT INTO kept (body) VALUES (?)", body)
        return self._receipt(B, body)

    def _receipt(self, key: Ed25519PrivateKey, body: bytes) -> web.Response:
        receipt = sha256(body).hexdigest().encode()
        return web.Response(body=receipt, headers={HEADER: sign(key, receipt)})


def main(role: str, port: str, folder: str, port_of_b: str) -> None:
    """Serve until terminated."""
    gateway = Gateway(Commits(Path(folder) / f"minimal-{role}.sqlite"), f"http://127.0.0.1:{port_of_b}/")
    app = web.Application()
    app.cleanup_ctx.append(gateway.session)
    app.router.add_post("/", gateway.submit if role == "a" else gateway.take)
    uvloop.run(run(app, int(port)))


if __name__ == "__main__":
    main(*sys.argv[1:])
