"""Carrying exchanges on: in order, once for each receiver, and only what is receipted is settled."""

import asyncio
import json
from datetime import timedelta

import pytest
from aiohttp import web

from gateway.core.audit.entry import EntryKind
from gateway.core.cloudevent import CloudEvent, cut_batch, read_event
from gateway.core.model import Backoff, DeliveryState, PartnerKind
from gateway.core.trust.digests import content_digest
from gateway.flow.relay import SENDERS
from tests.gateways import ANKANG, NATIONAL, SHIYAN, application, border, event, opened_gateway, register
from tests.simulator import CHANCE, CLOCK, PartnerSimulator


@pytest.fixture
async def shiyan(tmp_path):
    async with border(tmp_path) as here:
        yield here


@pytest.fixture
async def ankang(tmp_path):
    """The handling side: its system is Ankang's, and the partner beyond is Shiyan's gateway."""
    async with border(tmp_path, name="ankang", region=ANKANG, beyond=SHIYAN) as here:
        yield here


def relayed(number="420300-0000000003-X", *, exchange=None, kind="application.submitted", document=None):
    """Return one event as Shiyan's gateway writes it."""
    return CloudEvent(
        id=exchange or CHANCE.uuid7(),
        source="gateway.beyond",
        kind=kind,
        subject=number,
        time="2026-03-02T09:00:00.000+00:00",
        data=document or {},
    ).write()


def canonical(gateway, body):
    """Return the canonical document of a national application."""
    from gateway.core.model import DocumentKind

    adapter = gateway.steps.receive.read.adapters.named("national")
    return adapter.to_canonical(DocumentKind.APPLICATION, body, "application/json").document


async def test_a_delivery_is_settled_only_by_the_partners_receipt(shiyan):
    await shiyan.system.submit(shiyan.identity, application())
    await shiyan.settled()

    (entry,) = await shiyan.entries(EntryKind.DELIVERY_SETTLED)
    assert entry.destination is not None
    assert entry.destination.partner == "gateway.beyond"
    assert entry.receipt_commitment


@pytest.mark.parametrize(
    "bend",
    [
        {"exchange": "01a2008d-c98c-7600-a8d5-eb36f6e563c8"},
        {"request_digest": content_digest(b"another body")},
        {"audience": "gateway.ankang"},
        {"issuer": "gateway.jiuquan"},
        {"signer": PartnerSimulator(id="x", kind=PartnerKind.GATEWAY, region=ANKANG, seed=99).signer},
    ],
)
async def test_a_receipt_for_anything_else_settles_nothing(shiyan, bend):
    shiyan.partner.answer = lambda partner, request, body: partner.accept(request, body, **bend)
    await shiyan.system.submit(shiyan.identity, application())
    await shiyan.partner.until(lambda: shiyan.partner.requests >= 2)

    (delivery,) = await shiyan.deliveries()
    assert delivery.state is not DeliveryState.SETTLED
    assert await shiyan.entries(EntryKind.DELIVERY_SETTLED) == []

    shiyan.partner.answer = None
    await shiyan.settled()


@pytest.mark.parametrize(
    "answer",
    [
        lambda *_: web.Response(status=503),
        lambda *_: web.Response(text="<html>It works!</html>"),
        lambda *_: web.json_response({"results": []}),
        lambda *_: web.json_response({"results": [{"exchange": "x", "receipt": 7}]}),
        lambda *_: web.HTTPFound("http://127.0.0.1:1/"),
        lambda *_: web.Response(status=401, body=b'{"code": "key_unknown"}'),
        lambda *_: web.Response(body=b"x" * (2 * 1024 * 1024)),
    ],
    ids=["overloaded", "page", "nothing", "not a receipt", "redirect", "key not registered yet", "endless"],
)
async def test_an_answer_that_says_nothing_about_the_document_is_tried_again(shiyan, answer):
    shiyan.partner.answer = answer
    await shiyan.system.submit(shiyan.identity, application())
    await shiyan.partner.until(lambda: shiyan.partner.requests >= 2)
    shiyan.partner.answer = None

    await shiyan.settled()

    assert len(shiyan.partner.seen) == 1


