"""What every store remembers of reading front-end databases: positions, and rejections beside their deliveries."""

from dataclasses import replace

from gateway.core.audit.entry import EntryKind
from gateway.core.errors import Fault
from gateway.core.model import DeliveryState
from gateway.flow.ports import Position, Rejection
from tests.store.samples import NOW, a_nonce, a_submission, an_entry

FAULT = Fault(pointer="/UP_PRO_MATERIAL/1/GETTYPE", code="value_missing", message="-", message_zh="缺", got="1")


def a_rejection(**changes):
    told = Rejection(partner="ankang", row="r1", exchange="", code="rejected_in_table", faults=(FAULT,), found_at=NOW)
    return replace(told, **changes)


async def test_a_table_that_was_never_read_has_no_position(store):
    assert await store.table_position("ankang", "UP_PRO_RESULT") is None


async def test_the_last_position_is_remembered_for_each_table_of_each_partner(store):
    first, second = Position(at="2026-11-20 09:00:00", row="a"), Position(at="2026-11-20 09:00:01.5", row="b")
    await store.advance_table("ankang", "UP_PRO_RESULT", first)
    await store.advance_table("ankang", "UP_PRO_RESULT", second)
    await store.advance_table("shiyan", "UP_PRO_RESULT", first)

    assert await store.table_position("ankang", "UP_PRO_RESULT") == second
    assert await store.table_position("shiyan", "UP_PRO_RESULT") == first
    assert await store.table_position("ankang", "UP_PRO_PROCESS") is None


async def test_a_rejection_is_seen_on_the_delivery_it_speaks_of_and_on_no_other(store):
    submission, other = a_submission("ankang", "jiuquan"), a_submission("ankang")
    await store.receive(a_nonce(), [submission, other])
    exchange = submission.exchange.id

    assert await store.keep_rejection(a_rejection(exchange=exchange), an_entry(kind=EntryKind.DELIVERY_REJECTED))

    rejected = [each for each in await store.deliveries() if each.rejected]
    assert [(each.exchange, each.destination) for each in rejected] == [(exchange, "ankang")]
    assert (rejected[0].state, rejected[0].code, rejected[0].faults) == (
        DeliveryState.DUE,
        "rejected_in_table",
        (FAULT,),
    )


async def test_a_rejection_counts_once_and_is_logged_once(store):
    before = (await store.head()).size

    fresh = [await store.keep_rejection(a_rejection(), an_entry()) for _ in range(3)]

    assert fresh == [True, False, False]
    assert (await store.head()).size == before + 1


async def test_several_rejections_of_one_delivery_tell_all_their_faults(store):
    submission = a_submission("ankang")
    await store.receive(a_nonce(), [submission])
    for row in ("r1", "r2"):
        await store.keep_rejection(a_rejection(row=row, exchange=submission.exchange.id), an_entry())

    (delivery,) = await store.deliveries(subject=submission.exchange.subject)
    assert delivery.faults == (FAULT, FAULT)
