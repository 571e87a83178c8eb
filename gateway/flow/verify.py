"""Check a whole log the way an auditor would, reading it as a stream: memory does not grow with it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Final, TypeVar

from gateway.core.audit.note import LogKey
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

    size = (await log.head()).size

    def stream(read: Callable[[int, int], Awaitable[Sequence[T]]]) -> Iterator[T]:
        for start in range(0, size, _CHUNK):
            yield from now(read(start, min(_CHUNK, size - start)))

    def notes() -> Iterator[bytes]:
        after = -1
        while kept := now(log.checkpoints(after=after, limit=_CHUNK)):
            yield from (each.note.encode() for each in kept if each.size <= size)
            after = kept[-1].size

    return await asyncio.to_thread(verify_log, stream(log.leaves), notes(), key, stream(log.index_rows))


async def _awaited(work: Awaitable[T]) -> T:
    return await work
