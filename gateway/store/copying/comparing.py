"""Compares both ends of a copy: every row of every table, and the root of the log, computed from its leaves."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from gateway.core.audit.merkle import HASH_BYTES, fold, grow, leaf_hash
from gateway.core.audit.tiles import WIDTH
from gateway.core.errors import CorruptedError
from gateway.flow.ports import Retired, TreeHead
from gateway.store.copying.ends import End
from gateway.store.copying.shape import TABLES, Table

_encode = msgspec.msgpack.Encoder().encode
_BY_NAME = {table.name: table for table in TABLES}


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """How many rows a table has, and a digest of all that they say."""

    rows: int
    digest: bytes


async def content_of(end: End, table: Table) -> Content:
    """Read a table in the order of its key, which is the same in every store."""
    digest, rows = sha256(), 0
    async with aclosing(end.rows(table)) as batches:
        async for batch in batches:
            for row in batch:
                digest.update(_encode(row))
            rows += len(batch)
    return Content(rows=rows, digest=digest.digest())


async def compare(source: End, target: End, tell: Callable[[str, int], None]) -> None:
    """Return only if every table has the same rows at both ends; else CorruptedError `copy_differs`."""
    for table in TABLES:
        theirs, ours = await content_of(source, table), await content_of(target, table)
        if theirs != ours:
            told = f"{theirs.rows} rows in the source, {ours.rows} in the copy"
            raise CorruptedError(f"the copy of {table.name} differs: {told}", code="copy_differs")
        tell(table.name, ours.rows)


async def recomputed_head(end: End) -> TreeHead:
    """Return the head that the leaves of a log have, and the hashes of those that were retired.

    Raises CorruptedError where the stored head or the newest checkpoint says otherwise, or a leaf is missing.
    """
    stored, (size, root) = (await end.origin()).head, await _newest_checkpoint(end)
    peaks: list[bytes] = []
    grown, signed = 0, fold([])
    async with aclosing(_leaf_hashes(end)) as hashes:
        async for position, hashed in hashes:
            if position != grown:
                raise CorruptedError(f"the log has no entry {grown}", code="log_gap")
            grow(peaks, grown, hashed)
            grown += 1
            if grown == size:
                signed = fold(peaks)
    head = TreeHead(size=grown, root=fold(peaks))
    if head != stored:
        raise CorruptedError("the leaves do not have the stored root", code="log_root_differs")
    if size > grown or (size >= 0 and signed != root):
        raise CorruptedError("the leaves do not have the root that was signed last", code="checkpoint_forked")
    return head


async def _leaf_hashes(end: End) -> AsyncGenerator[tuple[int, bytes], None]:
    """Yield the hash of every entry by position: of those that were retired, as the tree has it."""
    retired = 0
    async with aclosing(end.rows(_BY_NAME["retirements"])) as batches:
        async for batch in batches:
            retired = max(retired, *(size for _, kind, _, size, *_ in batch if kind == Retired.ENTRIES), 0)
    async with aclosing(end.rows(_BY_NAME["tiles"])) as batches:
        async for batch in batches:
            for level, number, hashes in batch:
                for at in range(0, len(hashes), HASH_BYTES) if level == 0 else ():
                    if (position := number * WIDTH + at // HASH_BYTES) < retired:
                        yield position, hashes[at : at + HASH_BYTES]
    async with aclosing(end.rows(_BY_NAME["leaves"])) as batches:
        async for batch in batches:
            for position, leaf in batch:
                yield position, leaf_hash(leaf)


async def _newest_checkpoint(end: End) -> tuple[int, bytes]:
    newest = (-1, b"")
    async with aclosing(end.rows(_BY_NAME["checkpoints"])) as batches:
        async for batch in batches:
            newest = batch[-1][:2]
    return newest
