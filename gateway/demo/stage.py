"""Set the stage: three running gateways that know each other, and their three systems."""

import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.bootstrap import RunningGateway, running_gateway
from gateway.core.audit.entry import EntryKind
from gateway.core.model import Partner, PartnerKind
from gateway.core.trust.signers import SoftwareSigner
from gateway.demo.region import REGIONS, Region
from gateway.demo.system import RegionalSystem, Tell
from gateway.flow.entries import party
from gateway.settings import Settings
from gateway.store.keyring import Keyring
from gateway.world import SystemChance, SystemClock


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """One region on the stage."""

    region: Region
    gateway: RunningGateway
    system: RegionalSystem


@asynccontextmanager
async def stage(folder: Path, tell: Tell) -> AsyncIterator[tuple[Post, ...]]:
    """Run three gateways and their systems, introduced to each other, until the context is left."""
    for region in REGIONS:
        (folder / region.name).mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        gateways = [await stack.enter_async_context(_gateway(folder / each.name, each)) for each in REGIONS]
        posts = tuple(
            [await post_of(region, gateway, folder, tell) for region, gateway in zip(REGIONS, gateways, strict=True)]
        )
        for post in posts:
            stack.push_async_callback(post.system.stop)
            await introduce(post, posts)
        yield posts


@asynccontextmanager
async def _gateway(folder: Path, region: Region) -> AsyncIterator[RunningGateway]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings = Settings(
            id=region.gateway_id,
            region=region.division,
            url=f"http://127.0.0.1:{listening.getsockname()[1]}",
            store=f"sqlite:///{(folder / 'gateway.sqlite').absolute()}",
            keys=str(folder / "keys"),
        )
        async with running_gateway(settings, listening=listening) as gateway:
            yield gateway


async def post_of(region: Region, gateway: RunningGateway, folder: Path, tell: Tell) -> Post:
    """Start the system of a region and put it beside its gateway."""
    signer = Keyring(folder / region.name / "system-keys").ensure()
    system = RegionalSystem(
        id=region.system_id,
        region=region.division,
        name_zh=region.name_zh,
        layout=region.layout,
        gateway=gateway.identity,
        gateway_keys=gateway.keys,
        signer=signer,
        clock=SystemClock(),
        chance=SystemChance(),
        tell=tell,
    )
    await system.start()
    return Post(region=region, gateway=gateway, system=system)


async def introduce(post: Post, posts: tuple[Post, ...]) -> None:
    """Register a gateway's own system and the other gateways with it, as `tongban partner add` does."""
    partners = [_system_of(post, post.system.signer)]
    partners += [_gateway_of(other) for other in posts if other is not post]
    for partner in partners:
        entry = post.gateway.steps.entries.administered(EntryKind.PARTNER_REGISTERED, party(partner))
        await post.gateway.store.put_partner(partner, entry)
    await post.gateway.directory.refresh()


def _system_of(post: Post, signer: SoftwareSigner) -> Partner:
    return Partner(
        id=post.region.system_id,
        kind=PartnerKind.SYSTEM,
        name=f"{post.region.name_zh}政务服务平台",
        regions=(post.region.division,),
        endpoint=post.system.url,
        adapter=post.region.layout.name,
        keys=(signer.public_key,),
    )


def _gateway_of(post: Post) -> Partner:
    return Partner(
        id=post.region.gateway_id,
        kind=PartnerKind.GATEWAY,
        name=f"{post.region.province}{post.region.name_zh}网关",
        regions=(post.region.division,),
        endpoint=post.gateway.identity.url,
        keys=post.gateway.keys,
        mirrored=True,
    )
