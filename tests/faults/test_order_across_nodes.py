"""Nodes over one database are killed and paused while they send: each partner is told of each application in order."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from gateway.core.errors import RetryableError
from gateway.core.model import Delivery, DeliveryState, Partner
from gateway.flow.lease import KeepLease
from gateway.flow.ports import Intake, Store, Verdict
from gateway.flow.relay import RelayDeliveries
from gateway.store import open_store
from gateway.world import SystemChance, SystemClock
from tests.patience import until
from tests.store.postgres.databases import Databases
from tests.store.proof import assert_sound
from tests.store.samples import a_nonce, a_partner, a_submission, an_entry, an_event, postponed, settled

LEASE_S = 0.6
NODES, APPLICATIONS, FAULTS = 3, 10, 8
EVENTS = ("accepted", "reviewed", "decided")
UNSETTLED = tuple(state for state in DeliveryState if state is not DeliveryState.SETTLED)


@pytest.fixture
async def url(postgres):
    databases = Databases(postgres)
    yield await databases.new_store()
    databases.take_back()


class Receiver:
    """Whoever is sent to: takes what it gets, as often as it gets it, and remembers in what order it first came."""

    def __init__(self) -> None:
        self.told: dict[str, list[str]] = {}
        self.repeats = 0

    def take(self, delivery: Delivery) -> None:
        line = self.told.setdefault(delivery.subject, [])
        if delivery.exchange in line:
            self.repeats += 1
        else:
            line.append(delivery.exchange)


class Everybody:
    """A directory in which everybody is active and can be reached."""

    def partner(self, name: str) -> Partner | None:
        return a_partner(id=name)

    def systems(self) -> tuple[Partner, ...]:
        return ()

    def serving(self, _region: str) -> tuple[Partner, ...]:
        return ()


@dataclass(kw_only=True)
class Node:
    """A relay with a store and a lease of its own, which a test may kill or pause."""

    store: Store
    receiver: Receiver
    chance: random.Random
    awake: asyncio.Event = field(default_factory=asyncio.Event)

    def begin(self) -> None:
        self.awake.set()
        self.lease = KeepLease(nodes=self.store, lease_s=LEASE_S)
        self.relay = RelayDeliveries(
            outbox=self.store,
            directory=Everybody(),
            lease=self.lease,
            send=self.send,  # type: ignore[arg-type]  # what is called as the sending step is
            clock=SystemClock(),
            chance=SystemChance(),
        )
        self.tasks = [asyncio.create_task(work) for work in (self.attend(), self.relay.run())]

    async def attend(self) -> None:
        while True:
            await self.awake.wait()
            await self.lease()
            await asyncio.sleep(LEASE_S / 5)

    async def send(self, _: Partner, deliveries: Sequence[Delivery]) -> list[Verdict]:
        if not all(self.lease.covers(each.claim) for each in deliveries):
            return []
        await self.moment()  # paused here, it sends what others have sent meanwhile
        for delivery in deliveries:
            self.receiver.take(delivery)
        await self.moment()  # and here, it speaks of what others have concluded
        return [
            postponed(each) if self.chance.random() < 0.05 else settled(each, entry=an_entry()) for each in deliveries
        ]

    async def moment(self) -> None:
        await asyncio.sleep(self.chance.random() / 20)
        await self.awake.wait()

    async def pause(self) -> None:
        """Let it stand still for longer than its lease."""
        self.awake.clear()
        await asyncio.sleep(2 * LEASE_S)
        self.awake.set()

    async def kill(self) -> None:
        """End it where it stands: nothing is concluded, and nobody is told."""
        for task in self.tasks:
            task.cancel()
        await self.relay.stop_within(0)
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.store.close()


@dataclass(kw_only=True)
class Play:
    """Applications that are taken by any node while any node is killed or paused."""

    url: str
    chance: random.Random
    receiver: Receiver = field(default_factory=Receiver)
    nodes: list[Node] = field(default_factory=list)
    taken: dict[str, list[str]] = field(default_factory=dict)

    async def join(self) -> None:
        node = Node(store=await open_store(self.url), receiver=self.receiver, chance=self.chance)
        node.begin()
        self.nodes.append(node)

    async def live(self) -> None:
        """Take one application and its events, each once the one before it was answered."""
        submission = a_submission("ankang")
        number = submission.exchange.subject
        for intake in (submission, *(an_event(number, kind, "ankang") for kind in EVENTS)):
            await asyncio.sleep(self.chance.random() / 2)
            await self.take(intake)
            self.taken.setdefault(number, []).append(intake.exchange.id)

    async def take(self, intake: Intake) -> None:
        while True:
            node = self.chance.choice(self.nodes)
            try:
                await node.store.receive(a_nonce(), [intake])
            except RetryableError:  # it was killed meanwhile: another is asked
                await asyncio.sleep(0.02)
                continue
            node.relay.wake("ankang")
            return

    async def disturb(self) -> None:
        for _ in range(FAULTS):
            await asyncio.sleep(self.chance.random() / 2)
            node = self.chance.choice(self.nodes)
            if self.chance.random() < 0.5:
                await node.pause()
                continue
            self.nodes.remove(node)
            await node.kill()
            await self.join()

    async def until_settled(self) -> None:
        async def left() -> list[Delivery]:
            return [each for state in UNSETTLED for each in await self.nodes[0].store.deliveries(state=state)]

        async def settled() -> bool:
            return not await left()

        async def states() -> object:
            return [(each.state, each.code) for each in await left()]

        await until(settled, states)


async def test_every_application_is_told_in_order_and_every_delivery_settled_once(url, soak):
    for seed in soak:
        play = Play(url=url, chance=random.Random(seed))
        for _ in range(NODES):
            await play.join()
        before = (await play.nodes[0].store.head()).size

        await asyncio.gather(play.disturb(), *(play.live() for _ in range(APPLICATIONS)))
        await play.until_settled()

        exchanges = APPLICATIONS * (1 + len(EVENTS))
        assert play.receiver.told == play.taken
        assert (await play.nodes[0].store.head()).size == before + 2 * exchanges  # taken once, settled once
        await assert_sound(play.nodes[0].store)
        await asyncio.gather(*(node.kill() for node in play.nodes))
