"""An import of service items as a process under measurement; prints what it kept, how long it took and its peak.

python -m bench.importing FILE.ndjson STORE-URL
"""

import asyncio
import json
import resource
import sys
from pathlib import Path
from time import perf_counter

from bench.documents import ANKANG, LAYOUT
from gateway.core.model import DocumentKind, Identity
from gateway.flow.entries import WriteEntries
from gateway.flow.import_items import ImportItems, LineFault
from gateway.resources import shipped_adapters, shipped_forms
from gateway.store import open_store
from gateway.world import SystemChance, SystemClock

_KIB = 1024  # ru_maxrss on Linux


async def bring_in(file: Path, url: str) -> dict[str, float]:
    """Import a file as `tongban item import` does."""
    store = await open_store(url, create=True)
    identity = Identity(id="ankang.gateway", region=ANKANG, url="http://127.0.0.1")
    entries = WriteEntries(identity=identity, clock=SystemClock(), chance=SystemChance())
    bring = ImportItems(items=store, form=shipped_forms()[DocumentKind.SERVICE_ITEM], entries=entries)
    faults: list[LineFault] = []
    adapter = shipped_adapters()[LAYOUT]
    started = perf_counter()
    with file.open("rb") as lines:
        done = await bring(lines, adapter, on_fault=faults.append)
    seconds = perf_counter() - started
    await store.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB
    return {"items": done.kept.added, "faults": len(faults), "seconds": seconds, "peak_bytes": peak}


def main(file: str, url: str) -> None:
    """Import, and tell."""
    print(json.dumps(asyncio.run(bring_in(Path(file), url))))


if __name__ == "__main__":
    main(*sys.argv[1:])
