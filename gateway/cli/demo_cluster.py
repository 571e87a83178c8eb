"""`tongban demo-cluster`: two regions of several nodes each, killed at will, whose counters agree in the end."""

import asyncio
import json
import secrets
import signal
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from gateway.cli.exits import Exit
from gateway.cli.setup import run
from gateway.demo.cluster.comparison import Result
from gateway.demo.cluster.run import Plan, run_cluster
from gateway.demo.cluster.screen import ClusterScreen

_SECONDS_ONCE: Final = 20.0
_PATIENCE_S: Final = 240.0


@click.command("demo-cluster")
@click.option("--once", is_flag=True, help=f"End by itself after {_SECONDS_ONCE:.0f} seconds, or after --seconds.")
@click.option("--seconds", type=click.FloatRange(min=0), help="How long applications come and things break.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line with the outcome, and nothing else.")
@click.option("--nodes", default=3, show_default=True, type=click.IntRange(1, 9), help="Nodes of each region.")
@click.option("--rate", default=4.0, show_default=True, type=click.FloatRange(0.1, 100), help="Applications a second.")
@click.option("--seed", type=int, help="What breaks, and in which order; by default another one each time.")
@click.option(
    "--fault-every", default=4.0, show_default=True, type=click.FloatRange(0, 3600), help="Seconds; 0 breaks nothing."
)
@click.option(
    "--folder", type=click.Path(path_type=Path), help="Keep databases, keys and logs here; by default temporary."
)
def demo_cluster(
    *,
    once: bool,
    seconds: float | None,
    as_json: bool,
    nodes: int,
    rate: float,
    seed: int | None,
    fault_every: float,
    folder: Path | None,
) -> None:
    """Run Shiyan and Ankang, each three nodes behind a load balancer on one PostgreSQL, while things break.

    Runs until Ctrl-C, then lets everything settle and compares. Exit code 0 only if nothing was lost or doubled, order
    was kept, and both logs proved true and agree; 1 otherwise. A second Ctrl-C ends at once.
    """
    limit_s = seconds if seconds is not None else _SECONDS_ONCE if once or as_json else None
    chosen = secrets.randbelow(1_000_000) if seed is None else seed
    screen = ClusterScreen(quiet=as_json)
    with tempfile.TemporaryDirectory(prefix="tongban-cluster-") as temporary:
        plan = Plan(
            folder=folder or Path(temporary),
            nodes=nodes,
            rate=rate,
            seed=chosen,
            fault_every_s=fault_every,
            seconds=limit_s,
            patience_s=_PATIENCE_S,
        )
        try:
            result = run(_run(plan, screen))
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
    screen.compared(result)
    if as_json:
        click.echo(json.dumps(_outcome(result, chosen), ensure_ascii=False))
    if not result.agrees:
        sys.exit(Exit.REFUSED)


async def _run(plan: Plan, screen: ClusterScreen) -> Result:
    """Run until the plan's seconds are over or a signal comes; a second signal ends it at once, with all it began."""
    stop, loop, main = asyncio.Event(), asyncio.get_running_loop(), asyncio.current_task()

    def told() -> None:
        if not stop.is_set():
            stop.set()
        elif main and not main.cancelling():
            main.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, told)
    return await run_cluster(plan, screen, stop)


def _outcome(result: Result, seed: int) -> dict[str, Any]:
    """Return what a program reads of the outcome."""
    return {
        "agrees": result.agrees,
        "seed": seed,
        "crossings": [asdict(each) for each in result.crossings],
        "logs": [
            {"entries": book.report.entries, "root": book.report.root.hex(), "proved": book.report.passed}
            for book in result.books
        ],
        "reconciled": result.reconciled,
        "repeats": result.repeats,
        "again": result.again,
        "faults": result.faults,
        "failures": result.failures,
    }