async def test_a_refused_document_is_dead_at_once_with_its_reason_and_can_be_revived(shiyan):
    def refuse(*_):
        problem = {"status": 422, "code": "document_invalid", "errors": [{"pointer": "/item", "code": "x"}]}
        return web.json_response({"results": [{"exchange": "x", "problem": problem}]})

    shiyan.partner.answer = refuse
    await shiyan.system.submit(shiyan.identity, application())
    (delivery,) = await shiyan.dead()
    (entry,) = await shiyan.entries(EntryKind.DELIVERY_DEAD)

    assert (delivery.code, delivery.attempts, entry.code) == ("document_invalid", 1, "document_invalid")

    shiyan.partner.answer = None
    revived = shiyan.gateway.steps.entries.revived(delivery)
    assert await shiyan.gateway.store.revive(delivery.id, revived)
    await shiyan.settled()


async def test_a_batch_is_judged_exchange_by_exchange(ankang):
    good = relayed("420300-00000-00001J", document=canonical(ankang.gateway, application(1)))
    bad = relayed("420300-00000-00002H", document={"item": {}})

    reply = await ankang.partner.relay(ankang.identity, b"[" + good + b"," + bad + b"]")

    first, second = reply.json["results"]
    assert "receipt" in first, reply.json
    assert second["problem"]["code"] == "document_invalid"


async def test_what_is_relayed_is_the_slice_that_was_signed_for(ankang):
    """Two events whose JSON is spelled unusually keep their spelling, and so their digest."""
    document = canonical(ankang.gateway, application(1))
    exchange = CHANCE.uuid7()
    spelled = json.dumps(json.loads(relayed("420300-00000-00001J", exchange=exchange, document=document)), indent=3)

    reply = await ankang.partner.relay(ankang.identity, b" [\n" + spelled.encode() + b"\n] ")

    kept = await ankang.gateway.store.taken(exchange)
    assert "receipt" in reply.json["results"][0], reply.json
    assert kept is not None
    assert (kept.body, kept.digest) == (spelled.encode(), content_digest(spelled.encode()))


async def test_the_handling_system_gets_the_application_in_its_own_layout(ankang):
    sent = application(5)
    body = relayed("420300-00000-00001J", document=canonical(ankang.gateway, sent))

    await ankang.partner.relay(ankang.identity, b"[" + body + b"]")
    await ankang.settled()

    ((_, kind, number, delivered),) = ankang.system.seen
    assert (kind, number) == ("application.submitted", "420300-00000-00001J")
    assert NATIONAL.read_application(delivered) == NATIONAL.read_application(sent)


async def test_the_handling_system_reads_the_collaboration_number_in_its_own_column(ankang):
    body = relayed("420300-00000-00001J", document=canonical(ankang.gateway, application(5)))

    await ankang.partner.relay(ankang.identity, b"[" + body + b"]")
    await ankang.settled()

    ((_, _, number, delivered),) = ankang.system.seen
    assert json.loads(delivered)["COLLABORATIONNO"] == number


async def test_a_partner_gateway_gets_what_was_converted_and_the_number_as_the_subject_only(shiyan):
    reply = await shiyan.system.submit(shiyan.identity, application())
    await shiyan.settled()

    ((_, _, number, delivered),) = shiyan.partner.seen
    assert number == reply.json["number"]
    assert "collaboration" not in read_event(delivered).data.get("caseNumbers", {})


async def test_events_of_one_application_reach_a_partner_in_the_order_they_were_taken(ankang):
    body = relayed("420300-00000-00001J", document=canonical(ankang.gateway, application(1)))
    await ankang.partner.relay(ankang.identity, b"[" + body + b"]")
    await ankang.settled()
    # The first two tries fail, so later events are waiting when the first is still to be sent.
    tries = iter(range(2))
    ankang.partner.answer = lambda *_: web.Response(status=503) if next(tries, None) is not None else None

    order = ["notice"]
    await ankang.system.report(ankang.identity, "420300-00000-00001J", event("notice"))
    await ankang.system.report(ankang.identity, "420300-00000-00001J", event("withdrawn"))
    for kind in ("voided", "closed"):
        reply = await ankang.system.report(ankang.identity, "420300-00000-00001J", event(kind))
        assert reply.status == 202, reply.json
        order.append(kind)
    await ankang.settled(4)

    assert [kind.removeprefix("event.") for _, kind, *_ in ankang.partner.seen] == order


async def test_a_partner_that_rests_is_left_alone_until_it_calls_us(shiyan):
    resting = Backoff(destination="gateway.beyond", failures=9, retry_at=CLOCK.now() + timedelta(minutes=10))
    await shiyan.gateway.store.conclude((), resting)
    await shiyan.system.submit(shiyan.identity, application())
    await shiyan.system.until(lambda: shiyan.gateway.steps.relay._resting("gateway.beyond"))

    assert shiyan.partner.requests == 0

    await shiyan.partner.get(shiyan.identity, "/federation/v1/items")
    await shiyan.settled()


