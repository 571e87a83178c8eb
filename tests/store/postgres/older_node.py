"""A node of the release whose schema was 0001: its very statements, kept in `release_0001/`, over one connection.

It takes exchanges and carries deliveries as that release did, batch by batch in one transaction each. What the server
refuses it answers with 503, as that release did, and its caller comes again with the same exchange.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import asyncpg
import orjson

from gateway.core.audit.entry import IndexRow, index_of
from gateway.core.audit.merkle import leaf_hash
from gateway.core.audit.tiles import TileId, append, edge_tiles, read_edge
from gateway.core.errors import StoreUnavailableError
from gateway.core.model import Application, Exchange
from gateway.flow.ports import Intake, SaltedEntry
from gateway.store.named import statements
from gateway.store.postgres.statements import columns, compiled
from gateway.store.rows import application_row, delivery_row, exchange_row
from gateway.store.times import to_us
from tests.store.samples import NOW, an_entry

_SQL = {
    name: compiled(text)
    for file in (Path(__file__).parent / "release_0001").glob("*.sql")
    for name, text in statements(file).items()
}
_DELIVERY = ("id", "exchange", "kind", "destination", "subject", "media_type", "created_at", "body")
_VERDICT = ("id", "state", "receipt", "code", "retry_at", "faults")
_TAKEN_OVER = (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError)  # by another node: done again at once
_TRIES = 5


class OlderNode:
    """One node; whoever calls it waits for those before."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._free = asyncio.Lock()
        self.refused = 0  # times that it answered 503

    @classmethod
    async def start(cls, url: str) -> "OlderNode":
        settings = {"application_name": "tongban", "lock_timeout": "5000ms", "jit": "off"}
        return cls(await asyncpg.connect(url, server_settings=settings, statement_cache_size=512, command_timeout=60))

    async def stop(self) -> None:
        await self._connection.close()

    async def receive(self, nonce, intake):
        """Return the receipt under which an exchange was taken, now or before."""
        return await self._answered(self._receive, nonce, intake)

    async def relay(self, destination):
        """Carry what waits for a destination; return the exchanges."""
        return await self._answered(self._relay, destination)

    async def _answered(self, job, *asked):
        try:
            for _ in range(_TRIES):
                try:
                    async with self._free, self._connection.transaction():
                        return await job(*asked)
                except _TAKEN_OVER:
                    continue
        except asyncpg.PostgresError as error:
            self.refused += 1
            raise StoreUnavailableError("the store did not answer") from error
        self.refused += 1
        raise StoreUnavailableError("another node is always faster")

    async def _receive(self, nonce, intake):
        used = {"sender": nonce.sender, "jti": nonce.jti, "expires_at": to_us(nonce.expires_at)}
        (found,) = await self._rows("lock_before_taking", used | {"numbers": [intake.exchange.subject]})
        assert found["fresh"]
        earlier = await self._rows("first_takings", {"ids": [intake.exchange.id]})
        if earlier:
            return earlier[0]["receipt"]
        assert intake.exchange.subject not in orjson.loads(found["states"])
        (told,) = await self._rows("take", _taking(intake))
        if told["taken"] != 1:
            raise asyncpg.DeadlockDetectedError  # another node has taken it: asked again, it is found
        await self._seal([intake.entry])
        return intake.exchange.receipt

    async def _relay(self, destination):
        claimed = await self._rows("claim", {"destination": destination, "limit": 32, "now": to_us(NOW)})
        ids = [row["id"] for row in claimed]
        await self._rows("lock_lines", {"ids": ids})
        verdicts = [dict(zip(_VERDICT, (id_, "settled", "theirs", "", None, "[]"), strict=True)) for id_ in ids]
        concluded = await self._rows("conclude", columns(verdicts, _VERDICT))
        await self._rows("promote", {"ids": [row["id"] for row in concluded if row["goes_on"]]})
        await self._rows("clear_backoff", {"destination": destination})
        if ids:
            await self._seal([an_entry(salt=b"s" * 16) for _ in ids])
        return [row["exchange"] for row in claimed]

    async def _seal(self, entries: list[SaltedEntry]) -> None:
        assert not await self._rows("known_entries", {"ids": [each.entry.id for each in entries]})
        (stored,) = await self._rows("lock_head", {})
        edge = read_edge(stored["size"], stored["root"], await self._tiles(edge_tiles(stored["size"])))
        leaves = [each.entry.leaf() for each in entries]
        appended = append(edge, [leaf_hash(leaf) for leaf in leaves])
        salted = [each for each in entries if each.salt]
        new = {
            "leaf": leaves,
            **columns([index_of(each.entry)._asdict() for each in entries], IndexRow._fields),
            "salted": [each.entry.id for each in salted],
            "salt": [each.salt for each in salted],
            "tile_level": [tile.level for tile in appended.tiles],
            "tile_number": [tile.index for tile in appended.tiles],
            "tile_hashes": [tile.hashes for tile in appended.tiles],
        }
        statement = _SQL["grow"]
        sizes = {"old": edge.size, "size": appended.size, "root": appended.root}
        assert await self._connection.execute(statement.sql, *statement.values(new | sizes)) == "UPDATE 1"

    async def _tiles(self, wanted: tuple[TileId, ...]) -> dict[TileId, bytes]:
        named = {"levels": [tile.level for tile in wanted], "numbers": [tile.index for tile in wanted]}
        found = {(row["level"], row["number"]): row["hashes"] for row in await self._rows("tiles", named)}
        return {tile: found[tile.level, tile.index] for tile in wanted}

    async def _rows(self, name: str, named: Mapping[str, object]) -> list[asyncpg.Record]:
        statement = _SQL[name]
        return await self._connection.fetch(statement.sql, *statement.values(named))


def _taking(intake: Intake) -> dict[str, object]:
    begun = [application_row(intake.application)] if intake.application else []
    return {
        **columns([exchange_row(intake.exchange)], tuple(Exchange.__dataclass_fields__)),
        **columns(begun, tuple(Application.__dataclass_fields__), "a_"),
        **columns([], ("number", "state", "at"), "m_"),
        **columns([delivery_row(each) for each in intake.deliveries], _DELIVERY, "d_"),
    }
