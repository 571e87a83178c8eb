"""Measures contenders fairly: in turn, several rounds, medians; prints a table and, on request, one JSON line.

Shared machines drift by the hour, so only ratios of one run are compared, and every contender meets the same weather.
"""

import gc
import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

_T = TypeVar("_T")

ROUNDS = 15
ROUND_S = 0.06


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """How long one call of a contender took, in microseconds, over all rounds."""

    median_us: float
    low_us: float
    high_us: float


def measure(contenders: Mapping[str, Callable[[], object]], *, rounds: int = ROUNDS) -> dict[str, Timing]:
    """Time each contender in turn, round after round; a warm-up round decides how often each is called."""
    calls = {name: _calls_in(run, ROUND_S) for name, run in contenders.items()}
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            times[name].append(_time(run, calls[name]))
    return {
        name: Timing(median_us=statistics.median(found), low_us=min(found), high_us=max(found))
        for name, found in times.items()
    }


def in_turn(contenders: Sequence[_T], turn: int) -> list[_T]:
    """Return the contenders with another one first each turn: the first of a round was seen to fare worse."""
    first = turn % len(contenders)
    return [*contenders[first:], *contenders[:first]]


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table with aligned columns; the first one is to the left."""
    cells = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    print(f"\n{title}")
    for row in cells:
        first, *rest = (
            cell.ljust(width) if not index else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join([first, *rest]))


def print_json(name: str, figures: Mapping[str, object]) -> None:
    """Print one JSON object, the last line that a program reads."""
    print(json.dumps({"bench": name, **figures}))


def _time(run: Callable[[], object], calls: int) -> float:
    """Return microseconds a call; the collector rests meanwhile, as in timeit."""
    gc.collect()
    gc.disable()
    try:
        started = time.perf_counter()
        for _ in range(calls):
            run()
        return (time.perf_counter() - started) / calls * 1e6
    finally:
        gc.enable()


def _calls_in(run: Callable[[], object], seconds: float) -> int:
    started, calls = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        run()
        calls += 1
    return max(1, calls)
