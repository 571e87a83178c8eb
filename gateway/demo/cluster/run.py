"""From the first process to the verdict: two regions come up, live through faults, settle, and are compared."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Final

import aiohttp

from gateway.core.errors import RetryableError
from gateway.core.model import DeliveryState
from gateway.demo.cluster.chaos import Chaos
from gateway.demo.cluster.comparison import Result, compare
from gateway.demo.cluster.screen import ClusterScreen, Phase
from gateway.demo.cluster.site import sites
from gateway.demo.cluster.supervisor import Supervisor
from gateway.demo.cluster.traffic import Traffic
from gateway.demo.play import mirror_items
from gateway.demo.stage import Post
from gateway.world import SystemClock

_LOOK_S: Final = 0.2
_COMPARISONS: Final = 5
_COMPARE_AGAIN_S: Final = 2.0
_OPEN_MOST: Final = 200  # applications that are not closed yet, beyond which no new one is begun


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How the demonstration goes."""

    folder: Path
    nodes: int  # of each region
    rate: float  # applications a second, both directions together
    seed: int
    fault_every_s: float  # 0 leaves breaking things to others
    seconds: float | None  # how long applications come; None until told to stop
    patience_s: float  # how long everything may take to settle in the end


async def run_cluster(plan: Plan, screen: ClusterScreen, stop: asyncio.Event) -> Result:
    """Run two regions until `stop` is set, then wait until everything has settled, compare, and end everything.

    What has not settled within the plan's patience shows in the result.
    """
    screen.preparing(plan.folder, plan.seed)
    async with sites(plan.folder, nodes=plan.nodes, tell=screen.step) as both:
        posts = (both[0].post, both[1].post)
        supervisor = Supervisor(parts=[part for site in both for part in site.parts], tell=screen.incident)
        screen.opened(posts, supervisor)
        async with supervisor.watching(), _while_running(screen.run()):
            await _come_up(posts, supervisor)
            screen.phase = Phase.RUNNING
            traffic = Traffic(posts=posts, rate=plan.rate, open_most=_OPEN_MOST, at=SystemClock().now())
            async with _while_running(traffic.run(), *_faults(plan, supervisor)):
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), plan.seconds)
            screen.phase = Phase.SETTLING
            supervisor.resume_all()
            await _settled(posts, traffic, monotonic() + plan.patience_s)
            return replace(
                await _compared(posts), faults={str(what): count for what, count in supervisor.counts.items()}
            )


async def _come_up(posts: tuple[Post, Post], supervisor: Supervisor) -> None:
    """Return once every part runs and both regions know what the other one publishes."""
    await supervisor.all_up()
    await asyncio.gather(*(_ready(post) for post in posts))
    for post in posts:
        await mirror_items(post, posts)


async def _ready(post: Post) -> None:
    """Return once a gateway says, through its balancer, that it is ready."""
    async with aiohttp.ClientSession() as session:
        while True:
            with suppress(aiohttp.ClientError):
                async with session.get(f"{post.gateway.identity.url}/readyz") as answer:
                    if answer.ok:
                        return
            await asyncio.sleep(_LOOK_S)


def _faults(plan: Plan, supervisor: Supervisor) -> tuple[Coroutine[None, None, None], ...]:
    if not plan.fault_every_s:
        return ()
    return (Chaos(supervisor=supervisor, seed=plan.seed, every_s=plan.fault_every_s).run(),)


@asynccontextmanager
async def _while_running(*works: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Do work beside what is done in the context; it ends with the context, and what it failed of is raised."""
    tasks = [asyncio.get_running_loop().create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for each in ended:
        if isinstance(each, Exception):
            raise each


async def _settled(posts: tuple[Post, Post], traffic: Traffic, deadline: float) -> None:
    """Return once every application is closed, unless something failed for good, and nothing is under way."""
    while monotonic() < deadline:
        seen = [post.system.seen for post in posts]
        closed = all(len(each.closed) >= len(each.submitted) for each in seen) or any(each.failures for each in seen)
        busy = traffic.busy or any(post.system.busy for post in posts)
        if closed and not busy and not await _under_way(posts):
            return
        await asyncio.sleep(_LOOK_S)


async def _under_way(posts: tuple[Post, Post]) -> bool:
    """Tell whether a store has anything on its way, as far as can be told: it may be away at this moment."""
    states = (DeliveryState.DUE, DeliveryState.IN_FLIGHT)
    try:
        found = [await post.gateway.store.deliveries(state=state, limit=1) for post in posts for state in states]
    except RetryableError:
        return True
    return any(found)


async def _compared(posts: tuple[Post, Post]) -> Result:
    """Compare, again where somebody ended a database meanwhile."""
    for _ in range(_COMPARISONS):
        with suppress(RetryableError):
            return await compare(posts)
        await asyncio.sleep(_COMPARE_AGAIN_S)
    return await compare(posts)
