"""The composition root: settings become parts, parts a running gateway; the only place that knows them all."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from gateway.adapters.bench import ProcessBench
from gateway.adapters.stored import StoredAdapters
from gateway.api.app import build_app
from gateway.api.limits import Limits
from gateway.api.listening import bound_to
from gateway.api.parts import Check, Parts
from gateway.api.serving import GatewayRunner
from gateway.core.audit.entry import EntryKind
from gateway.core.audit.note import LogKey, log_key_of
from gateway.core.model import Identity
from gateway.core.trust.algorithms import register_key
from gateway.core.trust.keys import PublicKey
from gateway.flow.continuity import RequireContinued
from gateway.flow.entries import WriteEntries
from gateway.flow.follow import FollowChanges
from gateway.flow.ports import Clock, Store, Topic, Transport
from gateway.flow.retire import KeepHouse, RetireOld
from gateway.flow.shipped import RecordShipped
from gateway.flow.tidy import ForgetNonces
from gateway.partners.courier import HTTPCourier
from gateway.partners.directory import StoredDirectory
from gateway.partners.tables.front_ends import DatabaseFrontEnds
from gateway.partners.transports.http import HTTPTransport
from gateway.partners.transports.proofs import Prover
from gateway.resources import installed, shipped_forms
from gateway.settings import Settings
from gateway.store import open_store
from gateway.store.credentials import StoredCredentials
from gateway.store.keyring import KeyPurpose, Keyring
from gateway.store.signed import SignedFile
from gateway.wiring import Outside, Steps, build_steps
from gateway.world import SystemChance, SystemClock


class OpenStore(Protocol):
    """Opens the store at a URL, as `gateway.store.open_store` does; a test opens one that fails when it is told to."""

    def __call__(self, url: str, *, create: bool) -> Awaitable[Store]:
        """Return the store, begun where there is none and `create` asks for it."""
        ...


STOP_S: Final = 7.0  # how long requests and deliveries that have begun may take to finish, where it is to stop


SYSTEM_CLOCK: Final = SystemClock()


@dataclass(frozen=True, kw_only=True, slots=True)
class RunningGateway:
    """A gateway that listens, with what a process around it may want to reach."""

    identity: Identity
    keys: tuple[PublicKey, ...]
    log_key: LogKey
    store: Store
    steps: Steps
    directory: StoredDirectory
    adapters: StoredAdapters
    clock: Clock
    house: KeepHouse
    failed: asyncio.Future[None]  # done only when work in the background has failed in a way that nothing repairs


@asynccontextmanager
async def running_gateway(
    settings: Settings,
    *,
    passphrase: bytes | None = None,
    listening: socket.socket | None = None,
    opening: OpenStore = open_store,
    clock: Clock = SYSTEM_CLOCK,
    leave_s: float = 0.0,
) -> AsyncIterator[RunningGateway]:
    """Run a gateway until the context is left: then it finishes what it holds, within STOP_S, and lets go.

    `listening` is a socket bound beforehand, for a caller that must know the port first. For `leave_s` a gateway that
    stops still serves, and says that it is not ready.
    """
    async with AsyncExitStack() as stack:
        gateway = await _assemble(settings, passphrase, opening, clock, stack)
        app = build_app(_api_parts(settings, gateway))
        runner = GatewayRunner(app, shutdown_timeout=0.1)  # whoever had to be waited for has been by then
        await gateway.store.log([gateway.steps.entries.administered(EntryKind.GATEWAY_STARTED)])
        stack.push_async_callback(runner.cleanup)
        await runner.setup()
        runner.listen(listening or bound_to(settings.host, settings.port))
        await stack.enter_async_context(_attending(gateway))
        stack.push_async_callback(_finish, runner, gateway, leave_s)
        await stack.enter_async_context(_background(gateway))
        yield gateway


@asynccontextmanager
async def assembled_gateway(settings: Settings, *, passphrase: bytes | None = None) -> AsyncIterator[RunningGateway]:
    """Put a gateway together that neither listens nor works by itself, for a program beside the nodes of its store."""
    async with AsyncExitStack() as stack:
        yield await _assemble(settings, passphrase, open_store, SYSTEM_CLOCK, stack)


async def _finish(runner: GatewayRunner, gateway: RunningGateway, leave_s: float) -> None:
    """Finish what is begun: requests get their answers, deliveries their receipts, and neither waits for the other.

    Whatever happens here, what was promised is durable: what is cut off is repeated under the same ids.
    """
    runner.begin_stop()
    gateway.steps.relay.begin_stop()

    async def leave() -> None:
        await asyncio.sleep(leave_s)
        await runner.stop_within(STOP_S - leave_s)

    await asyncio.gather(leave(), gateway.steps.relay.stop_within(STOP_S))


async def _assemble(
    settings: Settings, passphrase: bytes | None, opening: OpenStore, clock: Clock, stack: AsyncExitStack
) -> RunningGateway:
    keyring = Keyring(Path(settings.keys), passphrase=passphrase)
    signer, log_signer = keyring.ensure(settings.algorithm), keyring.ensure(purpose=KeyPurpose.LOG)
    store = await opening(settings.store, create=True)
    stack.push_async_callback(store.close)
    signed = SignedFile(Path(settings.keys))
    await RequireContinued(log=store, signed=signed)()  # before a word is added to the log
    directory = StoredDirectory(partners=store)
    await directory.refresh()
    identity = Identity(id=settings.id, region=settings.region, url=settings.url)
    credentials = StoredCredentials(folder=Path(settings.keys), passphrase=passphrase)
    courier = await stack.enter_async_context(HTTPCourier())
    chance = SystemChance()
    adapters = await _adapters(settings, store, WriteEntries(identity=identity, clock=clock, chance=chance))
    outside = Outside(
        identity=identity,
        signer=signer,
        key=signer.public_key,
        log_key=log_key_of(settings.id, log_signer.public_key),
        log_signer=log_signer,
        signed=signed,
        store=store,
        directory=directory,
        adapters=adapters,
        bench=ProcessBench(),
        forms=shipped_forms(),
        courier=courier,
        reader=courier,
        front_ends=await stack.enter_async_context(DatabaseFrontEnds(credentials=credentials)),
        plain=_plain(courier, credentials, clock),
        clock=clock,
        chance=chance,
        lease_s=settings.lease_s,
    )
    steps = build_steps(outside)
    await steps.checkpoint.require_own_log()
    return RunningGateway(
        identity=identity,
        keys=tuple(register_key(jwk) for jwk in keyring.jwks()["keys"]),
        log_key=outside.log_key,
        store=store,
        steps=steps,
        directory=directory,
        adapters=adapters,
        clock=clock,
        house=_house(settings, store, steps, clock),
        failed=asyncio.get_running_loop().create_future(),
    )


def _house(settings: Settings, store: Store, steps: Steps, clock: Clock) -> KeepHouse:
    """Return what keeps the store in order, as long as the settings say."""
    return KeepHouse(
        store=store,
        retire=RetireOld(store=store, entries=steps.entries, clock=clock),
        lease=steps.lease,
        clock=clock,
        exchanges_days=settings.keep_exchanges_days,
        entries_days=settings.keep_entries_days,
    )


def _plain(courier: HTTPCourier, credentials: StoredCredentials, clock: Clock) -> Transport:
    """Return the way out to systems that sign no receipts."""
    return HTTPTransport(courier=courier, prove=Prover(credentials=credentials, courier=courier, clock=clock))


async def _adapters(settings: Settings, store: Store, entries: WriteEntries) -> StoredAdapters:
    """Record what came with the program, and read what is in service."""
    came = installed(settings.adapters)
    await RecordShipped(versions=store, entries=entries)(came)
    adapters = StoredAdapters(versions=store)
    await adapters.start(each.adapter for each in came)
    return adapters


def _api_parts(settings: Settings, gateway: RunningGateway) -> Parts:
    steps, store = gateway.steps, gateway.store
    return Parts(
        public_url=settings.url,
        clock=gateway.clock,
        new_id=SystemChance().uuid7,
        published_keys=lambda: gateway.keys,
        checks=(Check(name="store", probe=store.head), Check(name="log_key", probe=steps.checkpoint)),
        log_refusal=steps.receive.log_refusal,
        receive=steps.receive,
        read_application=steps.read_application,
        list_items=steps.list_items,
        offer_items=steps.offer_items,
        search_entries=steps.search_entries,
        prove_entry=steps.prove_entry,
        read_bundle=steps.read_bundle,
        adapters=steps.operate_adapters,
        is_partner=lambda name: gateway.directory.partner(name) is not None,
        fraction=SystemChance().fraction,
        limits=Limits(body_bytes=settings.body_bytes, inside_most=settings.inside),
    )


@asynccontextmanager
async def _attending(gateway: RunningGateway) -> AsyncIterator[None]:
    """Be one of the nodes over the store; at the end, when nothing is sent any more, leave its work to the others."""
    await gateway.steps.lease()
    keeping = asyncio.get_running_loop().create_task(gateway.steps.lease.run(), name="lease")
    keeping.add_done_callback(partial(_tell, gateway.failed))
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


@asynccontextmanager
async def _background(gateway: RunningGateway) -> AsyncIterator[None]:
    """Keep relaying, sealing, refreshing and forgetting; the first of them to fail for good is told in `failed`."""
    steps = gateway.steps
    read = {
        Topic.PARTNERS: gateway.directory.refresh,
        Topic.ADAPTERS: gateway.adapters.refresh,
        Topic.OUTBOX: steps.relay.look,
    }
    work = (
        *FollowChanges(changes=gateway.store, read=read).work(),
        steps.relay.run(),
        steps.poll.run(),
        steps.checkpoint.run(),
        steps.mirror_items.run(steps.lease),
        ForgetNonces(exchanges=gateway.store, clock=gateway.clock).run(steps.lease),
        gateway.house.run(),
    )
    tasks = [asyncio.get_running_loop().create_task(each) for each in work]
    for task in tasks:
        task.add_done_callback(partial(_tell, gateway.failed))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _tell(failed: asyncio.Future[None], task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) and not failed.done():
        failed.set_exception(error)
