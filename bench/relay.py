"""How many applications a pair of gateways relays, beside the least that could do it and the way a textbook would.

    python -m bench.relay [--json] [--seconds N] [--rounds N]

A relay is: signed submission at A, converted, made durable, relayed to B, taken and receipted there, B's receipt
verified and settled durably at A. B also converts to its own system's layout and queues the delivery; carrying that
on is not counted, as B's system has no address. A window begins with the first submission and ends when the last one
is settled. The contenders take turns, each with 64 connections, the same documents, two processes of its own and a
file each on this disk; the load generator is a third process. Everything but TLS is on: replay memory, both schema
checks, conversion both ways, the audit log, a log line a request.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter

import orjson
import uvloop

from bench import documents
from bench.floors import minimal, textbook
from bench.gateways import counted, free_ports, running, set_up, sites
from bench.load import Loaded, http_post, replay
from bench.options import options
from bench.processes import Server, disk, serving
from bench.rounds import in_turn, print_json, print_table

CONNECTIONS = 64
WARM_UP = 400
POLL_S = 0.01
TARGETS = {"minimal": 0.5, "textbook": 4.0}
GOALS = {"minimal": 1.0, "textbook": 8.0}
_windows = count()


@dataclass(frozen=True, kw_only=True, slots=True)
class Contender:
    """A pair of processes that relays."""

    name: str
    port: int
    processes: tuple[Server, Server]
    requests: Callable[[Iterator[bytes]], list[bytes]]
    pending: Callable[[], int]  # submitted at A and not settled there
    settled: Callable[[], int]  # at A, in all
    arrived: Callable[[], int]  # at B, in all


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """What one contender did in one round."""

    relays: int
    seconds: float
    cpu_us: tuple[float, float]  # of A and of B, for each relay
    p50_ms: float  # until A answered the submission
    p99_ms: float
    refused: int

    @property
    def rate(self) -> float:
        """Relays a second."""
        return self.relays / self.seconds


def main() -> None:
    """Measure, check that nothing was lost or doubled, print."""
    chosen = options("relays a second, against a floor and a textbook")
    with disk() as folder, _contenders(folder) as contenders:
        warm = {each.name: _window(each, WARM_UP) for each in contenders}
        windows: dict[str, list[Window]] = {each.name: [] for each in contenders}
        for turn in range(chosen.rounds):
            for each in in_turn(contenders, turn):
                windows[each.name].append(_window(each, int(warm[each.name].rate * chosen.seconds)))
        faults = [fault for each in contenders for fault in _faults(each, [warm[each.name], *windows[each.name]])]
    _tell(windows, faults, as_json=chosen.json)
    if faults:
        raise SystemExit(1)


@contextmanager
def _contenders(folder: Path) -> Iterator[list[Contender]]:
    with ExitStack() as stack:
        a, b = sites(folder)
        set_up(a, b)
        ours = Contender(
            name="ours",
            port=a.port,
            processes=(stack.enter_context(running(a)), stack.enter_context(running(b))),
            requests=a.requests,
            pending=partial(counted, a.file, "SELECT count(*) FROM deliveries WHERE state <> 'settled'"),
            settled=partial(counted, a.file, "SELECT count(*) FROM deliveries WHERE state = 'settled'"),
            arrived=partial(counted, b.file, "SELECT count(*) FROM applications"),
        )
        yield [ours, *(stack.enter_context(_floor(folder, *each)) for each in _FLOORS)]


@contextmanager
def _floor(folder: Path, name: str, requests: Callable[[Iterator[bytes]], list[bytes]]) -> Iterator[Contender]:
    port_a, port_b = free_ports(2)
    module, at_a, at_b = f"bench.floors.{name}", folder / f"{name}-a.sqlite", folder / f"{name}-b.sqlite"
    with (
        serving(module, "b", str(port_b), str(folder), "0") as b,
        serving(module, "a", str(port_a), str(folder), str(port_b)) as a,
    ):
        yield Contender(
            name=name,
            port=port_a,
            processes=(a, b),
            requests=requests,
            pending=partial(counted, at_a, "SELECT count(*) FROM kept WHERE receipt IS NULL"),
            settled=partial(counted, at_a, "SELECT count(*) FROM kept WHERE receipt IS NOT NULL"),
            arrived=partial(counted, at_b, "SELECT count(*) FROM kept"),
        )


def _minimal_requests(bodies: Iterator[bytes]) -> list[bytes]:
    return [http_post("/", {minimal.HEADER: minimal.sign(minimal.CLIENT, body)}, body) for body in bodies]


def _textbook_requests(bodies: Iterator[bytes]) -> list[bytes]:
    tokens = (textbook.token(minimal.CLIENT, "client", "a", document=orjson.loads(body)) for body in bodies)
    return [http_post("/", {"Content-Type": "application/jwt"}, token.encode()) for token in tokens]


_FLOORS = (("minimal", _minimal_requests), ("textbook", _textbook_requests))


def _window(contender: Contender, relays: int) -> Window:
    requests = contender.requests(documents.applications(f"{contender.name}-{next(_windows)}", relays))
    before = [process.cpu_s for process in contender.processes]
    loaded, seconds = uvloop.run(_until_settled(contender, requests))
    cpu_a, cpu_b = (
        (process.cpu_s - earlier) / relays * 1e6 for process, earlier in zip(contender.processes, before, strict=True)
    )
    return Window(
        relays=relays,
        seconds=seconds,
        cpu_us=(cpu_a, cpu_b),
        p50_ms=loaded.percentile_ms(0.5),
        p99_ms=loaded.percentile_ms(0.99),
        refused=loaded.refused,
    )


async def _until_settled(contender: Contender, requests: Sequence[bytes]) -> tuple[Loaded, float]:
    started = perf_counter()
    loaded = await replay(contender.port, requests, CONNECTIONS)
    while True:
        settled = perf_counter()
        if contender.pending() == 0:
            return loaded, settled - started
        await asyncio.sleep(POLL_S)


def _faults(contender: Contender, windows: Sequence[Window]) -> Iterator[str]:
    """Yield what a benchmark may not hide: refusals, losses, doubles."""
    submitted, refused = sum(each.relays for each in windows), sum(each.refused for each in windows)
    if refused:
        yield f"{contender.name}: {refused} of {submitted} submissions refused"
    for where, found in (("settled at A", contender.settled()), ("arrived at B", contender.arrived())):
        if found != submitted:
            yield f"{contender.name}: {submitted} submitted, {found} {where}"


def _tell(windows: Mapping[str, Sequence[Window]], faults: Sequence[str], *, as_json: bool) -> None:
    figures = {name: _figures(found) for name, found in windows.items()}
    ratios = {name: round(_ratio(windows["ours"], windows[name]), 2) for name in TARGETS}
    cpu_ratios = {name: round(_cpu_ratio(windows["ours"], windows[name]), 2) for name in TARGETS}
    rows = [(name, *each.values(), ratios.get(name, ""), cpu_ratios.get(name, "")) for name, each in figures.items()]
    header = (
        "contender",
        "relays/s",
        "least",
        "most",
        "CPU A us",
        "CPU B us",
        "p50 ms",
        "p99 ms",
        "ours is x",
        "by CPU x",
    )
    print_table(f"Relay, {CONNECTIONS} connections (targets {TARGETS}, goals {GOALS})", header, rows)
    for fault in faults:
        print(f"FAULT {fault}")
    if as_json:
        print_json(
            "relay",
            {
                **figures,
                "ratio": ratios,
                "cpu_ratio": cpu_ratios,
                "target": TARGETS,
                "goal": GOALS,
                "faults": list(faults),
            },
        )


def _figures(windows: Sequence[Window]) -> dict[str, float]:
    rates = [each.rate for each in windows]
    return {
        "relays_per_s": round(median(rates)),
        "least": round(min(rates)),
        "most": round(max(rates)),
        "cpu_a_us": round(median(each.cpu_us[0] for each in windows)),
        "cpu_b_us": round(median(each.cpu_us[1] for each in windows)),
        "submit_p50_ms": round(median(each.p50_ms for each in windows), 1),
        "submit_p99_ms": round(median(each.p99_ms for each in windows), 1),
    }


def _ratio(ours: Sequence[Window], other: Sequence[Window]) -> float:
    """Return the median over rounds, so that both sides of a ratio met the same weather."""
    return median(mine.rate / theirs.rate for mine, theirs in zip(ours, other, strict=True))


def _cpu_ratio(ours: Sequence[Window], other: Sequence[Window]) -> float:
    """Return the same by CPU spent on a relay, A and B together: what a machine busy with other things still tells."""
    return median(sum(theirs.cpu_us) / sum(mine.cpu_us) for mine, theirs in zip(ours, other, strict=True))


if __name__ == "__main__":
    main()
