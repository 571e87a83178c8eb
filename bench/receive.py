"""What it costs to take an application: a signed submission in, a durable and signed receipt out.

    python -m bench.receive [--json] [--seconds N] [--rounds N]

One gateway; who handles the application is registered without an address, so nothing is relayed meanwhile. The floor
is a bare aiohttp server on uvloop that echoes the same body. Throughput with 64 connections, latency with 1 and 64.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median

import uvloop

from bench import documents
from bench.gateways import counted, free_ports, running, set_up, sites
from bench.load import Loaded, http_post, replay
from bench.options import options
from bench.processes import Server, disk, serving
from bench.rounds import in_turn, print_json, print_table

CONNECTIONS = 64
WARM_UP = 400
ALONE = 150  # submissions over one connection a round
TARGETS = {"ratio": 0.12, "p50_1_ms": 8, "p99_64_ms": 200}
GOALS = {"ratio": 0.25, "p50_1_ms": 4, "p99_64_ms": 80}
_windows = count()


@dataclass(frozen=True, kw_only=True, slots=True)
class Contender:
    """A process that answers."""

    port: int
    process: Server
    requests: Callable[[Iterator[bytes]], list[bytes]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """One round of one contender: many connections, then one."""

    crowded: Loaded
    alone: Loaded
    cpu_us: float  # for each submission of the crowd

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.crowded.latencies_ms) / self.crowded.seconds


def main() -> None:
    """Measure, check that each submission was taken once, print."""
    chosen = options("submissions a second and their latency, against a bare echo")
    with disk() as folder, _contenders(folder) as (contenders, taken):
        warm = {name: _window(each, WARM_UP) for name, each in contenders.items()}
        windows: dict[str, list[Window]] = {name: [] for name in contenders}
        for turn in range(chosen.rounds):
            for name, each in in_turn(list(contenders.items()), turn):
                windows[name].append(_window(each, int(warm[name].rate * chosen.seconds)))
        faults = list(_faults([warm["ours"], *windows["ours"]], taken()))
    _tell(windows, faults, as_json=chosen.json)
    if faults:
        raise SystemExit(1)


@contextmanager
def _contenders(folder: Path) -> Iterator[tuple[dict[str, Contender], Callable[[], int]]]:
    collecting, handling = sites(folder)
    set_up(collecting, replace(handling, port=0))
    (port,) = free_ports(1)
    with running(collecting) as gateway, serving("bench.floors.echo", str(port)) as echo:
        ours = Contender(port=collecting.port, process=gateway, requests=collecting.requests)
        floor = Contender(port=port, process=echo, requests=_echo_requests)
        taken = partial(counted, collecting.file, "SELECT count(*) FROM applications")
        yield {"ours": ours, "echo": floor}, taken


def _echo_requests(bodies: Iterator[bytes]) -> list[bytes]:
    return [http_post("/", {"Content-Type": documents.MEDIA_TYPE}, body) for body in bodies]


def _window(contender: Contender, submissions: int) -> Window:
    crowd, few = (
        contender.requests(documents.applications(f"{next(_windows)}", wanted)) for wanted in (submissions, ALONE)
    )
    before = contender.process.cpu_s
    crowded = uvloop.run(replay(contender.port, crowd, CONNECTIONS))
    cpu_us = (contender.process.cpu_s - before) / submissions * 1e6
    return Window(crowded=crowded, cpu_us=cpu_us, alone=uvloop.run(replay(contender.port, few, 1)))


def _faults(windows: Sequence[Window], taken: int) -> Iterator[str]:
    replayed = [loaded for each in windows for loaded in (each.crowded, each.alone)]
    submitted, refused = sum(len(each.latencies_ms) for each in replayed), sum(each.refused for each in replayed)
    if refused:
        yield f"{refused} of {submitted} submissions refused"
    if taken != submitted:
        yield f"{submitted} submitted, {taken} taken"


def _tell(windows: Mapping[str, Sequence[Window]], faults: Sequence[str], *, as_json: bool) -> None:
    figures = {name: _figures(found) for name, found in windows.items()}
    pairs = list(zip(windows["ours"], windows["echo"], strict=True))
    ratio = round(median(ours.rate / echo.rate for ours, echo in pairs), 3)
    cpu_ratio = round(median(ours.cpu_us / echo.cpu_us for ours, echo in pairs), 1)
    header = ("contender", "answers/s", "CPU us", "p50 ms, 1", "p50 ms, 64", "p99 ms, 64")
    print_table("Receive", header, [(name, *each.values()) for name, each in figures.items()])
    print(f"ours is x {ratio} of the echo, {cpu_ratio} times its CPU (targets {TARGETS}, goals {GOALS})")
    for fault in faults:
        print(f"FAULT {fault}")
    if as_json:
        told = {"ratio": ratio, "cpu_ratio": cpu_ratio, "target": TARGETS, "goal": GOALS, "faults": list(faults)}
        print_json("receive", {**figures, **told})


def _figures(windows: Sequence[Window]) -> dict[str, float]:
    return {
        "answers_per_s": round(median(each.rate for each in windows)),
        "cpu_us": round(median(each.cpu_us for each in windows)),
        "p50_1_ms": round(median(each.alone.percentile_ms(0.5) for each in windows), 1),
        "p50_64_ms": round(median(each.crowded.percentile_ms(0.5) for each in windows), 1),
        "p99_64_ms": round(median(each.crowded.percentile_ms(0.99) for each in windows), 1),
    }


if __name__ == "__main__":
    main()
