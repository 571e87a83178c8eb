"""Whatever comes in whatever order, a store says what a simple model of lines says."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.model import Delivery, DeliveryState
from gateway.flow.ports import Intake, Store, Taken
from tests.store.samples import (
    NOW,
    a_claim,
    a_nonce,
    a_submission,
    an_entry,
    an_event,
    buried,
    postponed,
    settled,
    well,
)

DESTINATIONS = ("ankang", "jiuquan")
T = TypeVar("T")
OPEN = (DeliveryState.DUE, DeliveryState.IN_FLIGHT, DeliveryState.DEAD)


@dataclass
class Row:
    """One delivery as the model knows it."""

    delivery: Delivery
    due_at: datetime = NOW
    state: DeliveryState = DeliveryState.DUE


@dataclass
class Model:
    """What should be so: deliveries in the order taken, and the first receipt of every exchange."""

    rows: list[Row] = field(default_factory=list)
    taken: dict[str, Intake] = field(default_factory=dict)
    entries: int = 0

    def take(self, intake: Intake) -> None:
        self.taken[intake.exchange.id] = intake
        self.rows += [Row(delivery) for delivery in intake.deliveries]
        self.entries += 1

    def line(self, row: Row) -> list[Row]:
        """Return what is open of the same application for the same destination, in the order taken."""
        key = (row.delivery.destination, row.delivery.subject)
        same = [each for each in self.rows if (each.delivery.destination, each.delivery.subject) == key]
        return [each for each in same if each.state in OPEN]

    def claim(self, destination: str, limit: int, now: datetime) -> list[str]:
        due = [
            row
            for row in self.rows
            if row.delivery.destination == destination
            and row.state is DeliveryState.DUE
            and row.due_at <= now
            and self.line(row)[0] is row
        ]
        chosen = sorted(due, key=lambda row: (row.due_at, self.rows.index(row)))[:limit]
        for row in chosen:
            row.state = DeliveryState.IN_FLIGHT
        return [row.delivery.id for row in sorted(chosen, key=self.rows.index)]

    def in_state(self, state: DeliveryState) -> list[Row]:
        return [row for row in self.rows if row.state is state]


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("submit"), st.sets(st.sampled_from(DESTINATIONS), min_size=1)),
        st.tuples(st.just("follow"), st.integers(0, 20), st.sampled_from(DESTINATIONS)),
        st.tuples(st.just("repeat"), st.integers(0, 20)),
        st.tuples(st.just("reuse"), st.integers(0, 20)),
        st.tuples(st.just("claim"), st.sampled_from(DESTINATIONS), st.integers(1, 4)),
        st.tuples(st.just("settle"), st.integers(0, 20)),
        st.tuples(st.just("postpone"), st.integers(0, 20)),
        st.tuples(st.just("bury"), st.integers(0, 20)),
        st.tuples(st.just("revive"), st.integers(0, 20)),
        st.tuples(st.just("attend"), st.integers(0, 20)),
        st.tuples(st.just("leave")),
        st.tuples(st.just("conclude_late"), st.integers(0, 20)),
        st.tuples(st.just("settle_late"), st.integers(0, 20)),
        st.tuples(st.just("wait"), st.integers(1, 120)),
    ),
    min_size=1,
    max_size=40,
)


@dataclass
class Play:
    """Does to a store and to a model the same, and compares what they answer."""

    store: Store
    model: Model = field(default_factory=Model)
    now: datetime = NOW
    attended: bool = False

    async def act(self, verb: str, *arguments: object) -> None:
        await getattr(self, verb)(*arguments)
        await self.compare()

    async def submit(self, destinations: set[str]) -> None:
        await self._take(a_submission(*sorted(destinations)))

    async def follow(self, which: int, destination: str) -> None:
        # A rating may come again and again; an application that was withdrawn takes any number of them.
        for begun in self._some(list(self.model.taken.values()), which):
            number = begun.exchange.subject
            application = await self.store.application(number)
            assert application is not None
            await self._take(
                an_event(number, "withdrawn" if application.state == "submitted" else "rated", destination)
            )

    async def repeat(self, which: int) -> None:
        for intake in self._some(list(self.model.taken.values()), which):
            answer = await self.store.receive(a_nonce(), [intake])
            first = intake.exchange
            assert answer == (Taken(receipt=first.receipt, number=first.subject, first=False),)

    async def reuse(self, which: int) -> None:
        for intake in self._some(list(self.model.taken.values()), which):
            (answer,) = await self.store.receive(a_nonce(), [a_submission("ankang", id=intake.exchange.id, digest="x")])
            assert not isinstance(answer, Taken)
            assert answer.code == "exchange_reused"

    async def claim(self, destination: str, limit: int) -> None:
        number = a_claim()
        claimed = await self.store.claim(destination, number=number, limit=limit, now=self.now)
        assert [delivery.id for delivery in claimed] == self.model.claim(destination, limit, self.now)
        for delivery in claimed:
            (row,) = (each for each in self.model.rows if each.delivery.id == delivery.id)
            row.delivery = delivery

    async def settle(self, which: int) -> None:
        for row in self._some(self.model.in_state(DeliveryState.IN_FLIGHT), which):
            await self.store.conclude([settled(row.delivery)], well())
            row.state = DeliveryState.SETTLED

    async def postpone(self, which: int) -> None:
        for row in self._some(self.model.in_state(DeliveryState.IN_FLIGHT), which):
            row.state, row.due_at = DeliveryState.DUE, self.now + timedelta(seconds=60)
            await self.store.conclude([postponed(row.delivery, retry_at=row.due_at)], well())

    async def bury(self, which: int) -> None:
        for row in self._some(self.model.in_state(DeliveryState.IN_FLIGHT), which):
            await self.store.conclude([buried(row.delivery, entry=an_entry())], well())
            row.state = DeliveryState.DEAD
            self.model.entries += 1

    async def revive(self, which: int) -> None:
        for row in self._some(self.model.in_state(DeliveryState.DEAD), which):
            assert await self.store.revive(row.delivery.id, an_entry())
            row.state = DeliveryState.DUE
            self.model.entries += 1

    async def attend(self, which: int) -> None:
        in_flight = self.model.in_state(DeliveryState.IN_FLIGHT)
        dropped = {row.delivery.claim for row in self._some(in_flight, which)}
        held = {row.delivery.claim for row in in_flight} - dropped
        assert await self.store.attend(held, lease_s=60) == self.attended
        for row in in_flight:
            if row.delivery.claim in dropped or not self.attended:
                row.state = DeliveryState.DUE
        self.attended = True

    async def leave(self) -> None:
        await self.store.leave()
        for row in self.model.in_state(DeliveryState.IN_FLIGHT):
            row.state = DeliveryState.DUE
        self.attended = False

    async def conclude_late(self, which: int) -> None:
        # What is due again may be in the hands of a sender that does not know; it may have a receipt by now.
        for row in self._some([row for row in self.model.in_state(DeliveryState.DUE) if row.delivery.claim], which):
            await self.store.conclude([postponed(row.delivery), buried(row.delivery, entry=an_entry())], well())

    async def settle_late(self, which: int) -> None:
        for row in self._some([row for row in self.model.rows if row.delivery.claim], which):
            await self.store.conclude([settled(row.delivery)], well())
            row.state = DeliveryState.SETTLED

    async def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    async def compare(self) -> None:
        """Check that each delivery is in the one state it should be in, and nothing is there twice."""
        states = {row.delivery.id: row.state for row in self.model.rows}
        assert {each.id: each.state for each in await self.store.deliveries(limit=1000)} == states
        for state in DeliveryState:
            ids = {row.delivery.id for row in self.model.in_state(state)}
            assert {each.id for each in await self.store.deliveries(state=state, limit=1000)} == ids
        assert (await self.store.head()).size == self.model.entries

    async def _take(self, intake: Intake) -> None:
        answer = await self.store.receive(a_nonce(), [intake])
        assert answer == (Taken(receipt=intake.exchange.receipt, number=intake.exchange.subject, first=True),)
        self.model.take(intake)

    @staticmethod
    def _some(things: list[T], which: int) -> list[T]:
        return [things[which % len(things)]] if things else []


@given(actions=ACTIONS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_store_and_the_model_agree_after_every_action(open_new, actions):
    async def play() -> None:
        store = await open_new()
        try:
            performance = Play(store)
            for verb, *arguments in actions:
                await performance.act(verb, *arguments)
        finally:
            await store.close()

    asyncio.run(play())
