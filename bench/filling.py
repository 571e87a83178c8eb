"""Grows the tables of a store on PostgreSQL to a size, as if so many applications had been relayed long ago.

Rows are copies of one that the gateway wrote itself, with keys of their own in the form and the order that keys have:
ids of exchanges, deliveries and entries run with time over two years, collaboration numbers are spread at random. What
no statement searches by is shortened (bodies, tokens, receipts), or ten million would not fit a small disk. The tree of
the log is computed, for a gateway that is to append must find it whole.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg

from gateway.core.audit.merkle import leaf_hash
from gateway.core.audit.tiles import Edge, append, edge_tiles, read_edge

CHUNK: Final = 20_000  # applications copied at once
_SPAN_MS: Final = 730 * 24 * 3_600_000
_SHORT: Final = 40
_LEAF: Final = 200
_PART: Final = 1 << 20
# Of the rows of a table, what is not copied: numbers that the database gives.
_GIVEN: Final = {"sequence"}
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sample:
    """What one relayed application left in each table."""

    exchange: dict[str, Any]
    application: dict[str, Any]
    delivery: dict[str, Any]
    index: Sequence[dict[str, Any]]
    leaves: Sequence[bytes]


async def fill(url: str, applications: int) -> None:
    """Have as many applications in a store as said, each with its exchange, its settled delivery and its entries.

    The gateway has relayed at least one by itself, and is idle meanwhile.
    """
    connection = await asyncpg.connect(url)
    try:
        there = await connection.fetchval("SELECT count(*) FROM applications")
        sample = await _sample(connection)
        for start in range(there, applications, CHUNK):
            await _copy(connection, sample, range(start, min(start + CHUNK, applications)), applications)
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def _sample(connection: asyncpg.Connection) -> _Sample:
    delivery = await _row(connection, "SELECT * FROM deliveries WHERE state = 'settled' LIMIT 1")
    number = delivery["subject"]
    index = await connection.fetch("SELECT * FROM entry_index WHERE number = $1 ORDER BY position", number)
    positions = [row["position"] for row in index]
    leaves = await connection.fetch("SELECT leaf FROM leaves WHERE position = ANY($1) ORDER BY position", positions)
    return _Sample(
        exchange=_kept(await _row(connection, "SELECT * FROM taken_exchanges WHERE id = $1", delivery["exchange"])),
        application=_kept(await _row(connection, "SELECT * FROM applications WHERE number = $1", number)),
        delivery=_kept(delivery),
        index=[dict(row) for row in index],
        leaves=[row["leaf"] for row in leaves],
    )


async def _row(connection: asyncpg.Connection, statement: str, *values: object) -> dict[str, Any]:
    """Return the row that must be there."""
    (row,) = await connection.fetch(statement, *values)
    return dict(row)


def _kept(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a row is copied, the long and unsearched shortened."""
    return {
        name: value[:_SHORT] if name in {"body", "token", "receipt"} and value else value
        for name, value in row.items()
        if name not in _GIVEN
    }


async def _copy(connection: asyncpg.Connection, sample: _Sample, numbers: range, of: int) -> None:
    """Write the rows of these applications, and let the tree take in their entries, in one transaction."""
    made = [_keys(number, of) for number in numbers]
    entries = list(_entries(sample, made))
    async with connection.transaction():
        head = await _row(connection, "SELECT size, root FROM tree FOR UPDATE")
        await _make_room(connection, head["size"] + len(entries))
        await _insert(connection, "exchange_ids", [_remembered(keys) for keys in made])
        await _insert(connection, "taken_exchanges", [sample.exchange | _exchange(keys) for keys in made])
        await _insert(connection, "applications", [sample.application | _application(keys) for keys in made])
        await _insert(connection, "deliveries", [sample.delivery | _delivery(keys) for keys in made])
        await _insert(
            connection, "leaves", [{"position": head["size"] + n, "leaf": leaf} for n, (_, leaf) in enumerate(entries)]
        )
        await _insert(
            connection, "entry_index", [row | {"position": head["size"] + n} for n, (row, _) in enumerate(entries)]
        )
        await _insert(
            connection, "entry_salts", [{"position": head["size"] + n, "salt": b"0" * 16} for n in range(len(entries))]
        )
        await _grow(connection, head, [leaf for _, leaf in entries])


