"""A partner that misbehaves delays what is for itself, and nothing else; an operator reads why."""

import asyncio
import gzip
import json
from time import monotonic

import pytest
import structlog
from aiohttp import web

from gateway.core.audit.entry import EntryKind
from gateway.core.model import DeliveryState, PartnerKind
from tests.gateways import application, border, register
from tests.patience import until
from tests.simulator import PartnerSimulator

ELSEWHERE = "620900000000"


@pytest.fixture
async def shiyan(tmp_path):
    async with border(tmp_path) as here:
        yield here


@pytest.fixture
async def bad(shiyan):
    """Another partner gateway, which a test bends."""
    partner = PartnerSimulator(id="gateway.bad", kind=PartnerKind.GATEWAY, region=ELSEWHERE, seed=9)
    await partner.listen()
    await register(shiyan.gateway, partner.partner())
    yield partner
    await partner.hang_up()


async def endless(_partner, request, _body):
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.05)


async def silent(*_):
    await asyncio.Event().wait()


def another(partner, request, body):
    """Answer with a real receipt, for something that was sent before."""
    real = partner.accept(request, body)
    partner.kept = getattr(partner, "kept", None) or real.text
    return web.json_response(json.loads(partner.kept))


async def tried(border, to="gateway.bad"):
    """Wait until a delivery was tried in vain, and return it."""

    async def concluded():  # and not tried again already
        return [
            each
            for each in await border.deliveries()
            if each.destination == to and each.attempts and each.state is not DeliveryState.IN_FLIGHT
        ]

    return (await until(concluded))[0]


def batch(problem):
    return lambda *_: web.json_response({"results": [{"exchange": "x", "problem": problem}]})


SAID = {
    "garbage": (lambda *_: web.Response(body=b"\x00\xff{{{"), "due", "answer_malformed"),
    "a page": (lambda *_: web.Response(text="<html>It works!</html>"), "due", "answer_malformed"),
    "a status that is a list": (batch({"status": [], "code": "x"}), "due", "x"),
    "a code that is somebody": (batch({"status": 422, "code": "张三 110105194912310021"}), "dead", "answer_malformed"),
    "faults that are none": (
        batch({"status": 422, "code": "document_invalid", "errors": {"a": 1}}),
        "dead",
        "document_invalid",
    ),
    "results for nothing": (lambda *_: web.json_response({"results": []}), "due", "answer_malformed"),
    "a receipt that is none": (
        lambda *_: web.json_response({"results": [{"receipt": "a.b.c"}]}),
        "due",
        "receipt_malformed",
    ),
    "no content": (lambda *_: web.Response(status=204), "due", "answer_status"),
    "a redirect": (
        lambda *_: web.Response(status=307, headers={"Location": "http://127.0.0.1:1/"}),
        "due",
        "answer_status",
    ),
    "busy": (lambda *_: web.Response(status=503, headers={"Retry-After": "60"}), "due", "answer_status"),
    "a whole batch refused": (lambda *_: web.json_response({"code": "key_unknown"}, status=401), "due", "key_unknown"),
    "a bomb": (
        lambda *_: web.Response(body=gzip.compress(b"0" * 10_000_000), headers={"Content-Encoding": "gzip"}),
        "due",
        "answer_malformed",
    ),
    "too much": (lambda *_: web.Response(body=b" " * 3_000_000), "due", "answer_too_large"),
}


@pytest.mark.parametrize("name", SAID)
async def test_whatever_it_says_the_delivery_has_a_state_and_a_code_and_the_log_says_what_is_final(shiyan, bad, name):
    bad.answer, state, code = SAID[name]
    await shiyan.system.submit(shiyan.identity, application(1, handling=ELSEWHERE))

    delivery = await tried(shiyan)

    assert (delivery.state, delivery.code) == (state, code)
    assert [each.code for each in await shiyan.entries(EntryKind.DELIVERY_DEAD)] == [code] * (state == "dead")
    assert await shiyan.entries(EntryKind.DELIVERY_SETTLED) == []


