"""`tongban demo`: three regions on one machine, from the first submission to the verified logs."""

import asyncio
import json
import sys
import tempfile
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path
from time import monotonic

import click

from gateway.cli.setup import run
from gateway.demo.play import ITEMS, Outcome, judge, load_items, mirror_items, submit_all, wait_until_closed
from gateway.demo.screen import Screen
from gateway.demo.stage import stage
from gateway.world import SystemClock

_REAL_ITEMS = Path(__file__).parents[3] / "shared" / "data" / "sichuan-guangan-items.ndjson"


@click.command()
@click.option("--once", is_flag=True, help="Exit when everything is verified, instead of running until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line with the outcome, and nothing else.")
@click.option("--applications", default=4, show_default=True, help="Applications between each two regions, each way.")
@click.option(
    "--folder", type=click.Path(path_type=Path), help="Keep stores and keys here; by default they are temporary."
)
def demo(*, once: bool, as_json: bool, applications: int, folder: Path | None) -> None:
    """Run three gateways (Shiyan, Ankang, Jiuquan) and live through whole applications between them.

    Exit code 0 only if every application arrived exactly once and every receipt and proof verified; 1 otherwise.
    """
    real = _REAL_ITEMS.read_bytes().splitlines() if _REAL_ITEMS.exists() else []
    with tempfile.TemporaryDirectory(prefix="tongban-demo-") as temporary:
        work = _run(folder or Path(temporary), applications, real, once=once, as_json=as_json)
        try:
            outcome = run(work)
        except KeyboardInterrupt:
            return
    if as_json:
        click.echo(json.dumps(asdict(outcome), ensure_ascii=False))
    if not outcome.succeeded:
        sys.exit(1)


async def _run(folder: Path, applications: int, real: list[bytes], *, once: bool, as_json: bool) -> Outcome:
    screen = Screen(quiet=as_json)
    async with AsyncExitStack() as stack:
        posts = await stack.enter_async_context(stage(folder, screen.step))
        screen.opened(posts)
        for post in posts:
            layout = post.region.layout
            own = layout.items(post.region.division, ITEMS)
            screen.imported(post, await load_items(post, own, layout.name))
        for post in posts:
            screen.mirrored(post, await mirror_items(post, posts))
        if real:
            screen.imported(posts[-1], await load_items(posts[-1], real, "sichuan"))
        begun = monotonic()
        with screen.live():
            submitted = await submit_all(posts, applications, SystemClock().now())
            await wait_until_closed(posts, submitted)
        outcome, proofs, reports = await judge(posts, submitted, monotonic() - begun)
        screen.proved(posts, outcome, proofs, reports)
        if not once:
            screen.waiting(posts)
            await asyncio.Event().wait()
        return outcome
