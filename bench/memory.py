"""How much memory a gateway holds when idle, and whether an import's grows with its file.

    python -m bench.memory [--json]

The idle gateway is measured 3 s after it says that it listens. The import runs in a process of its own, on 10,000 and
on 100,000 items in the national layout: its peak must not differ by more than a tenth.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

from bench.documents import ANKANG
from bench.gateways import running, set_up, sites
from bench.options import options
from bench.processes import disk
from bench.rounds import print_json, print_table
from gateway.demo.layouts.national import NationalLayout

SETTLING_S = 3.0
FEW, MANY = 10_000, 100_000
MIB = 1 << 20
TARGETS = {"idle_mib": 120, "growth": 1.1, "import_s": 60}
GOALS = {"idle_mib": 90, "growth": 1.1, "import_s": 20}


def main() -> None:
    """Measure and print."""
    chosen = options("memory of an idle gateway and of an import")
    with disk() as folder:
        idle_mib = round(_idle_bytes(folder) / MIB, 1)
        few, many = (_import(folder, count) for count in (FEW, MANY))
    growth = round(many["peak_mib"] / few["peak_mib"], 3)
    rows: list[tuple[object, ...]] = [("idle gateway", idle_mib, "", "")]
    rows += [(f"import of {each['items']:,}", each["peak_mib"], each["seconds"], each["per_s"]) for each in (few, many)]
    print_table("Memory", ("process", "MiB", "seconds", "items/s"), rows)
    print(f"the larger import's peak is x {growth} of the smaller one's (targets {TARGETS}, goals {GOALS})")
    if chosen.json:
        told = {"idle_mib": idle_mib, "few": few, "many": many, "growth": growth}
        print_json("memory", {**told, "target": TARGETS, "goal": GOALS})


def _idle_bytes(folder: Path) -> int:
    site, _ = sites(folder)
    set_up(site)
    with running(site) as gateway:
        time.sleep(SETTLING_S)
        return gateway.rss_bytes


def _import(folder: Path, count: int) -> dict[str, float]:
    lines, store = folder / f"{count}.ndjson", folder / f"{count}.sqlite"
    with lines.open("wb") as file:
        file.writelines(item + b"\n" for item in NationalLayout().items(ANKANG, count))
    command = [sys.executable, "-m", "bench.importing", str(lines), f"sqlite:///{store.absolute()}"]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    if told["items"] != count or told["faults"]:
        sys.exit(f"of {count} items {told['items']} were kept, {told['faults']} refused")
    return {
        "items": count,
        "seconds": round(told["seconds"], 1),
        "per_s": round(count / told["seconds"]),
        "peak_mib": round(told["peak_bytes"] / MIB, 1),
    }


if __name__ == "__main__":
    main()
