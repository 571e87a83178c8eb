"""A claim is sent within a bound of time: a partner that does not answer is not asked again for the rest of it."""

import asyncio
from dataclasses import replace

import pytest

from gateway.core.errors import PartnerUnavailableError
from gateway.core.model import PartnerKind
from gateway.flow import send
from gateway.flow.ports import Answer
from gateway.flow.send import BATCH_BYTES, LANES, SendDeliveries
from tests.flow.test_settle import ANKANG, SETTLE, SIGNER, US, Fixed, delivery
from tests.simulator import CHANCE

LARGE = [replace(delivery(number), body=b"[%d]" % number + b" " * BATCH_BYTES) for number in range(6)]
SYSTEM = replace(ANKANG, id="system.ankang", kind=PartnerKind.SYSTEM, adapter="")


class Posted:
    """A courier whose parcels are counted, and answered by `answer` or not at all."""

    def __init__(self, answer: Answer | None, *, takes_s: float = 0.0) -> None:
        self.answer, self.takes_s, self.parcels = answer, takes_s, 0

    async def send(self, _parcel) -> Answer:
        self.parcels += 1
        await asyncio.sleep(self.takes_s)
        if self.answer is None:
            raise PartnerUnavailableError("silence", code="partner_timeout")
        return self.answer


class Held:
    """A lease that never ends."""

    def covers(self, _claim) -> bool:
        return True


class NoAdapters:
    def named(self, _name) -> None:
        return None


def sending(courier: Posted) -> SendDeliveries:
    nobody: object = None
    values = {
        "identity": US,
        "signer": SIGNER,
        "courier": courier,
        "settle": SETTLE,
        "adapters": NoAdapters(),
        "write_rows": nobody,
        "plain": nobody,
        "lease": Held(),
        "clock": Fixed(),
        "chance": CHANCE,
    }
    return SendDeliveries(**values)  # type: ignore[arg-type]  # as much of each as is asked for here


BUSY = Answer(status=503, media_type="", body=b"")


@pytest.mark.parametrize(("partner", "least"), [(ANKANG, 1), (SYSTEM, LANES)])
async def test_once_a_request_is_not_answered_no_other_is_begun(partner, least):
    courier = Posted(None)

    verdicts = await sending(courier)(partner, LARGE)

    assert courier.parcels == len(verdicts) == least
    assert {each.answered for each in verdicts} == {False}


@pytest.mark.parametrize("partner", [ANKANG, SYSTEM])
async def test_a_partner_that_answers_is_sent_all_of_it(partner):
    courier = Posted(BUSY)

    verdicts = await sending(courier)(partner, LARGE)

    assert courier.parcels == len(LARGE)
    assert sorted(each.delivery for each in verdicts) == sorted(each.id for each in LARGE)


async def test_a_partner_that_is_slow_is_sent_no_more_once_the_time_of_a_claim_is_over(monkeypatch):
    monkeypatch.setattr(send, "CLAIM_S", 0.5)
    courier = Posted(BUSY, takes_s=0.6)

    verdicts = await sending(courier)(ANKANG, LARGE)

    assert courier.parcels == len(verdicts) == 1
