"""What adapters that mean harm cost on the bench: processor time each, and how late a busy event loop got meanwhile.

python -m bench.hostile [--json]
"""

import asyncio
import json
import resource
import sys
from time import perf_counter

from gateway.adapters.bench import ProcessBench
from gateway.core.errors import AdapterError
from tests.adapters.hostile import FILES


async def measure() -> dict[str, dict[str, object]]:
    """Judge each, and return what became of it."""
    bench, lateness = ProcessBench(), [0.0]
    beating = asyncio.create_task(_beat(lateness))
    found: dict[str, dict[str, object]] = {}
    for name, make in FILES.items():
        files, before = make(), _spent()
        await asyncio.sleep(0.05)  # making them was this loop's own work
        lateness[0] = 0.0
        try:
            outcome = "passed" if (await bench.judge(files)).passed else "draft"
        except AdapterError as error:
            outcome = error.code
        cpu_s = round(_spent() - before, 2)
        found[name] = {"outcome": outcome, "cpu_s": cpu_s, "loop_late_ms": round(lateness[0] * 1000)}
        print(f"{name:38} {outcome:20} {cpu_s:6.2f} s {found[name]['loop_late_ms']:>5} ms")
    beating.cancel()
    return found


async def _beat(lateness: list[float]) -> None:
    while True:
        started = perf_counter()
        await asyncio.sleep(0.005)
        lateness[0] = max(lateness[0], perf_counter() - started - 0.005)


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    figures = asyncio.run(measure())
    if "--json" in sys.argv:
        print(json.dumps({"bench": "hostile", "adapters": figures}))
