"""How the cost of a relay grows: with nodes, with what is stored already, with partners, with the size of documents.

    python -m bench.scale [--json] [--seconds N] [--rounds N] [--largest N] [--only NAME] [--folder F]

Everything runs on PostgreSQL, both regions with a server of their own, commits on the disk. All of it shares the two
cores of one machine: more nodes here show what they cost each other, not what more machines would give. A relay is
what `bench.relay` calls one; its cost is the CPU of both regions' nodes and of their databases.
"""

import asyncio
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

import uvloop

from bench import beyond, documents
from bench.clusters import Region, Servers, servers
from bench.filling import fill
from bench.load import Loaded, replay
from bench.processes import disk
from bench.rounds import in_turn, print_json, print_table

CONNECTIONS = 64
POLL_S = 0.02
NODES = (1, 2, 4)
SMALLEST = 10_000
PARTNERS = (10, 100, 1_000)
SIZES = (1_000, 3_000, 30_000, 100_000, 400_000)
TARGET_GROWTH = 1.3
_SPENDERS = ("nodes_a", "database_a", "nodes_b", "database_b")
_STORED = ("kB at A", "kB at B")
_windows = count()


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """What one pair did in one round."""

    relays: int
    seconds: float
    spent_us: tuple[float, ...]  # CPU a relay: A's nodes, A's database, B's nodes, B's database
    p99_ms: float  # until A answered the submission
    stored: tuple[float, ...]  # bytes that A's and B's databases grew by, a relay
    refused: int

    @property
    def cpu_us(self) -> float:
        """All the CPU of a relay."""
        return sum(self.spent_us)


@dataclass(kw_only=True)
class Case:
    """One condition, and what was measured under it."""

    name: str
    regions: tuple[Region, ...]  # A, which is submitted to; and B, where it is measured too
    bodies: Callable[[str, int], Iterator[bytes]]  # documents by a label and how many
    connections: int = CONNECTIONS
    windows: list[Window] = field(default_factory=list)
    relayed: int = 0

    def run(self, relays: int) -> Window:
        """Relay so many applications from A to B, and wait until all are settled."""
        collecting = self.regions[0]
        requests = collecting.site.requests(self.bodies(f"{self.name}-{next(_windows)}", relays))
        spent, stored = _cpu(self.regions), _stored_bytes(self.regions)
        loaded, seconds = uvloop.run(_until_settled(collecting, requests, self.connections))
        self.relayed += relays
        return Window(
            relays=relays,
            seconds=seconds,
            spent_us=tuple((now - then) / relays * 1e6 for now, then in zip(_cpu(self.regions), spent, strict=True)),
            p99_ms=loaded.percentile_ms(0.99),
            stored=tuple((now - then) / relays for now, then in zip(_stored_bytes(self.regions), stored, strict=True)),
            refused=loaded.refused,
        )


def main() -> None:
    """Measure what was asked for, print, and fail where something was lost."""
    chosen = _options()
    told: dict[str, object] = {}
    with _folder(chosen) as folder, servers(folder) as both:
        for name, measure in _MEASURES.items():
            if chosen.only in ("", name):
                told[name] = measure(both, folder, chosen)
    if chosen.json:
        print_json("scale", told)


@contextmanager
def _folder(chosen: "_Options") -> Iterator[Path]:
    """Give a folder that goes away afterwards, or the one that was named, with whatever an earlier run left there."""
    if not chosen.folder:
        with disk() as folder:
            yield folder
        return
    Path(chosen.folder).mkdir(exist_ok=True)
    yield Path(chosen.folder).absolute()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Options:
    json: bool
    seconds: float
    rounds: int
    largest: int
    only: str
    folder: str