async def test_a_back_off_outlives_a_restart(tmp_path):
    async with border(tmp_path) as before:
        before.partner.answer = lambda *_: web.Response(status=503)
        await before.system.submit(before.identity, application())
        await before.partner.until(lambda: before.partner.requests >= 2)
        await before.partner.until(lambda: failures(before.gateway) >= 2)
    async with opened_gateway(tmp_path, "shiyan", SHIYAN) as after:
        await before.partner.until(lambda: failures(after) >= 2)


def failures(gateway):
    """Return how often the partner beyond has failed in a row, as the relay remembers it."""
    backoff = gateway.steps.relay._backoffs.get("gateway.beyond")
    return backoff.failures if backoff else 0


async def test_an_item_that_is_not_published_is_refused_by_the_side_that_handles_it(ankang):
    document = canonical(ankang.gateway, application(item=7))

    reply = await ankang.partner.relay(ankang.identity, b"[" + relayed("420300-00000-00001J", document=document) + b"]")

    (result,) = reply.json["results"]
    assert [fault["code"] for fault in result["problem"]["errors"]] == ["item_not_published"]
    assert await ankang.deliveries() == ()


async def test_a_dead_partner_costs_the_others_nothing(shiyan):
    dead_gateway = PartnerSimulator(id="gateway.dead", kind=shiyan.partner.kind, region="620900000000", seed=9)
    dead_gateway.endpoint = "http://127.0.0.1:1"
    await register(shiyan.gateway, dead_gateway.partner())
    for number in range(5):
        await shiyan.system.submit(shiyan.identity, application(number, handling="620900000000"))

    for number in range(5):
        await shiyan.system.submit(shiyan.identity, application(number))
    await shiyan.settled(5)

    assert len(shiyan.partner.seen) == 5
    waiting = [each for each in await shiyan.deliveries() if each.destination == "gateway.dead"]
    assert {each.state for each in waiting} <= {DeliveryState.DUE, DeliveryState.IN_FLIGHT}


async def test_what_waits_is_sent_in_batches(shiyan):
    shiyan.partner.answer = lambda *_: web.Response(status=503)
    for number in range(12):
        await shiyan.system.submit(shiyan.identity, application(number))
    shiyan.partner.requests, sizes = 0, []

    def count(_partner, _request, body):
        sizes.append(len(cut_batch(body)))

    shiyan.partner.answer = count
    await shiyan.settled(12)

    assert max(sizes) > 1
    assert {read_event(raw).id for _, _, _, raw in shiyan.partner.seen} == {
        each.exchange for each in await shiyan.deliveries()
    }


class Held:
    """What the partner does with a request, held back until it is let go."""

    def __init__(self) -> None:
        self.asked, self.open = asyncio.Event(), asyncio.Event()

    async def __call__(self, partner, request, body):
        self.asked.set()
        await self.open.wait()
        return partner.accept(request, body)


async def test_a_relay_that_stops_concludes_what_is_in_flight_and_claims_nothing_more(shiyan):
    relay, shiyan.partner.answer = shiyan.gateway.steps.relay, (held := Held())
    for number in range(SENDERS):
        await shiyan.system.submit(shiyan.identity, application(number))
        await shiyan.partner.until(lambda sent=number + 1: shiyan.partner.requests == sent)
    for number in range(3):  # now every sender has its hands full
        await shiyan.system.submit(shiyan.identity, application(SENDERS + number))

    relay.begin_stop()
    held.open.set()
    await relay.stop_within(20)

    assert len(await shiyan.deliveries(DeliveryState.DUE)) == 3
    assert len(await shiyan.deliveries(DeliveryState.SETTLED)) == len(shiyan.partner.seen) == SENDERS


async def test_a_sender_that_is_cut_off_leaves_its_deliveries_in_flight_for_the_next_start(tmp_path):
    async with border(tmp_path) as here:
        here.partner.answer = held = Held()
        await here.system.submit(here.identity, application())
        await held.asked.wait()

        await here.gateway.steps.relay.stop_within(0)
        (left,) = await here.deliveries()

        held.open.set()
        here.partner.answer = None
        await here.partner.until(lambda: len(here.partner.seen) == 1)
        async with opened_gateway(tmp_path, "shiyan", SHIYAN):
            await here.settled()

    assert left.state is DeliveryState.IN_FLIGHT
    assert set(here.partner.counts.values()) == {2}  # the same id again, which has no second effect
