"""What every store does with deliveries: each in exactly one state, one application's in order."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.core.model import Backoff, Delivery, DeliveryState
from gateway.flow.ports import Backlog, Intake, Store
from tests.store.samples import (
    LATER,
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


async def states(store: Store) -> dict[str, DeliveryState]:
    return {delivery.id: delivery.state for delivery in await store.deliveries(limit=1000)}


async def take(store: Store, *intakes: Intake) -> None:
    await store.receive(a_nonce(), intakes)


async def claim(
    store: Store, destination: str = "ankang", limit: int = 10, now: datetime = NOW
) -> tuple[Delivery, ...]:
    return await store.claim(destination, number=a_claim(), limit=limit, now=now)


async def a_line(store: Store, *events: str, destination: str = "ankang") -> list[str]:
    """Take an application and events of it, all for one destination; return the ids of the deliveries in order."""
    submission = a_submission(destination)
    following = [an_event(submission.exchange.subject, event, destination) for event in events]
    await take(store, submission, *following)
    return [intake.deliveries[0].id for intake in (submission, *following)]


async def test_what_was_taken_is_due(store):
    submission = a_submission("ankang", "jiuquan")
    await take(store, submission)

    assert await states(store) == dict.fromkeys((each.id for each in submission.deliveries), DeliveryState.DUE)


async def test_a_claimed_delivery_is_in_flight_with_the_bytes_to_send(store):
    submission = a_submission("ankang", "jiuquan")
    await take(store, submission)

    claimed = await claim(store)

    in_flight = replace(submission.deliveries[0], state=DeliveryState.IN_FLIGHT, claim=claimed[0].claim)
    assert claimed == (in_flight,)
    assert await claim(store) == ()
    assert (await states(store))[claimed[0].id] is DeliveryState.IN_FLIGHT


async def test_a_claim_takes_no_more_than_asked_for(store):
    submissions = [a_submission("ankang") for _ in range(5)]
    await take(store, *submissions)

    taken = [await claim(store, limit=2) for _ in range(4)]

    assert [len(claimed) for claimed in taken] == [2, 2, 1, 0]
    assert await claim(store, limit=0) == ()


async def test_applications_leave_in_the_order_they_were_taken(store):
    submissions = [a_submission("ankang", id=f"0193000{9 - n}-0000-7000-8000-000000000000") for n in range(5)]
    await take(store, *submissions)

    claimed = await claim(store)

    assert [delivery.exchange for delivery in claimed] == [intake.exchange.id for intake in submissions]


async def test_of_one_application_one_delivery_is_claimed_at_a_time_and_in_order(store):
    line = await a_line(store, "accepted", "reviewed", "decided")

    left = []
    while claimed := await claim(store):
        assert len(claimed) == 1
        assert await claim(store) == ()
        left.append(claimed[0].id)
        await store.conclude([settled(claimed[0])], well())

    assert left == line
    assert set((await states(store)).values()) == {DeliveryState.SETTLED}


async def test_what_is_postponed_is_not_overtaken(store):
    first, second = await a_line(store, "accepted")
    (delivery,) = await claim(store)
    await store.conclude([postponed(delivery, retry_at=LATER)], well())

    assert await claim(store) == ()

    (again,) = await claim(store, now=LATER)
    assert again.id == first
    await store.conclude([settled(again)], well())
    assert [each.id for each in await claim(store)] == [second]


async def test_what_is_behind_a_dead_one_is_not_claimed_until_that_is_revived_and_settled(store):
    first, second = await a_line(store, "accepted")
    (delivery,) = await claim(store)
    await store.conclude([buried(delivery)], well())
    assert await claim(store) == ()

    assert await store.revive(first, an_entry())

    (again,) = await claim(store)
    assert again.id == first
    await store.conclude([settled(again)], well())
    assert [each.id for each in await claim(store)] == [second]


async def test_other_applications_do_not_wait_for_a_dead_one(store):
    await a_line(store, "accepted")
    (delivery,) = await claim(store)
    await store.conclude([buried(delivery)], well())
    other = await a_line(store)

    assert [each.id for each in await claim(store)] == other


async def test_the_same_application_goes_to_two_destinations_independently(store):
    submission = a_submission("ankang", "jiuquan")
    await take(store, submission)
    (delivery,) = await claim(store)
    await store.conclude([buried(delivery)], well())

    assert [each.destination for each in await claim(store, "jiuquan")] == ["jiuquan"]


async def test_what_is_taken_behind_a_settled_one_is_claimed_at_once(store):
    submission = a_submission("ankang")
    await take(store, submission)
    (delivery,) = await claim(store)
    await store.conclude([settled(delivery)], well())

    event = an_event(submission.exchange.subject, "accepted", "ankang")
    await take(store, event)

    assert [each.id for each in await claim(store)] == [event.deliveries[0].id]


async def test_a_postponed_delivery_waits_for_its_time_and_counts_its_attempts(store):
    await a_line(store)
    (delivery,) = await claim(store)
    assert delivery.attempts == 0

    await store.conclude([postponed(delivery, retry_at=LATER)], well())

    assert await claim(store, now=LATER - timedelta(microseconds=1)) == ()
    (again,) = await claim(store, now=LATER)
    assert (again.attempts, again.code) == (1, "partner_unavailable")


async def test_a_postponed_delivery_without_a_time_is_due_at_once(store):
    await a_line(store)
    (delivery,) = await claim(store)

    await store.conclude([postponed(delivery)], well())

    assert len(await claim(store)) == 1


async def test_the_entries_of_verdicts_are_logged_with_them(store):
    await take(store, a_submission("ankang"), a_submission("ankang"))
    first, second = await claim(store)
    size = (await store.head()).size

    await store.conclude([settled(first, entry=an_entry()), postponed(second)], well())

    assert (await store.head()).size == size + 1


async def test_a_conclusion_repeated_has_no_second_effect(store):
    await a_line(store)
    (delivery,) = await claim(store)
    await store.conclude([settled(delivery, entry=an_entry())], well())
    size = (await store.head()).size

    await store.conclude([settled(delivery, entry=an_entry())], well())
    await store.conclude([buried(delivery, entry=an_entry())], well())

    assert (await states(store))[delivery.id] is DeliveryState.SETTLED
    assert (await store.head()).size == size


async def test_only_a_dead_delivery_can_be_revived(store):
    await take(store, *(a_submission("ankang") for _ in range(4)))
    dead, done, _ = await claim(store, limit=3)
    await store.conclude([buried(dead), settled(done)], well())
    size = (await store.head()).size
    others = [each.id for each in await store.deliveries() if each.state is not DeliveryState.DEAD]

    refused = [await store.revive(each, an_entry()) for each in (*others, "nobody's")]

    assert refused == [False] * 4
    assert (await store.head()).size == size
    assert await store.revive(dead.id, an_entry())
    assert (await store.head()).size == size + 1
    assert (await states(store))[dead.id] is DeliveryState.DUE


async def test_backlogs_name_what_is_due_by_now_with_its_backoff(store):
    await take(store, a_submission("ankang"), a_submission("ankang"), a_submission("jiuquan"))
    (delivery,) = await claim(store, "jiuquan")
    backoff = Backoff(destination="jiuquan", failures=3, retry_at=LATER)

    await store.conclude([postponed(delivery, retry_at=LATER)], backoff)

    ankang = Backlog(destination="ankang", backoff=Backoff(destination="ankang"))
    assert await store.backlogs(NOW) == (ankang,)
    assert await store.backlogs(LATER) == (ankang, Backlog(destination="jiuquan", backoff=backoff))


async def test_a_destination_with_nothing_due_has_no_backlog(store):
    await take(store, a_submission("ankang"))
    (delivery,) = await claim(store)
    assert await store.backlogs(LATER) == ()

    await store.conclude([settled(delivery)], well())

    assert await store.backlogs(LATER) == ()


async def test_a_destination_of_which_only_followers_wait_has_no_backlog(store):
    await a_line(store, "accepted")
    await claim(store)

    assert await store.backlogs(LATER) == ()


async def test_backlogs_are_told_in_order_however_much_waits(store):
    names = ["ankang", "jiuquan", "shiyan", "wuhan", "xian"]
    await take(store, *(a_submission(name) for name in reversed(names) for _ in range(3)))

    assert [each.destination for each in await store.backlogs(NOW)] == names


async def test_what_was_put_off_by_a_clock_that_was_ahead_is_due_once_it_is_right(store):
    await take(store, *(a_submission(name) for name in ("ankang", "ankang", "jiuquan")))
    (ahead, soon), (other,) = await claim(store, "ankang"), await claim(store, "jiuquan")
    far, near = NOW + timedelta(hours=5), NOW + timedelta(minutes=14)
    await store.conclude([postponed(ahead, retry_at=far), postponed(soon, retry_at=near)], well())
    await store.conclude([postponed(other, retry_at=far)], well("jiuquan"))

    hastened = await store.hasten(NOW)

    assert hastened == 2
    assert [each.id for each in await claim(store, "ankang")] == [ahead.id]
    assert [each.id for each in await claim(store, "jiuquan")] == [other.id]


async def test_a_destination_that_answers_has_no_backoff(store):
    await take(store, a_submission("ankang"), a_submission("ankang"))
    first, _ = await claim(store)
    await store.conclude([postponed(first)], Backoff(destination="ankang", failures=1, retry_at=LATER))

    await store.conclude([], well())

    (backlog,) = await store.backlogs(NOW)
    assert backlog.backoff == Backoff(destination="ankang")


async def test_deliveries_are_paged_in_order_of_id_without_their_bodies(store):
    submissions = [a_submission("ankang") for _ in range(5)]
    await take(store, *reversed(submissions))

    first = await store.deliveries(limit=3)
    second = await store.deliveries(after=first[-1].id, limit=3)

    assert [*first, *second] == [replace(intake.deliveries[0], body=b"") for intake in submissions]


async def test_deliveries_are_filtered_by_state_and_by_subject(store):
    submissions = [a_submission("ankang") for _ in range(4)]
    await take(store, *submissions)
    dead, done, _ = await claim(store, limit=3)
    await store.conclude([buried(dead), settled(done)], well())

    by_state = {state: [each.subject for each in await store.deliveries(state=state)] for state in DeliveryState}
    subjects = [intake.exchange.subject for intake in submissions]

    assert by_state == {
        DeliveryState.DEAD: subjects[:1],
        DeliveryState.SETTLED: subjects[1:2],
        DeliveryState.IN_FLIGHT: subjects[2:3],
        DeliveryState.DUE: subjects[3:],
    }
    assert [each.id for each in await store.deliveries(subject=subjects[0])] == [dead.id]
    assert await store.deliveries(subject=subjects[0], state=DeliveryState.SETTLED) == ()
    assert await store.deliveries(subject=subjects[0], after=dead.id) == ()


async def test_claims_at_the_same_time_never_take_one_delivery_twice(store):
    await take(store, *(a_submission("ankang") for _ in range(30)))

    claims = await asyncio.gather(*(claim(store, limit=4) for _ in range(10)))

    claimed = [delivery.id for each in claims for delivery in each]
    assert len(claimed) == len(set(claimed)) == 30
