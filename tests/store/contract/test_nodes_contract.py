"""What every store does with nodes: what one claimed is its own while its lease stands, and a duty is one node's."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.core.model import Backoff, Delivery, DeliveryState
from gateway.flow.ports import Store
from tests.store.samples import (
    NOW,
    a_claim,
    a_nonce,
    a_submission,
    an_entry,
    buried,
    postponed,
    settled,
    well,
)

RESTED = NOW + timedelta(minutes=5)
RESTING = Backoff(destination="ankang", failures=1, retry_at=RESTED)


@pytest.fixture
async def nodes(opener):
    """Two nodes over one store, both with a lease."""
    opened = [await opener() for _ in range(2)]
    for _ in range(2):  # where one process at a time relays, the second ends the first, which then comes again
        for node in opened:
            await attend(node)
    yield opened
    for node in opened:
        await node.close()


async def attend(node: Store, *held: Delivery, lease_s: float = 60.0) -> bool:
    return await node.attend({each.claim for each in held}, lease_s=lease_s)


async def take(node: Store, count: int = 1) -> None:
    await node.receive(a_nonce(), [a_submission("ankang") for _ in range(count)])


async def claim(node: Store, limit: int = 10) -> tuple[Delivery, ...]:
    return await node.claim("ankang", number=a_claim(), limit=limit, now=NOW)


async def states(node: Store) -> list[DeliveryState]:
    return [each.state for each in await node.deliveries()]


async def lose(node: Store, other: Store, *held: Delivery) -> None:
    """Have a node be silent until its lease has ended and the other has noticed."""
    await attend(node, *held, lease_s=0.01)
    while DeliveryState.IN_FLIGHT in await states(other):
        await asyncio.sleep(0.01)
        await attend(other)


async def test_a_lease_goes_on_while_it_is_renewed_and_begins_anew_once_it_has_ended(opener):
    node = await opener()

    assert [await attend(node), await attend(node)] == [False, True]
    await attend(node, lease_s=0.01)
    await asyncio.sleep(0.05)
    assert [await attend(node), await attend(node)] == [False, True]
    await node.leave()
    assert not await attend(node)
    await node.close()


async def test_what_a_node_holds_is_not_put_back_by_another(nodes):
    await take(nodes[0])
    (held,) = await claim(nodes[0])

    assert await attend(nodes[1])
    assert await attend(nodes[0], held)

    assert await states(nodes[1]) == [DeliveryState.IN_FLIGHT]
    assert await claim(nodes[1]) == ()


async def test_what_a_node_claimed_and_does_not_hold_any_more_is_put_back(nodes):
    await take(nodes[0], 2)
    (held,), _forgotten = await claim(nodes[0], 1), await claim(nodes[0], 1)

    assert await attend(nodes[0], held)

    assert await states(nodes[0]) == [DeliveryState.IN_FLIGHT, DeliveryState.DUE]


async def test_what_a_node_held_whose_lease_has_ended_is_put_back_by_another(nodes):
    await take(nodes[0])
    (held,) = await claim(nodes[0])
    await lose(nodes[0], nodes[1], held)

    (again,) = await claim(nodes[1])

    assert again == replace(held, claim=again.claim)
    assert not await attend(nodes[0], held)
    assert await states(nodes[0]) == [DeliveryState.IN_FLIGHT]


async def test_what_a_node_held_when_its_own_lease_ended_it_puts_back_itself(nodes):
    await take(nodes[0])
    (held,) = await claim(nodes[0])
    await attend(nodes[0], held, lease_s=0.01)
    await asyncio.sleep(0.05)

    assert not await attend(nodes[0], held)

    assert await states(nodes[0]) == [DeliveryState.DUE]


async def test_what_a_node_held_that_leaves_is_due_at_once(nodes):
    await take(nodes[0])
    await claim(nodes[0])

    await nodes[0].leave()

    assert len(await claim(nodes[1])) == 1


@pytest.mark.parametrize("verdict", [postponed, buried])
async def test_a_node_that_lost_a_delivery_cannot_conclude_it(nodes, verdict):
    await take(nodes[0])
    (lost,) = await claim(nodes[0])
    await lose(nodes[0], nodes[1], lost)
    size = (await nodes[1].head()).size

    await nodes[0].conclude([verdict(lost, entry=an_entry())], RESTING)
    (held,) = await claim(nodes[1])
    await nodes[0].conclude([verdict(lost, entry=an_entry())], RESTING)

    assert await states(nodes[1]) == [DeliveryState.IN_FLIGHT]
    assert (held.attempts, (await nodes[1].head()).size) == (0, size)
    await nodes[1].conclude([postponed(held)], well())
    (again,) = await claim(nodes[1])
    assert again.attempts == 1


@pytest.mark.parametrize("verdict", [postponed, buried])
async def test_a_node_that_lost_a_delivery_and_claimed_it_again_concludes_only_the_later_claim(nodes, verdict):
    await take(nodes[0])
    (lost,) = await claim(nodes[0])
    await lose(nodes[0], nodes[1], lost)
    await attend(nodes[0])
    (held,) = await claim(nodes[0])

    await nodes[0].conclude([verdict(lost)], well())
    assert await states(nodes[0]) == [DeliveryState.IN_FLIGHT]

    await nodes[0].conclude([verdict(held)], well())
    assert await states(nodes[0]) != [DeliveryState.IN_FLIGHT]


async def test_what_was_put_back_is_not_buried_by_whoever_held_it(nodes):
    await take(nodes[0])
    (lost,) = await claim(nodes[0])
    await lose(nodes[0], nodes[1], lost)

    await nodes[0].conclude([buried(lost, entry=an_entry())], well())

    assert await states(nodes[1]) == [DeliveryState.DUE]


@pytest.mark.parametrize("meanwhile", ["due", "in_flight", "dead", "settled"])
async def test_a_receipt_is_true_whoever_holds_the_delivery_by_now(nodes, meanwhile):
    submission = a_submission("ankang")
    await nodes[0].receive(a_nonce(), [submission])
    (lost,) = await claim(nodes[0])
    await lose(nodes[0], nodes[1], lost)
    held = () if meanwhile == "due" else await claim(nodes[1])
    if meanwhile == "dead":
        await nodes[1].conclude([buried(held[0])], well())
    if meanwhile == "settled":
        await nodes[1].conclude([settled(held[0], entry=an_entry())], well())
    size = (await nodes[1].head()).size

    await nodes[0].conclude([settled(lost, entry=an_entry())], well())
    await nodes[1].conclude([buried(each, entry=an_entry()) for each in held], RESTING)

    assert await states(nodes[1]) == [DeliveryState.SETTLED]
    assert (await nodes[1].head()).size == size + (meanwhile != "settled")


async def test_the_line_of_a_delivery_that_a_late_receipt_settles_goes_on(nodes):
    submission = a_submission("ankang")
    following = replace(a_submission("ankang", subject=submission.exchange.subject), application=None)
    await nodes[0].receive(a_nonce(), [submission, following])
    (lost,) = await claim(nodes[0])
    await lose(nodes[0], nodes[1], lost)

    await nodes[0].conclude([settled(lost)], well())

    assert [each.exchange for each in await claim(nodes[1])] == [following.exchange.id]


async def test_a_destination_that_one_node_found_dead_is_left_alone_by_all_until_one_hears_from_it(nodes):
    await take(nodes[0], 2)
    (failed,) = await claim(nodes[0], 1)
    await nodes[0].conclude([postponed(failed)], RESTING)

    assert [await claim(node) for node in nodes] == [(), ()]
    assert len(await nodes[1].claim("ankang", number=a_claim(), limit=1, now=RESTED)) == 1
    await nodes[1].conclude((), well())
    assert len(await claim(nodes[0])) == 1


async def test_a_node_whose_verdicts_came_too_late_says_nothing_of_the_destination(nodes):
    await take(nodes[0])
    (lost,) = await claim(nodes[0])
    await lose(nodes[0], nodes[1], lost)

    await nodes[0].conclude([postponed(lost)], RESTING)

    assert len(await claim(nodes[1])) == 1


async def test_a_duty_is_one_nodes_until_it_leaves(nodes):
    assert [await node.take_duty("poll") for node in nodes] == [True, False]
    assert [await node.take_duty("poll") for node in nodes] == [True, False]
    assert await nodes[1].take_duty("mirror")

    await nodes[0].leave()

    assert [await node.take_duty("poll") for node in nodes] == [False, True]


async def test_a_duty_passes_on_when_its_node_is_silent_and_does_not_come_back(nodes):
    assert await nodes[0].take_duty("poll")
    await attend(nodes[0], lease_s=0.01)
    await asyncio.sleep(0.05)

    assert not await nodes[0].take_duty("poll")
    assert await nodes[1].take_duty("poll")
    await attend(nodes[0])
    assert [await node.take_duty("poll") for node in nodes] == [False, True]


async def test_a_node_whose_lease_ended_has_its_duties_only_if_it_takes_them_again(nodes):
    assert await nodes[0].take_duty("poll")
    await attend(nodes[0], lease_s=0.01)
    await asyncio.sleep(0.05)
    await attend(nodes[0])

    assert await nodes[1].take_duty("poll")
    assert not await nodes[0].take_duty("poll")


async def test_a_node_without_a_lease_has_no_duty(opener):
    node = await opener()

    assert not await node.take_duty("poll")
    await node.close()


async def test_a_duty_that_many_ask_for_at_once_is_one_nodes(nodes):
    for number in range(20):
        asked = await asyncio.gather(*(node.take_duty(f"duty {number}") for node in nodes for _ in range(3)))

        assert {tuple(asked[:3]), tuple(asked[3:])} == {(True,) * 3, (False,) * 3}
