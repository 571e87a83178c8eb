"""A partner that is down for hours is left alone longer and longer, others carry on, and all arrives in order."""

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from aiohttp import web

from gateway.core.backoff import LONGEST
from gateway.core.cloudevent import CloudEvent
from gateway.core.model import DeliveryState, PartnerKind
from gateway.flow.ports import Intake
from tests.faults.test_clock import Wrong
from tests.gateways import ANKANG, SHIYAN, application, border, opened_gateway, register
from tests.simulator import CHANCE, CLOCK, PartnerSimulator
from tests.store.samples import a_nonce, a_submission, an_event

WAITING = 500  # applications, each with an event behind it
ELSEWHERE = "620900000000"


@pytest.fixture
def clock():
    return Wrong()


def failures(gateway) -> int:
    backoff = gateway.steps.relay._backoffs.get("gateway.beyond")
    return backoff.failures if backoff else 0


def failed(gateway, times: int) -> bool:
    return failures(gateway) == times


async def test_a_partner_that_is_down_for_hours_is_left_alone_longer_and_longer_across_restarts(tmp_path, clock):
    async with border(tmp_path, clock=clock) as shiyan:
        shiyan.partner.answer = lambda *_: web.Response(status=503)
        await shiyan.system.submit(shiyan.identity, application(1))
        await shiyan.partner.until(lambda: failures(shiyan.gateway) == 1)
        await shiyan.partner.hang_up()
        relay, rests = shiyan.gateway.steps.relay, []
        for count in range(2, 14):
            backoff = relay._backoffs["gateway.beyond"]
            assert backoff.retry_at is not None
            clock.by += max(timedelta(), backoff.retry_at - clock.now()) + timedelta(milliseconds=1)
            await relay.look()
            await shiyan.partner.until(partial(failed, shiyan.gateway, count))
            rests.append(relay._backoffs["gateway.beyond"].retry_at - clock.now())

    assert rests[-1] > LONGEST / 2 - timedelta(seconds=30)
    assert max(rests) <= LONGEST
    assert shiyan.partner.requests == 1

    async with opened_gateway(tmp_path, "shiyan", SHIYAN, clock=clock) as after:
        back = shiyan.partner
        await back.listen()
        back.answer = None
        await register(after, back.partner())
        known = await after.store.backlogs(clock.now())
        assert [(each.destination, each.backoff.failures) for each in known] == [("gateway.beyond", 13)]

        await back.get(after.identity, "/federation/v1/items", now=clock.now())
        await back.until(lambda: len(back.seen) == 1)
    await back.hang_up()


def taken(number: int) -> list[Intake]:
    """Return an application and an event of it, both for the partner beyond."""
    submission = a_submission("gateway.beyond")
    following = an_event(submission.exchange.subject, "accepted", "gateway.beyond")
    return [written(submission, f"first {number}"), written(following, f"then {number}")]


def written(intake: Intake, text: str) -> Intake:
    """Return an intake whose delivery is an event that a gateway reads."""
    (delivery,) = intake.deliveries
    event = CloudEvent(
        id=delivery.exchange,
        source="gateway.shiyan",
        kind=delivery.kind,
        subject=delivery.subject,
        time="2026-03-02T09:00:00.000+00:00",
        data={"text": text},
    )
    return replace(intake, deliveries=(replace(delivery, body=event.write(), created_at=CLOCK.now()),))


async def test_what_piled_up_drains_in_order_and_starves_nobody(tmp_path):
    async with border(tmp_path) as shiyan:
        well = PartnerSimulator(id="gateway.well", kind=PartnerKind.GATEWAY, region=ELSEWHERE, seed=9)
        await well.listen()
        await register(shiyan.gateway, well.partner(), shiyan.partner.partner(regions=(ANKANG,)))
        shiyan.partner.answer = lambda *_: web.Response(status=503)
        for begin in range(0, WAITING, 100):
            intakes = [each for number in range(begin, begin + 100) for each in taken(number)]
            await shiyan.gateway.store.receive(a_nonce(jti=CHANCE.uuid7()), intakes)
        shiyan.gateway.steps.relay.wake("gateway.beyond")
        await shiyan.partner.until(lambda: failures(shiyan.gateway) >= 1)

        shiyan.partner.answer = None
        await shiyan.partner.get(shiyan.identity, "/federation/v1/items")
        await shiyan.partner.until(lambda: len(shiyan.partner.seen) > WAITING // 10)
        for number in range(5):
            await shiyan.system.submit(shiyan.identity, application(number, handling=ELSEWHERE))
        await well.until(lambda: len(well.seen) == 5)
        left_then = len(await shiyan.gateway.store.deliveries(state=DeliveryState.DUE, limit=10_000))
        await shiyan.partner.until(lambda: len(shiyan.partner.seen) >= 2 * WAITING)

        by_subject = defaultdict(list)
        for _, kind, subject, _ in shiyan.partner.seen:
            by_subject[subject].append(kind)
        assert left_then > 0
        assert len(by_subject) == WAITING
        assert set(map(tuple, by_subject.values())) == {("application.submitted", "event.accepted")}
        await well.hang_up()
