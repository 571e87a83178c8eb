"""An import of service items as a process under measurement; prints what it kept, how long it took and its peak.

python -m bench.importing FILE.ndjson STORE-URL
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from time import perf_counter

from bench.documents import ANKANG, LAYOUT
from gateway.core.conversion.loading import load_adapter
from gateway.core.model import Identity
from gateway.flow.entries import WriteEntries
from gateway.flow.import_items import ImportItems, ItemList
from gateway.resources import data_folder, read_adapter_folder, shipped_code_lists
from gateway.store import open_store
from gateway.workers import converting
from gateway.world import SystemChance, SystemClock


async def bring_in(file: Path, url: str, layout: str = LAYOUT) -> dict[str, float]:
    """Import a file as `tongban item import` does."""
    store = await open_store(url, create=True)
    identity = Identity(id="ankang.gateway", region=ANKANG, url="http://127.0.0.1")
    entries = WriteEntries(identity=identity, clock=SystemClock(), chance=SystemChance())
    bring = ImportItems(imports=store, entries=entries, clock=SystemClock())
    files = read_adapter_folder(data_folder("adapters") / layout)
    started, spent = perf_counter(), cpu_s()
    with file.open("rb") as lines:
        given = ItemList(file=lines, adapter=load_adapter(files, shipped_code_lists()))
        async with converting(files, given.kind, os.cpu_count() or 1) as convert:
            done = await bring(given, convert)
        await bring.finish(given, done)
    seconds = perf_counter() - started
    await store.close()
    kept = {"items": done.added, "unchanged": done.unchanged, "faults": done.faulty}
    return {**kept, "seconds": seconds, "cpu_s": cpu_s() - spent, "peak_bytes": peak_bytes()}


def cpu_s() -> float:
    """Return the processor time of this process and of those of its children that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def peak_bytes() -> int:
    """Return the most memory this process ever had resident; getrusage would count its parent's, see getrusage(2)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def main(file: str, url: str) -> None:
    """Import, and tell."""
    print(json.dumps(asyncio.run(bring_in(Path(file), url))))


if __name__ == "__main__":
    main(*sys.argv[1:])
