"""What every store does with exchanges: once and for all, each on its own merits."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.core.errors import ConflictError, NotFoundError, RejectedError, ReplayedTokenError
from gateway.core.model import Exchange
from gateway.flow.ports import Taken
from tests.store.samples import NOW, a_delivery, a_nonce, a_submission, an_application, an_entry, an_event, an_exchange


async def test_an_exchange_comes_back_as_it_was_taken(store):
    intake = a_submission("ankang")

    (taken,) = await store.receive(a_nonce(), [intake])

    assert taken == Taken(receipt=intake.exchange.receipt, number=intake.exchange.subject, first=True)
    assert await store.taken(intake.exchange.id) == intake.exchange


async def test_an_exchange_that_nobody_sent_is_not_there(store):
    assert await store.taken("01930000-0000-7000-8000-ffffffffffff") is None


async def test_everything_accepted_is_there_when_the_store_is_opened_again(store, opener):
    intake = a_submission("ankang")
    await store.receive(a_nonce(), [intake], [an_entry()])
    await store.close()

    again = await opener()

    assert await again.taken(intake.exchange.id) == intake.exchange
    assert await again.application(intake.exchange.subject) == intake.application
    assert [delivery.id for delivery in await again.deliveries()] == [intake.deliveries[0].id]
    assert (await again.head()).size == 2
    await again.close()


async def test_a_repeat_yields_the_first_receipt_and_number_and_no_second_effect(store):
    first = a_submission("ankang")
    await store.receive(a_nonce(), [first])
    repeat = a_submission("ankang", id=first.exchange.id, receipt="another receipt")

    (taken,) = await store.receive(a_nonce(), [repeat])

    assert taken == Taken(receipt=first.exchange.receipt, number=first.exchange.subject, first=False)
    assert await store.taken(first.exchange.id) == first.exchange
    assert await store.application(repeat.exchange.subject) is None
    assert len(await store.deliveries()) == 1
    assert (await store.head()).size == 1


@pytest.mark.parametrize("change", [{"digest": "sha-256=:other:"}, {"sender": "jiuquan"}])
async def test_an_exchange_id_used_for_something_else_is_a_conflict_without_effect(store, change):
    first = a_submission("ankang")
    await store.receive(a_nonce(), [first])

    (outcome,) = await store.receive(a_nonce(), [a_submission("ankang", id=first.exchange.id, **change)])

    assert isinstance(outcome, ConflictError)
    assert outcome.code == "exchange_reused"
    assert await store.taken(first.exchange.id) == first.exchange
    assert len(await store.deliveries()) == 1
    assert (await store.head()).size == 1


async def test_intakes_are_judged_in_order_and_each_on_its_own(store):
    first, other = a_submission("ankang"), a_submission("ankang")
    stranger = an_event("XT99999999", "accepted")
    changed = replace(first, exchange=replace(first.exchange, digest="sha-256=:other:"))

    outcomes = await store.receive(a_nonce(), [first, first, changed, stranger, other])

    assert [getattr(outcome, "first", None) for outcome in outcomes] == [True, False, None, None, True]
    assert [outcome.code for outcome in outcomes if isinstance(outcome, RejectedError)] == [
        "exchange_reused",
        "not_found",
    ]
    assert (await store.head()).size == 2


async def test_thirty_two_intakes_are_taken_at_once(store):
    intakes = [a_submission("ankang", "jiuquan") for _ in range(32)]

    outcomes = await store.receive(a_nonce(), intakes)

    assert [outcome.receipt for outcome in outcomes] == [intake.exchange.receipt for intake in intakes]
    assert len(await store.deliveries(limit=100)) == 64


async def test_an_event_moves_its_application(store):
    submission = a_submission()
    number = submission.exchange.subject
    event = an_event(number, "accepted", received_at=NOW + timedelta(days=1))

    await store.receive(a_nonce(), [submission, event])

    begun = an_application(submission.exchange)
    assert await store.application(number) == replace(begun, state="accepted", updated_at=NOW + timedelta(days=1))


async def test_an_event_out_of_order_is_a_conflict_without_effect(store):
    submission = a_submission()
    number = submission.exchange.subject
    await store.receive(a_nonce(), [submission])
    event = an_event(number, "decided", "shiyan")

    (outcome,) = await store.receive(a_nonce(), [event])

    assert isinstance(outcome, ConflictError)
    assert outcome.code == "event_out_of_order"
    assert await store.application(number) == submission.application
    assert await store.taken(event.exchange.id) is None
    assert await store.deliveries() == ()


async def test_an_event_of_an_unknown_application_is_not_found(store):
    (outcome,) = await store.receive(a_nonce(), [an_event("XT00000000", "accepted")])

    assert isinstance(outcome, NotFoundError)
    assert (await store.head()).size == 0


async def test_a_number_in_use_is_refused_to_a_second_application(store):
    first = a_submission()
    await store.receive(a_nonce(), [first])

    (outcome,) = await store.receive(a_nonce(), [a_submission(subject=first.exchange.subject)])

    assert isinstance(outcome, ConflictError)
    assert outcome.code == "number_taken"
    assert await store.application(first.exchange.subject) == first.application


async def test_an_application_that_nobody_submitted_is_not_there(store):
    assert await store.application("XT00000000") is None


async def test_a_used_nonce_takes_nothing(store):
    nonce = a_nonce()
    await store.receive(nonce, [a_submission()])
    second = a_submission("ankang")

    with pytest.raises(ReplayedTokenError):
        await store.receive(nonce, [second], [an_entry()])

    assert await store.taken(second.exchange.id) is None
    assert (await store.head()).size == 1


async def test_a_nonce_is_used_up_even_where_every_intake_is_rejected(store):
    nonce = a_nonce()
    await store.receive(nonce, [an_event("XT00000000", "accepted")])

    with pytest.raises(ReplayedTokenError):
        await store.receive(nonce, [])


async def test_two_senders_may_choose_the_same_token_id(store):
    nonce = a_nonce()
    await store.receive(nonce, [])

    assert await store.receive(replace(nonce, sender="jiuquan"), []) == ()


async def test_of_one_nonce_used_at_the_same_time_one_use_succeeds(store):
    nonce = a_nonce()

    outcomes = await asyncio.gather(*(store.receive(nonce, [a_submission()]) for _ in range(8)), return_exceptions=True)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["ReplayedTokenError"] * 7 + ["tuple"]
    assert (await store.head()).size == 1


async def test_of_one_exchange_sent_at_the_same_time_all_get_one_receipt(store):
    intake = a_submission("ankang")

    outcomes = await asyncio.gather(*(store.receive(a_nonce(), [intake]) for _ in range(8)))

    assert {taken.receipt for (taken,) in outcomes} == {intake.exchange.receipt}
    assert [taken.first for (taken,) in outcomes].count(True) == 1
    assert len(await store.deliveries()) == 1


async def test_logging_can_use_up_a_nonce(store):
    nonce = a_nonce()
    await store.log([an_entry()], nonce)

    with pytest.raises(ReplayedTokenError):
        await store.log([an_entry()], nonce)

    await store.log([an_entry()])
    assert (await store.head()).size == 2


async def test_nonces_are_forgotten_once_no_token_can_carry_them(store):
    old, young = a_nonce(expires_at=NOW), a_nonce(expires_at=NOW + timedelta(minutes=5))
    await store.receive(old, [])
    await store.receive(young, [])

    forgotten = await store.forget_nonces(NOW + timedelta(seconds=1))

    assert forgotten == 1
    await store.receive(old, [])
    with pytest.raises(ReplayedTokenError):
        await store.receive(young, [])


async def test_the_history_of_an_application_is_in_the_order_taken_without_bodies(store):
    submission = a_submission()
    number = submission.exchange.subject
    # The sender's ids do not rise, and its clock does not either.
    late = an_event(number, "accepted", received_at=NOW - timedelta(days=1))
    later = an_event(number, "reviewed", id="01920000-0000-7000-8000-000000000000")
    for intake in (submission, a_submission(), late, later):
        await store.receive(a_nonce(), [intake])

    history = await store.history(number)

    taken = [submission.exchange, late.exchange, later.exchange]
    assert history == tuple(replace(exchange, body=b"") for exchange in taken)


async def test_an_exchange_without_application_or_delivery_is_kept_too(store):
    exchange = an_exchange(body=b"")
    intake = replace(a_submission(), exchange=exchange, application=None)

    await store.receive(a_nonce(), [intake])

    assert await store.taken(exchange.id) == exchange
    assert await store.application(exchange.subject) is None


async def test_what_was_written_is_read_at_once_by_whoever_wrote_it(store):
    async def write_and_read() -> tuple[Exchange, Exchange]:
        intake = a_submission("ankang")
        await store.receive(a_nonce(), [intake])
        return intake.exchange, await store.taken(intake.exchange.id)

    pairs = await asyncio.gather(*(write_and_read() for _ in range(20)))

    assert all(written == read for written, read in pairs)


async def test_a_delivery_of_an_exchange_that_was_never_taken_is_a_mistake_that_harms_nobody_else(store):
    good = a_submission("ankang")
    orphan = replace(a_submission(), deliveries=(a_delivery(an_exchange()),))

    outcomes = await asyncio.gather(
        store.receive(a_nonce(), [good]), store.receive(a_nonce(), [orphan]), return_exceptions=True
    )

    assert isinstance(outcomes[0], tuple)
    assert isinstance(outcomes[1], Exception)
    assert await store.taken(orphan.exchange.id) is None
    assert (await store.head()).size == 1