async def test_a_receipt_for_what_was_sent_before_settles_nothing_that_came_after(shiyan, bad):
    bad.answer = another
    await shiyan.system.submit(shiyan.identity, application(1, handling=ELSEWHERE))
    await shiyan.settled()
    await shiyan.system.submit(shiyan.identity, application(2, handling=ELSEWHERE))

    await shiyan.system.until(lambda: bad.requests >= 2)
    codes = {""}
    while codes <= {""}:
        codes = {each.code for each in await shiyan.deliveries() if each.state is DeliveryState.DUE}

    assert codes == {"receipt_exchange_wrong"}


@pytest.mark.parametrize("way", [endless, silent], ids=["never ends its answer", "says nothing"])
async def test_one_that_keeps_its_senders_waiting_keeps_nobody_else_waiting(shiyan, bad, way):
    bad.answer = way
    for number in range(40):
        await shiyan.system.submit(shiyan.identity, application(number, handling=ELSEWHERE))
    await shiyan.system.until(lambda: bad.requests >= 1)

    for number in range(40, 50):
        await shiyan.system.submit(shiyan.identity, application(number))
    await shiyan.settled(10)

    waiting = [each for each in await shiyan.deliveries() if each.destination == "gateway.bad"]
    assert {(each.attempts, each.state is DeliveryState.DEAD) for each in waiting} == {(0, False)}


async def test_a_destination_that_failed_is_asked_with_one_delivery_and_then_with_more(shiyan, bad):
    sizes = []
    bad.answer = lambda *_: web.Response(status=503)
    for number in range(20):
        await shiyan.system.submit(shiyan.identity, application(number, handling=ELSEWHERE))
    await tried(shiyan)

    def count(_partner, _request, body):
        sizes.append(len(json.loads(body)))

    bad.answer = count
    await shiyan.settled(20)

    assert sizes[:4] == [1, 2, 4, 8]
    assert len(set(bad.counts)) == 20


async def test_one_document_that_makes_a_partner_fail_does_not_keep_the_others_from_it(shiyan, bad):
    """Whatever batch the poisoned one is in fails; each time it goes behind the others, and comes back alone."""
    poison = set[str]()

    def fail(_partner, _request, body):
        exchanges = {each["id"] for each in json.loads(body)}
        poison.update({min(exchanges)} if not poison else ())
        return web.Response(status=500) if exchanges & poison else None

    bad.answer = fail
    for number in range(12):
        await shiyan.system.submit(shiyan.identity, application(number, handling=ELSEWHERE))

    await shiyan.settled(11)

    (left,) = [each for each in await shiyan.deliveries() if each.state is not DeliveryState.SETTLED]
    assert {left.exchange} == poison


async def test_a_partner_that_asks_to_be_left_alone_is(shiyan, bad):
    bad.answer = lambda *_: web.Response(status=429, headers={"Retry-After": "120"})
    await shiyan.system.submit(shiyan.identity, application(1, handling=ELSEWHERE))
    await tried(shiyan)
    relay = shiyan.gateway.steps.relay

    rest_s = (relay._backoffs["gateway.bad"].retry_at - relay.clock.now()).total_seconds()

    assert 100 < rest_s <= 120


async def test_a_partner_that_calls_all_the_time_and_cannot_be_called_is_asked_once_a_moment(shiyan, bad):
    bad.answer = lambda *_: web.Response(status=503)
    await shiyan.system.submit(shiyan.identity, application(1, handling=ELSEWHERE))
    await tried(shiyan)
    began, asked = monotonic(), bad.requests

    for _ in range(50):
        await bad.get(shiyan.identity, "/federation/v1/items")

    assert bad.requests - asked <= 2 * (monotonic() - began) + 1


async def test_a_failure_that_nobody_foresaw_lets_the_destination_rest_and_ends_nothing(shiyan):
    async def broken(*_):
        raise RuntimeError("张三")

    relay = shiyan.gateway.steps.relay
    good, relay.send = relay.send, broken
    with structlog.testing.capture_logs() as lines:
        await shiyan.system.submit(shiyan.identity, application(1))
        await shiyan.system.until(lambda: "gateway.beyond" in relay._backoffs)
    relay.send = good
    await shiyan.settled()

    assert [line["error"] for line in lines if line["event"] == "relay_crashed"] == ["RuntimeError"]
    assert "张三" not in str(lines)
