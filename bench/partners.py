"""What fifty dead partners cost the fifty healthy ones: the p99 of submission to settlement, undisturbed and disturbed.

    python -m bench.partners [--json] [--seconds N] [--rounds N]

One gateway, on SQLite on this disk, has a hundred partners, which are another process (bench/beyond.py); a system
submits for them in turn, at a steady rate that does not wait for answers. Three kinds of windows take turns: only the
fifty that never die are submitted for; all hundred are, and live; all hundred are, and half of them are dead, in four
ways: they refuse, say nothing, take twenty seconds, or never end their answer. What is for the dead piles up; between
windows they live and call the gateway, and all that waited must arrive. Latency is read from the log: from when an
application was received to when its delivery was settled, for the fifty that never die.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter
from urllib.request import Request, urlopen

import uvloop

from bench import beyond, documents
from bench.gateways import Site, counted, free_ports, register, running, set_up
from bench.load import Loaded, paced
from bench.options import options
from bench.processes import Server, disk, serving
from bench.rounds import in_turn, print_json, print_table
from gateway.core.audit.entry import Entry, EntryKind, read_entry

PARTNERS = 100
RATE = 15.0  # submissions a second for each half of the partners: well below what the machine can do
CONNECTIONS = 32
POLL_S = 0.1
PATIENCE_S = 120.0
TARGET = 1.2  # times the undisturbed p99
ALONE, LIVING, DEAD = "fifty alone", "all live", "fifty dead"
_windows = count()


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """The gateway under measurement, and the way to tell its partners to die."""

    site: Site
    control: int
    gateway: Server

    def tell(self, word: str) -> None:
        """Say `die` or `live` to half of the partners."""
        with urlopen(Request(f"http://127.0.0.1:{self.control}/{word}", method="POST"), timeout=60) as answer:
            answer.read()

    def pending(self) -> int:
        """Return how many deliveries are not settled."""
        return counted(self.site.file, "SELECT count(*) FROM deliveries WHERE state <> 'settled'")


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """What one window came to."""

    latencies_ms: tuple[float, ...]  # of the partners that never die
    cpu_us: float  # of the gateway, for each submission
    rss_mb: float
    waiting: int  # for the dead, at its end
    drained_s: float  # until all that waited had arrived
    refused: int

    def percentile_ms(self, share: float) -> float:
        """Return the latency that this share did not exceed."""
        ordered = sorted(self.latencies_ms)
        return ordered[max(0, round(share * len(ordered)) - 1)]


def main() -> None:
    """Measure, check that all arrived, print."""
    chosen = options("what dead partners cost the healthy ones", seconds=20.0, rounds=5)
    with disk() as folder, _place(folder) as place:
        _window(place, LIVING, 5.0)
        windows: dict[str, list[Window]] = {ALONE: [], LIVING: [], DEAD: []}
        for turn in range(chosen.rounds):
            for kind in in_turn([*windows], turn):
                windows[kind].append(_window(place, kind, chosen.seconds))
    _tell(windows, as_json=chosen.json)


@contextmanager
def _place(folder: Path) -> Iterator[Place]:
    port, control, *ports = free_ports(2 + PARTNERS)
    site = Site(name="shiyan", region=documents.SHIYAN, port=port, folder=folder / "shiyan")
    set_up(site)
    register(site, [each.partner() for each in beyond.partners(ports)])
    own = (site.identity.id, site.identity.url, str(control), *map(str, ports))
    with serving("bench.beyond", *own), running(site) as gateway:
        yield Place(site=site, control=control, gateway=gateway)


def _window(place: Place, kind: str, seconds: float) -> Window:
    """Submit for so many seconds while half of the partners live or die; then let all live, and all arrive."""
    number, step = next(_windows), 2 if kind == ALONE else 1
    total = int(RATE * seconds * 2 / step)
    bodies = [documents.applications(f"{number}-{to}", total, handling=beyond.region(to)) for to in range(PARTNERS)]
    requests = place.site.requests([next(bodies[at * step % PARTNERS]) for at in range(total)])
    place.tell("die" if kind == DEAD else "live")
    began, cpu = _log_size(place.site.file), place.gateway.cpu_s
    loaded = uvloop.run(_load(place, requests, total / seconds))
    cpu, waiting = place.gateway.cpu_s - cpu, place.pending()
    place.tell("live")
    since = perf_counter()
    asyncio.run(_until(lambda: place.pending() == 0))
    return Window(
        latencies_ms=tuple(_latencies(place.site.file, began)),
        cpu_us=cpu / total * 1e6,
        rss_mb=place.gateway.rss_bytes / 1e6,
        waiting=waiting,
        drained_s=perf_counter() - since,
        refused=loaded.refused,
    )


async def _load(place: Place, requests: Sequence[bytes], rate: float) -> Loaded:
    """Submit at the rate, and wait until all that is for the living has arrived."""
    loaded = await paced(place.site.port, requests, CONNECTIONS, rate)
    mortal = ", ".join(f"'beyond.{number}'" for number in range(1, PARTNERS, 2))
    left = f"SELECT count(*) FROM deliveries WHERE state <> 'settled' AND destination NOT IN ({mortal})"
    await _until(lambda: counted(place.site.file, left) == 0)
    return loaded


async def _until(condition: Callable[[], bool]) -> None:
    for _ in range(int(PATIENCE_S / POLL_S)):
        if condition():
            return
        await asyncio.sleep(POLL_S)
    raise SystemExit("FAULT not all that was submitted has arrived")


def _log_size(file: Path) -> int:
    return counted(file, "SELECT count(*) FROM leaves")


def _latencies(file: Path, began: int) -> Iterator[float]:
    """Yield the milliseconds from receipt to settlement, by the log, of what was for those that never die."""
    received = {}
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        leaves = connection.execute("SELECT leaf FROM leaves WHERE position >= ? ORDER BY position", (began,))
        for entry in (read_entry(leaf) for (leaf,) in leaves):
            if entry.kind is EntryKind.EXCHANGE_RECEIVED:
                received[entry.exchange] = entry.occurred_at
            elif entry.kind is EntryKind.DELIVERY_SETTLED and _never_dies(entry):
                yield (entry.recorded_at - received[entry.exchange]).total_seconds() * 1000


def _never_dies(entry: Entry) -> bool:
    return entry.destination is not None and int(entry.destination.partner.removeprefix("beyond.")) % 2 == 0


def _tell(windows: dict[str, list[Window]], *, as_json: bool) -> None:
    figures = {name: _figures(found) for name, found in windows.items()}
    pooled = {name: _pooled(found) for name, found in windows.items()}
    ratios = {name: round(pooled[DEAD] / pooled[name], 2) for name in (ALONE, LIVING)}
    header = ("window", "p50 ms", "p99 ms", "CPU us", "RSS MB", "waiting", "drained s")
    title = f"{PARTNERS} partners, {RATE:.0f} submissions/s for each half"
    print_table(title, header, [(name, *each.values()) for name, each in figures.items()])
    print(f"p99 with fifty dead, of all rounds: {ratios} times (target {TARGET})")
    if as_json:
        refused = sum(each.refused for found in windows.values() for each in found)
        print_json("partners", {**figures, "ratio": ratios, "target": TARGET, "refused": refused})


def _pooled(windows: Sequence[Window]) -> float:
    ordered = sorted(latency for each in windows for latency in each.latencies_ms)
    return ordered[round(0.99 * len(ordered)) - 1]


def _figures(windows: Sequence[Window]) -> dict[str, float]:
    return {
        "p50_ms": round(median(each.percentile_ms(0.5) for each in windows), 1),
        "p99_ms": round(_pooled(windows), 1),
        "cpu_us": round(median(each.cpu_us for each in windows)),
        "rss_mb": round(max(each.rss_mb for each in windows)),
        "waiting": round(median(each.waiting for each in windows)),
        "drained_s": round(median(each.drained_s for each in windows), 1),
    }


if __name__ == "__main__":
    main()
