"""What a gateway does when three times as much arrives as it can carry, for a minute: who is let in, and what of it.

    python -m bench.overload [--json] [--seconds N]

First the sustainable rate is found: 64 connections, each sending when the last answer is there, until all is relayed to
the second gateway and settled. Then three times as much is sent by the clock, whether or not answers come (so a slow
answer makes nothing slower that follows, and its latency counts from when it was due). Whoever is refused does not come
again. Then everything that was accepted must be settled here and have arrived there, once.

The load generator shares the machine's two cores with both gateways: what it takes of them is theirs neither in the
sustainable rate nor under overload, but there is three times as much of it under overload.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter

import uvloop

from bench import documents
from bench.gateways import Site, counted, running, set_up, sites
from bench.load import Link, connected, replay
from bench.options import options
from bench.processes import Server, disk
from bench.rounds import print_json, print_table

TIMES = 3
CONNECTIONS = 64  # while the sustainable rate is found
MOST_LINKS = 900  # below what a gateway holds open, so that it is the gate that is measured
WARM_UP = 400
TICK_S = 0.005
POLL_S = 0.05
SETTLE_S = 600.0  # an accepted backlog that takes longer is a fault
MIB = 1 << 20
TARGETS = {"goodput": 0.8, "refusal_p99_ms": 1000, "accepted_p99_ms": 2000, "growth": 1.1}
_names = count()


@dataclass(kw_only=True)
class Flood:
    """What came of the requests that were sent by the clock."""

    latencies_ms: dict[int, list[float]] = field(default_factory=dict)  # by status
    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def took(self, status: int, seconds: float) -> None:
        """Count an answer."""
        self.outcomes[str(status)] += 1
        self.latencies_ms.setdefault(status, []).append(seconds * 1000)

    def percentile_ms(self, status: int, share: float) -> float:
        """Return the latency that this share of the answers with a status did not exceed."""
        found = sorted(self.latencies_ms.get(status, [0.0]))
        return round(found[min(len(found) - 1, int(share * len(found)))], 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """The two gateways, and what can be counted of them."""

    a: Site
    b: Site
    processes: tuple[Server, Server]

    def pending(self) -> int:
        """Return how many deliveries of A are under way."""
        return counted(self.a.file, "SELECT count(*) FROM deliveries WHERE state <> 'settled'")

    def settled(self) -> int:
        """Return how many deliveries of A have been receipted by B."""
        return counted(self.a.file, "SELECT count(*) FROM deliveries WHERE state = 'settled'")

    def arrived(self) -> tuple[int, int]:
        """Return how many applications are at B, and how many different exchanges they came with."""
        wanted = ("count(*)", "count(DISTINCT exchange)")
        some, different = (counted(self.b.file, f"SELECT {each} FROM applications") for each in wanted)
        return some, different


def main() -> None:
    """Measure, wait for what was accepted, count, print."""
    chosen = options("three times the sustainable rate", seconds=60.0, rounds=1)
    with disk() as folder:
        figures, faults = _measured(folder, chosen.seconds)
    rows = [(name, value) for name, value in figures.items() if name != "rss_mib"]
    print_table(f"Overload, {TIMES} times the sustainable rate for {chosen.seconds:g} s", ("figure", "value"), rows)
    print(f"memory of the gateway that is overloaded, MiB, over time: {figures['rss_mib']}")
    print(f"targets {TARGETS}")
    for fault in faults:
        print(f"FAULT {fault}")
    if chosen.json:
        print_json("overload", {**figures, "target": TARGETS, "faults": faults})
    if faults:
        raise SystemExit(1)


def _measured(folder: Path, seconds: float) -> tuple[dict[str, object], list[str]]:
    a, b = sites(folder)
    set_up(a, b)
    with running(a) as at_a, running(b) as at_b:
        pair = Pair(a=a, b=b, processes=(at_a, at_b))
        _sustained(pair, WARM_UP)
        rate = median(_sustained(pair, 3 * WARM_UP) for _ in range(3))
        before = pair.settled()
        requests = a.requests(documents.applications(f"flood-{next(_names)}", int(TIMES * rate * seconds)))
        rss: list[float] = [round(at_a.rss_bytes / MIB, 1)]
        flood = uvloop.run(_flood(pair, requests, TIMES * rate, rss))
        within = pair.settled() - before
        drained = _until_settled(pair)
        figures = _figures(flood, rate, within, drained, rss)
        return figures, list(_faults(pair, flood, before, drained))


def _sustained(pair: Pair, relays: int) -> float:
    """Return relays a second, from the first submission until the last is settled."""
    requests, before = pair.a.requests(documents.applications(f"calm-{next(_names)}", relays)), pair.settled()
    seconds = uvloop.run(replay(pair.a.port, requests, CONNECTIONS)).seconds + _until_settled(pair)
    return (pair.settled() - before) / seconds


def _until_settled(pair: Pair) -> float:
    """Wait until nothing is under way any more; return how long that took."""
    return uvloop.run(_settling(pair))


async def _settling(pair: Pair) -> float:
    started = perf_counter()
    while pair.pending() and perf_counter() - started < SETTLE_S:  # noqa: ASYNC110 - other processes do the work
        await asyncio.sleep(POLL_S)
    return perf_counter() - started


async def _flood(pair: Pair, requests: Sequence[bytes], rate: float, rss: list[float]) -> Flood:
    flood, idle, busy = Flood(), list[Link](), set[asyncio.Task[None]]()
    watching = asyncio.create_task(_watch(pair.processes[0], rss))
    started = perf_counter()
    for at, request in enumerate(requests):
        due = started + at / rate
        while (now := perf_counter()) < due:  # noqa: ASYNC110 - the clock is what is waited for
            await asyncio.sleep(max(TICK_S, due - now))
        if len(busy) >= MOST_LINKS:
            flood.outcomes["not_sent"] += 1  # as if their connection were refused
            await asyncio.sleep(0)
            continue
        task = asyncio.create_task(_send(pair.a.port, request, due, idle, flood))
        busy.add(task)
        task.add_done_callback(busy.discard)
    flood.seconds = perf_counter() - started
    await asyncio.gather(*busy)
    watching.cancel()
    for link in idle:
        link.close()
    return flood


async def _send(port: int, request: bytes, due: float, idle: list[Link], flood: Flood) -> None:
    try:
        link = idle.pop() if idle else await connected(port)
        status = await link.exchange(request)
    except OSError:
        flood.outcomes["cut"] += 1
        return
    flood.took(status, perf_counter() - due)
    if link.open:
        idle.append(link)


async def _watch(process: Server, rss: list[float]) -> None:
    with suppress(FileNotFoundError):
        while True:
            await asyncio.sleep(1)
            rss.append(round(process.rss_bytes / MIB, 1))


def _figures(flood: Flood, rate: float, within: int, drained: float, rss: list[float]) -> dict[str, object]:
    half = max(1, len(rss) // 2)
    accepted = flood.outcomes["202"]
    return {
        "sustainable_per_s": round(rate),
        "offered_per_s": round(sum(flood.outcomes.values()) / flood.seconds),
        "accepted_per_s": round(accepted / flood.seconds),
        "settled_per_s": round(within / flood.seconds),
        "goodput": round(accepted / flood.seconds / rate, 2),
        "refused_per_s": round(flood.outcomes["503"] / flood.seconds),
        "accepted_p50_ms": flood.percentile_ms(202, 0.5),
        "accepted_p99_ms": flood.percentile_ms(202, 0.99),
        "refusal_p50_ms": flood.percentile_ms(503, 0.5),
        "refusal_p99_ms": flood.percentile_ms(503, 0.99),
        "other_outcomes": {name: found for name, found in flood.outcomes.items() if name not in ("202", "503")},
        "settled_after_s": round(drained, 1),
        "rss_idle_mib": rss[0],
        "rss_peak_mib": max(rss),
        "growth": round(max(rss[half:] or rss) / max(rss[:half]), 2),
        "rss_mib": rss[:: max(1, len(rss) // 20)],
    }


def _faults(pair: Pair, flood: Flood, before: int, drained: float) -> Iterator[str]:
    """Yield what a benchmark may not hide: what was accepted and lost, and what happened twice."""
    accepted = flood.outcomes["202"]
    settled, (arrived, different) = pair.settled() - before, pair.arrived()
    if drained >= SETTLE_S:
        yield f"{pair.pending()} not settled after {SETTLE_S:g} s"
    if flood.outcomes["cut"] or flood.outcomes["500"]:
        yield f"{flood.outcomes['cut']} cut off, {flood.outcomes['500']} failed"
    if settled < accepted or (settled != accepted and not flood.outcomes["cut"]):
        yield f"{accepted} accepted, {settled} settled"
    if arrived != before + settled:
        yield f"{before + settled} settled in all, {arrived} arrived"
    if arrived != different:
        yield f"{arrived - different} arrived twice"


if __name__ == "__main__":
    main()