def _options() -> _Options:
    parser = ArgumentParser(description="what a relay costs as nodes, tables and documents grow")
    parser.add_argument("--json", action="store_true", help="end with one JSON line")
    parser.add_argument("--seconds", type=float, default=5.0, help="length of a window (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="windows of each (default: %(default)s)")
    parser.add_argument("--largest", type=int, default=1_000_000, help="applications stored (default: %(default)s)")
    parser.add_argument("--only", default="", choices=["", *_MEASURES], help="one measurement alone")
    parser.add_argument("--folder", default="", help="keep the databases here, and go on from those that are here")
    return _Options(**vars(parser.parse_args()))


def _nodes(both: Servers, folder: Path, chosen: _Options) -> object:
    """Measure pairs of regions with one, two and four nodes each."""
    with ExitStack() as stack:
        cases = [_case(stack, both, folder, f"{nodes} nodes", nodes=nodes) for nodes in NODES]
        return _measured("Nodes in each region", cases, chosen)


def _stored(both: Servers, folder: Path, chosen: _Options) -> object:
    """Measure pairs whose tables hold ten thousand applications, and as many as were asked for."""
    sizes = sorted({SMALLEST, chosen.largest})
    with ExitStack() as stack:
        cases = [_case(stack, both, folder, f"{size} stored", nodes=1) for size in sizes]
        for case, size in zip(cases, sizes, strict=True):
            case.run(CONNECTIONS)  # writes the rows that the others are copies of
            started = perf_counter()
            asyncio.run(fill(case.regions[0].site.store, size))
            print(f"filled to {size} in {perf_counter() - started:.0f} s", flush=True)
        told = _measured("Applications stored at A", cases, chosen)
        largest = median(
            many.cpu_us / few.cpu_us for few, many in zip(cases[0].windows, cases[-1].windows, strict=True)
        )
        print(f"a relay with {sizes[-1]} stored costs x {largest:.2f} of one with {sizes[0]} (target {TARGET_GROWTH})")
        return {**told, "growth": round(largest, 2), "target": TARGET_GROWTH}


def _documents(both: Servers, folder: Path, chosen: _Options) -> object:
    """Measure one pair with documents of several sizes."""
    with ExitStack() as stack:
        pair = stack.enter_context(both.pair(folder, "documents", nodes=1))
        cases = [
            Case(
                name=f"{size // 1000} kB",
                regions=pair,
                bodies=partial(documents.applications, size=size),
                # Large ones come over fewer connections, or most of them would wait inside and be turned away.
                connections=max(4, min(CONNECTIONS, 2_000_000 // size)),
            )
            for size in SIZES
        ]
        return _measured("Size of documents", cases, chosen)


def _partners(both: Servers, folder: Path, chosen: _Options) -> object:
    """Measure one region that relays to ten, a hundred and a thousand gateways in turn; theirs is not counted."""
    with ExitStack() as stack:
        cases = [
            Case(
                name=f"{number} partners",
                regions=(stack.enter_context(both.among(folder, f"{number}_partners", number)),),
                bodies=partial(documents.spread, [beyond.region(to) for to in range(number)]),
            )
            for number in PARTNERS
        ]
        return _measured("Partner gateways", cases, chosen)


_MEASURES: Final = {"nodes": _nodes, "stored": _stored, "documents": _documents, "partners": _partners}


def _case(stack: ExitStack, both: Servers, folder: Path, name: str, *, nodes: int) -> Case:
    pair = stack.enter_context(both.pair(folder, name.replace(" ", "_"), nodes=nodes))
    return Case(name=name, regions=pair, bodies=documents.applications)


def _measured(title: str, cases: Sequence[Case], chosen: _Options) -> dict[str, object]:
    """Have every case take its turn in every round; print what came of it."""
    relays = {}
    for case in cases:
        warm = [case.run(5 * case.connections) for _ in range(2)][-1]
        for region in case.regions:
            region.ask("ANALYZE")  # as the server does by itself within minutes: of empty tables it plans badly
        relays[case.name] = max(case.connections, int(warm.relays / warm.seconds * chosen.seconds))
    for turn in range(chosen.rounds):
        for case in in_turn(cases, turn):
            case.windows.append(case.run(relays[case.name]))
    figures = {case.name: _figures(case.windows) for case in cases}
    first = cases[0].windows
    ratios = {
        case.name: round(median(mine.cpu_us / its.cpu_us for mine, its in zip(case.windows, first, strict=True)), 2)
        for case in cases
    }
    header = (
        "case",
        "relays/s",
        "least",
        "most",
        "CPU us",
        *_SPENDERS[: len(first[0].spent_us)],
        "p99 ms",
        *_STORED[: len(first[0].stored)],
        "CPU x first",
    )
    print_table(title, header, [(name, *found.values(), ratios[name]) for name, found in figures.items()])
    for fault in _faults(cases):
        raise SystemExit(f"FAULT {fault}")
    return {**figures, "cpu_ratio": ratios}


def _figures(windows: Sequence[Window]) -> Mapping[str, float]:
    rates = [each.relays / each.seconds for each in windows]
    return {
        "relays_per_s": round(median(rates)),
        "least": round(min(rates)),
        "most": round(max(rates)),
        "cpu_us": round(median(each.cpu_us for each in windows)),
        **{
            f"{name}_us": round(median(each.spent_us[at] for each in windows))
            for at, name in enumerate(_SPENDERS[: len(windows[0].spent_us)])
        },
        "submit_p99_ms": round(median(each.p99_ms for each in windows), 1),
        **{name: round(_mean(windows, at) / 1000, 1) for at, name in enumerate(_STORED[: len(windows[0].stored)])},
    }


def _mean(windows: Sequence[Window], side: int) -> float:
    """Return the bytes a relay added, over all windows: tables grow in steps."""
    return sum(each.stored[side] * each.relays for each in windows) / sum(each.relays for each in windows)


def _faults(cases: Sequence[Case]) -> Iterator[str]:
    """Yield what a benchmark may not hide: refusals, and exchanges of A's that did not arrive at B once each."""
    for case in cases:
        if refused := sum(each.refused for each in case.windows):
            yield f"{case.name}: {refused} submissions refused"
        collecting, *handling = case.regions
        if dead := collecting.ask("SELECT count(*) FROM deliveries WHERE state = 'dead'"):
            yield f"{case.name}: {dead} given up"
        relayed = sum(each.relayed for each in cases if each.regions is case.regions)
        for each in handling:
            if (arrived := each.ask("SELECT count(*) FROM applications") - each.found) != relayed:
                yield f"{case.name}: {relayed} relayed, {arrived} arrived"


def _cpu(regions: Sequence[Region]) -> tuple[float, ...]:
    """Return the CPU used so far by A's nodes, A's database, and the same of B."""
    return tuple(spent for each in regions for spent in each.cpu_s)


def _stored_bytes(regions: Sequence[Region]) -> tuple[int, ...]:
    """Return how large both databases are by now, indexes and what was updated and not yet reused included."""
    return tuple(int(each.ask("SELECT pg_database_size(current_database())")) for each in regions)


async def _until_settled(collecting: Region, requests: Sequence[bytes], connections: int) -> tuple[Loaded, float]:
    started = perf_counter()
    loaded = await replay(collecting.site.port, requests, connections)
    while True:
        settled = perf_counter()
        if await collecting.in_hand() == 0:
            return loaded, settled - started
        await asyncio.sleep(POLL_S)


if __name__ == "__main__":
    main()
