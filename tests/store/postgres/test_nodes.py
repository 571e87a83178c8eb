"""Two nodes over one database: one effect for one exchange, one node for one delivery, one tree for all."""

import asyncio
from dataclasses import replace

import pytest

from gateway.core.catalogue.search import ItemFilter
from gateway.core.errors import ConflictError, ReplayedTokenError
from gateway.core.model import DeliveryState
from gateway.flow.ports import Taken
from tests.store.proof import assert_sound
from tests.store.samples import (
    NOW,
    a_claim,
    a_delivery,
    a_nonce,
    a_submission,
    an_entry,
    an_event,
    an_item,
    settled,
    well,
)


async def test_one_exchange_that_arrives_at_both_at_once_has_one_effect_and_one_receipt(nodes):
    for _ in range(20):
        first = a_submission("ankang")
        other = replace(first, exchange=replace(first.exchange, receipt="another receipt"), entry=an_entry())

        ((one,), (two,)) = await asyncio.gather(
            nodes[0].receive(a_nonce(), [first]), nodes[1].receive(a_nonce(), [other])
        )

        assert {one.first, two.first} == {True, False}
        assert one.receipt == two.receipt
        assert len(await nodes[0].deliveries(subject=first.exchange.subject)) == 1
    assert (await nodes[1].head()).size == 20
    await assert_sound(nodes[0])


async def test_one_exchange_without_application_that_arrives_at_both_at_once_has_one_effect(nodes):
    for _ in range(30):
        intakes = [replace(a_submission("ankang"), application=None)]
        same = {"id": intakes[0].exchange.id, "subject": intakes[0].exchange.subject}
        intakes.append(replace(a_submission("ankang", **same), application=None))

        outcomes = await asyncio.gather(
            *(node.receive(a_nonce(), [intake]) for node, intake in zip(nodes, intakes, strict=True))
        )

        assert {taken.first for (taken,) in outcomes} == {True, False}
        assert len({taken.receipt for (taken,) in outcomes}) == 1


@pytest.mark.parametrize("event", ["withdrawn", ""])
async def test_one_event_that_arrives_at_both_at_once_has_one_effect_and_one_receipt(nodes, event):
    for _ in range(20):
        submission = a_submission()
        await nodes[0].receive(a_nonce(), [submission])
        # Without an event, it is an exchange that begins and moves nothing.
        first = replace(an_event(submission.exchange.subject, "withdrawn", "shiyan"), event=event)
        other = replace(
            first,
            exchange=replace(first.exchange, receipt="another receipt"),
            entry=an_entry(),
            deliveries=(a_delivery(first.exchange, "shiyan"),),
        )

        ((one,), (two,)) = await asyncio.gather(
            nodes[0].receive(a_nonce(), [first]), nodes[1].receive(a_nonce(), [other])
        )

        assert {one.first, two.first} == {True, False}
        assert one.receipt == two.receipt
        assert len(await nodes[0].deliveries(subject=first.exchange.subject)) == 1


async def test_one_number_that_is_begun_at_both_at_once_is_begun_once(nodes):
    for _ in range(10):
        first = a_submission("ankang")
        second = a_submission("ankang", subject=first.exchange.subject)

        outcomes = await asyncio.gather(nodes[0].receive(a_nonce(), [first]), nodes[1].receive(a_nonce(), [second]))

        assert sorted(type(outcome).__name__ for (outcome,) in outcomes) == ["ConflictError", "Taken"]
        assert {outcome.code for (outcome,) in outcomes if isinstance(outcome, ConflictError)} == {"number_taken"}


async def test_one_event_that_both_are_told_of_moves_its_application_once(nodes):
    for _ in range(10):
        submission = a_submission()
        number = submission.exchange.subject
        await nodes[0].receive(a_nonce(), [submission])

        outcomes = await asyncio.gather(
            *(node.receive(a_nonce(), [an_event(number, "accepted", "shiyan")]) for node in nodes)
        )

        assert sorted(type(outcome).__name__ for (outcome,) in outcomes) == ["ConflictError", "Taken"]
        assert {outcome.code for (outcome,) in outcomes if isinstance(outcome, ConflictError)} == {"event_out_of_order"}


async def test_one_token_is_taken_by_one(nodes):
    for _ in range(20):
        nonce = a_nonce()

        outcomes = await asyncio.gather(*(node.receive(nonce, []) for node in nodes), return_exceptions=True)

        assert sorted(type(outcome).__name__ for outcome in outcomes) == [ReplayedTokenError.__name__, "tuple"]


async def test_no_delivery_is_claimed_by_both(nodes):
    submissions = [a_submission("ankang") for _ in range(200)]
    await nodes[0].receive(a_nonce(), submissions)

    async def claim_all(node):
        claimed = []
        while deliveries := await node.claim("ankang", number=a_claim(), limit=3, now=NOW):
            claimed += [delivery.id for delivery in deliveries]
        return claimed

    claims = await asyncio.gather(*(claim_all(node) for node in nodes for _ in range(8)))

    claimed = [id_ for each in claims for id_ in each]
    assert sorted(claimed) == sorted(each.deliveries[0].id for each in submissions)


