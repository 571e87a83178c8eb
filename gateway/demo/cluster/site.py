"""Sets up the regions of the demonstration: each a database, several nodes, the balancer before them, and a system."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import Final

from gateway.bootstrap import assembled_gateway
from gateway.demo.cluster.programs import Database, Part, Program, balancer, node
from gateway.demo.play import ITEMS, load_items
from gateway.demo.ports import HOST, free_port
from gateway.demo.region import REGIONS, Region
from gateway.demo.stage import Post, introduce, post_of
from gateway.demo.system import Tell
from gateway.settings import Settings

_TAKING_PART: Final = REGIONS[:2]


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """One region: its programs, and a gateway of the same store in this process, which only reads and administers."""

    post: Post
    database: Database
    nodes: tuple[Program, ...]
    balancer: Program

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything that may be killed."""
        return (self.balancer, *self.nodes, self.database)


@asynccontextmanager
async def sites(folder: Path, *, nodes: int, tell: Tell) -> AsyncIterator[tuple[Site, ...]]:
    """Make two regions that know each other, their databases running and nothing else yet."""
    async with AsyncExitStack() as stack:
        databases = [Database(region=each.name_zh, folder=_folder(folder, each)) for each in _TAKING_PART]
        for database in databases:
            stack.push_async_callback(asyncio.to_thread, database.stop)
        await asyncio.gather(*(asyncio.to_thread(database.make) for database in databases))
        made = [
            await stack.enter_async_context(_site(folder, *pair, nodes=nodes, tell=tell))
            for pair in zip(_TAKING_PART, databases, strict=True)
        ]
        posts = tuple(site.post for site in made)
        for post in posts:
            await introduce(post, posts)
            layout = post.region.layout
            await load_items(post, layout.items(post.region.division, ITEMS), layout.name)
        yield tuple(made)


@asynccontextmanager
async def _site(folder: Path, region: Region, database: Database, *, nodes: int, tell: Tell) -> AsyncIterator[Site]:
    own, port = folder / region.name, free_port()
    settings = Settings(
        id=region.gateway_id,
        region=region.division,
        url=f"http://{HOST}:{port}",
        store=database.store,
        keys=str(own / "keys"),
    )
    serving = tuple(
        node(replace(settings, port=free_port()), region=region.name_zh, number=number, folder=own)
        for number in range(1, nodes + 1)
    )
    before = balancer(serving, region=region.name_zh, port=port, folder=own)
    async with assembled_gateway(settings) as gateway:
        post = await post_of(region, gateway, folder, tell)
        post.system.patience_s = inf  # whoever runs the demonstration decides how long things are broken
        try:
            yield Site(post=post, database=database, nodes=serving, balancer=before)
        finally:
            await post.system.stop()


def _folder(folder: Path, region: Region) -> Path:
    """Make the folder of a region; the user whom PostgreSQL runs as must be able to pass through it."""
    own = folder / region.name
    own.mkdir(parents=True, exist_ok=True)
    for each in (folder, own):
        each.chmod(0o711)
    return own
