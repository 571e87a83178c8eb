"""Converting on every core: processes that each load the adapter once, and end with the one that began them."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait

from gateway.core.conversion.loading import load_adapter
from gateway.core.model import DocumentKind
from gateway.flow.convert_records import Convert, Converted, ConvertRecords
from gateway.flow.records import Record
from gateway.resources import shipped_code_lists, shipped_forms

_converting: list[ConvertRecords] = []  # in a worker process: the one that it was begun for


@asynccontextmanager
async def converting(files: Mapping[str, bytes], kind: DocumentKind, workers: int) -> AsyncIterator[Convert]:
    """Convert with the adapter in these files: in so many processes, or here where there are none."""
    if workers < 1:
        yield _load(files, kind)
        return
    # Not forked: this process has threads. A process that is spawned imports what it needs and nothing else.
    pool = ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_begin, initargs=(dict(files), kind)
    )

    async def convert(records: Sequence[Record], media_type: str) -> Converted:
        return await asyncio.get_running_loop().run_in_executor(pool, _convert, records, media_type)

    try:
        yield convert
    finally:
        pool.shutdown(cancel_futures=True)


def _load(files: Mapping[str, bytes], kind: DocumentKind) -> ConvertRecords:
    return ConvertRecords(
        adapter=load_adapter(dict(files), shipped_code_lists()), form=shipped_forms()[kind], kind=kind
    )


def _begin(files: dict[str, bytes], kind: DocumentKind) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that began us
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _converting.append(_load(files, kind))


def _end_with_parent() -> None:
    """End at once when the parent is gone, however it went: nothing here has to be kept."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)


def _convert(records: Sequence[Record], media_type: str) -> Converted:
    return _converting[0].convert(records, media_type)