async def test_a_line_goes_on_whoever_settles_its_head_while_the_other_adds_to_it(nodes):
    for _ in range(30):
        submission = a_submission("ankang")
        number = submission.exchange.subject
        await nodes[0].receive(a_nonce(), [submission])
        (head,) = await nodes[1].claim("ankang", number=a_claim(), limit=1, now=NOW)
        event = an_event(number, "accepted", "ankang")

        await asyncio.gather(
            nodes[0].receive(a_nonce(), [event]), nodes[1].conclude([settled(head, entry=an_entry())], well())
        )

        (following,) = await nodes[0].claim("ankang", number=a_claim(), limit=9, now=NOW)
        assert following.exchange == event.exchange.id
        await nodes[0].conclude([settled(following)], well())


async def test_nodes_that_meet_in_opposite_order_both_get_what_they_asked_for(nodes):
    submissions = [a_submission() for _ in range(4)]
    await nodes[0].receive(a_nonce(), submissions)
    numbers = [each.exchange.subject for each in submissions]

    async def move(node, order):
        calls = (node.receive(a_nonce(), [an_event(number, "withdrawn")]) for number in order)
        return [outcome for (outcome,) in await asyncio.gather(*calls)]

    outcomes = await asyncio.gather(move(nodes[0], numbers), move(nodes[1], numbers[::-1]))

    taken = [outcome for each in outcomes for outcome in each if isinstance(outcome, Taken)]
    assert sorted(each.number for each in taken) == sorted(numbers)
    assert len([outcome for each in outcomes for outcome in each]) == 8
    await assert_sound(nodes[1])


async def test_both_grow_one_tree_and_lose_no_entry(nodes):
    entries = [an_entry() for _ in range(300)]

    await asyncio.gather(*(nodes[number % 2].log([entry]) for number, entry in enumerate(entries)))

    assert (await nodes[0].head()).size == 300
    await assert_sound(nodes[0])
    await assert_sound(nodes[1])


async def test_entry_after_entry_both_grow_one_tree(nodes):
    async def log_one_by_one(node):
        for _ in range(40):
            await node.log([an_entry()])

    await asyncio.gather(*(log_one_by_one(node) for node in nodes))

    assert (await nodes[0].head()).size == 80
    await assert_sound(nodes[0])


async def test_an_entry_that_both_are_given_is_there_once(nodes):
    for _ in range(10):
        entry = an_entry()

        await asyncio.gather(*(node.log([entry]) for node in nodes))

    assert (await nodes[0].head()).size == 10
    await assert_sound(nodes[0])


async def test_a_reader_of_the_feed_and_a_search_miss_nothing_that_both_write(nodes):
    items = [an_item() for _ in range(80)]
    writing = asyncio.gather(*(put_one_by_one(nodes[number], items[number::2]) for number in range(2)))
    read: list[str] = []
    after, written = 0, False
    while not written:
        written = writing.done()
        page = await nodes[0].feed(after, limit=100, size=1 << 20)
        read += [each.code for each in page.items]
        after = page.last

    assert sorted(read) == sorted(each.code for each in items)
    found = (await nodes[1].find_items(ItemFilter(region="4203"))).items
    assert sorted(each.code for each in found) == sorted(read)


async def put_one_by_one(node, items):
    for item in items:
        await node.put_items([item], an_entry())


async def test_items_that_both_put_are_all_found_and_offered_in_one_order(nodes):
    items = [an_item(region="420300000000") for _ in range(40)]

    await asyncio.gather(*(nodes[number % 2].put_items([item, items[number - 1]]) for number, item in enumerate(items)))

    found = (await nodes[0].find_items(ItemFilter(region="4203"))).items
    assert sorted(each.code for each in found) == sorted(each.code for each in items)
    page = await nodes[0].feed(0, limit=100, size=1 << 20)
    assert sorted(each.code for each in page.items) == sorted(each.code for each in items)
    assert page == await nodes[1].feed(0, limit=100, size=1 << 20)


@pytest.mark.parametrize("node", [0, 1])
async def test_what_one_claimed_and_forgot_the_other_puts_back(nodes, node):
    await nodes[0].receive(a_nonce(), [a_submission("ankang")])
    (claimed,) = await nodes[node].claim("ankang", number=a_claim(), limit=1, now=NOW)

    assert not await nodes[1 - node].attend((), lease_s=60)

    (delivery,) = await nodes[1 - node].deliveries()
    assert (delivery.id, delivery.state) == (claimed.id, DeliveryState.DUE)


async def test_a_long_import_on_one_node_lets_another_change_the_catalogue_in_between(nodes):
    importing, other = nodes
    done = asyncio.Event()

    async def put_in_chunks() -> None:
        while not done.is_set():
            await importing.put_items([an_item() for _ in range(200)])

    running = asyncio.create_task(put_in_chunks())
    for _ in range(3):
        item = an_item(region="610900000000")
        await other.put_items([item], an_entry())
        assert item in (await other.find_items(ItemFilter(region="6109"))).items
    done.set()
    await running