async def _make_room(connection: asyncpg.Connection, size: int) -> None:
    """Have partitions of the log up to a size, as a gateway does that grows more slowly."""
    found = await connection.fetch("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^leaves_[0-9]+$'")
    edge = max(int(row["relname"].removeprefix("leaves_")) for row in found) + _PART
    while edge <= size + _PART:
        for parent in ("leaves", "entry_index", "entry_salts"):
            await connection.execute(
                "SELECT make_partition($1, $2, 'position', $3, $4)", parent, str(edge), edge, edge + _PART
            )
        edge += _PART


async def _insert(connection: asyncpg.Connection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    names = list(rows[0])
    await connection.copy_records_to_table(table, columns=names, records=[tuple(row.values()) for row in rows])


async def _grow(connection: asyncpg.Connection, head: Mapping[str, Any], leaves: Sequence[bytes]) -> None:
    appended = append(await _edge(connection, head), [leaf_hash(leaf) for leaf in leaves])
    await connection.executemany(
        "INSERT INTO tiles (level, number, hashes) VALUES ($1, $2, $3) "
        "ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes",
        [(tile.level, tile.index, tile.hashes) for tile in appended.tiles],
    )
    await connection.execute("UPDATE tree SET size = $1, root = $2", appended.size, appended.root)


async def _edge(connection: asyncpg.Connection, head: Mapping[str, Any]) -> Edge:
    wanted = edge_tiles(head["size"])
    found = {
        tile: await connection.fetchval(
            "SELECT hashes FROM tiles WHERE level = $1 AND number = $2", tile.level, tile.index
        )
        for tile in wanted
    }
    return read_edge(head["size"], head["root"], found)


def _keys(number: int, of: int) -> dict[str, Any]:
    """Return what is an application's own, at its place in time; the same for one number each time."""
    chance = random.Random(number)
    at_ms = 1_700_000_000_000 + _SPAN_MS * number // of
    stem = f"{at_ms >> 16:08x}-{at_ms & 0xFFFF:04x}-7{chance.getrandbits(12):03x}-8{chance.getrandbits(12):03x}"
    return {
        "at": at_ms * 1000,
        "exchange": f"{stem}-{number:012x}",
        "delivery": f"{stem}-{number + (1 << 40):012x}",
        "stem": stem,
        "place": number,
        "number": "".join(chance.choices(_ALPHABET, k=14)) + f"{number:x}".upper(),
    }


def _remembered(keys: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": UUID(keys["exchange"]).bytes, "received_at": keys["at"]}


def _exchange(keys: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": keys["exchange"], "subject": keys["number"], "received_at": keys["at"]}


def _application(keys: Mapping[str, Any]) -> dict[str, Any]:
    return {"number": keys["number"], "exchange": keys["exchange"], "created_at": keys["at"], "updated_at": keys["at"]}


def _delivery(keys: Mapping[str, Any]) -> dict[str, Any]:
    at = {"created_at": keys["at"], "due_at": keys["at"]}
    return {"id": keys["delivery"], "exchange": keys["exchange"], "subject": keys["number"]} | at


def _entries(sample: _Sample, made: Sequence[Mapping[str, Any]]) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yield the rows of the auditors' index, and leaves."""
    for keys in made:
        for place, (row, leaf) in enumerate(zip(sample.index, sample.leaves, strict=True)):
            id_ = f"{keys['stem']}-{keys['place'] * 8 + place + (1 << 41):012x}"
            own = {"exchange": keys["exchange"], "number": keys["number"], "recorded_ms": keys["at"] // 1000}
            yield {**row, "id": id_, **own}, leaf[:_LEAF] + id_.encode()
