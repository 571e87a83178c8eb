"""Check a whole log the way an auditor would, reading it as a stream: memory does not grow with it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Final, TypeVar

from gateway.core.audit.merkle import HASH_BYTES
from gateway.core.audit.note import LogKey
from gateway.core.audit.tiles import WIDTH, TileId
from gateway.core.audit.verify import Report, verify_log
from gateway.flow.ports import Log

T = TypeVar("T")

_CHUNK: Final = 4_096  # entries held at once


async def verify_stored_log(log: Log, key: LogKey) -> Report:
    """Judge every leaf, checkpoint and index row of a log; what is appended meanwhile may or may not be included."""
    loop = asyncio.get_running_loop()

    def now(work: Awaitable[T]) -> T:
        """Wait, in the verifying thread, for what the loop reads."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(_awaited(work), loop)
        return future.result()

    size, retired = (await log.head()).size, await log.retired_size()

    def stream(read: Callable[[int, int], Awaitable[Sequence[T]]]) -> Iterator[T]:
        for start in range(retired, size, _CHUNK):
            yield from now(read(start, min(_CHUNK, size - start)))

    def hashes() -> Iterator[bytes]:
        for start in range(0, retired, WIDTH):
            tile = TileId(0, start // WIDTH, min(WIDTH, retired - start))
            held = now(log.tiles([tile])).get(tile, b"")[: tile.width * HASH_BYTES]
            yield from (held[at : at + HASH_BYTES] for at in range(0, len(held), HASH_BYTES))

    def notes() -> Iterator[bytes]:
        after = -1
        while kept := now(log.checkpoints(after=after, limit=_CHUNK)):
            yield from (each.note.encode() for each in kept if each.size <= size)
            after = kept[-1].size

    return await asyncio.to_thread(
        partial(verify_log, retired=hashes()), stream(log.leaves), notes(), key, stream(log.index_rows)
    )


async def _awaited(work: Awaitable[T]) -> T:
    return await work
