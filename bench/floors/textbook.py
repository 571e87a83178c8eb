"""The textbook competitor of relaying: the same job by the libraries a first search finds, used as their pages show.

A takes a JWT whose payload is the document, checks it with jsonschema against the layout and, converted row by row,
against the canonical form, keeps it, sends it on as its own JWT, verifies B's receipt, and answers with its own. B
checks the canonical form, converts to the layout of its region and keeps the result. PyJWT, jsonschema, json and
aiosqlite with a commit for each statement, on asyncio's own loop. Like the minimal floor it does without an audit
log, replay memory and repetition.

    python -m bench.floors.textbook a|b PORT FOLDER PORT-OF-B
"""

import asyncio
import json
import sys
import time
import tomllib
import uuid
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiohttp
import aiosqlite
import jwt
from aiohttp import web
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from bench.convert_textbook import Interpreter
from bench.floors.minimal import CLIENT, A, B
from bench.floors.site import run
from gateway.resources import data_folder

ALGORITHM = "EdDSA"
_UNKNOWN_CODECS = ("constant", "overflow")


class National(Interpreter):
    """Walks the rows of the national table; the few codecs it does not know carry nothing in these documents."""

    def __init__(self) -> None:
        layout = data_folder("adapters") / "national"
        self.rows = _known(tomllib.loads((layout / "application.mapping.toml").read_text())["rows"])
        self.codes = {
            path.stem: tomllib.loads(path.read_text())["values"] for path in (layout / "codes").glob("*.toml")
        }
        self.schema = Draft202012Validator(json.loads((layout / "schema" / "application.schema.json").read_text()))


def _known(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known = [{"digits": 12, **row} for row in rows if row.get("codec") not in _UNKNOWN_CODECS]
    known = [row | {name: row[name][0] for name in ("true", "false") if name in row} for row in known]
    return [row | {"rows": _known(row["rows"])} if "rows" in row else row for row in known]


def canonical_validator() -> Draft202012Validator:
    """Return the validator of canonical applications, compiled once."""
    files = (data_folder("schemas") / "canonical" / "v1").glob("*.json")
    schemas = {schema["$id"]: schema for schema in (json.loads(path.read_text()) for path in files)}
    registry: Registry[Any] = Registry().with_resources(
        (uri, Resource.from_contents(schema)) for uri, schema in schemas.items()
    )
    application = next(schema for uri, schema in schemas.items() if uri.endswith("/application"))
    return Draft202012Validator(application, registry=registry)


def token(key: Any, issuer: str, audience: str, **claims: object) -> str:
    """Return a JWT that carries a document."""
    now = int(time.time())
    standard = {"iss": issuer, "aud": audience, "iat": now, "exp": now + 300, "jti": str(uuid.uuid4())}
    return jwt.encode({**standard, **claims}, key, algorithm=ALGORITHM)


class Gateway:
    """Both roles."""

    def __init__(self, database: Path, next_url: str) -> None:
        self._database = database
        self._next = next_url
        self._layout = National()
        self._canonical = canonical_validator()

    async def resources(self, _: web.Application) -> AsyncIterator[None]:
        """Keep the database and a pool of connections to B while the application runs."""
        async with aiosqlite.connect(self._database) as self._store, aiohttp.ClientSession() as self._session:
            await self._store.execute("PRAGMA journal_mode = WAL")
            await self._store.execute("PRAGMA synchronous = FULL")
            await self._store.execute("CREATE TABLE kept (id TEXT PRIMARY KEY, body TEXT, receipt TEXT)")
            yield

    async def submit(self, request: web.Request) -> web.Response:
        """Be A."""
        text = await request.text()
        claims = jwt.decode(text, CLIENT.public_key(), algorithms=[ALGORITHM], audience="a")
        self._layout.schema.validate(claims["document"])
        document = self._layout.to_canonical(claims["document"])
        self._canonical.validate(document)
        exchange = str(uuid.uuid4())
        await self._keep(exchange, text)
        async with self._session.post(
            self._next, data=token(A, "a", "b", exchange=exchange, document=document)
        ) as answer:
            answer.raise_for_status()
            receipt = await answer.text()
        jwt.decode(receipt, B.public_key(), algorithms=[ALGORITHM], audience="a")
        await self._store.execute("UPDATE kept SET receipt = ? WHERE id = ?", (receipt, exchange))
        await self._store.commit()
        return web.json_response({"receipt": self._receipt(A, "a", "client", exchange, text)}, status=202)

    async def take(self, request: web.Request) -> web.Response:
        """Be B."""
        text = await request.text()
        claims = jwt.decode(text, A.public_key(), algorithms=[ALGORITHM], audience="b")
        self._canonical.validate(claims["document"])
        await self._keep(claims["exchange"], json.dumps(self._layout.to_regional(claims["document"])))
        return web.Response(text=self._receipt(B, "b", "a", claims["exchange"], text), status=202)

    def _receipt(self, key: Any, issuer: str, audience: str, exchange: str, text: str) -> str:
        return token(key, issuer, audience, exchange=exchange, digest=sha256(text.encode()).hexdigest())

    async def _keep(self, exchange: str, body: str) -> None:
        await self._store.execute("INSERT INTO kept (id, body) VALUES (?, ?)", (exchange, body))
        await self._store.commit()


def main(role: str, port: str, folder: str, port_of_b: str) -> None:
    """Serve until terminated."""
    gateway = Gateway(Path(folder) / f"textbook-{role}.sqlite", f"http://127.0.0.1:{port_of_b}/")
    app = web.Application()
    app.cleanup_ctx.append(gateway.resources)
    app.router.add_post("/", gateway.submit if role == "a" else gateway.take)
    asyncio.run(run(app, int(port)))


if __name__ == "__main__":
    main(*sys.argv[1:])
