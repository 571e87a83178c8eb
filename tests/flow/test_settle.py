"""What partners answer: a receipt settles, a refused document is dead, and nothing that they say breaks anything."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.audit.forms import fits
from gateway.core.backoff import LONGEST_S
from gateway.core.model import Delivery, DeliveryState, Identity, Partner, PartnerKind
from gateway.core.trust.digests import content_digest
from gateway.core.trust.receipts import issue_receipt
from gateway.core.trust.signers import SoftwareSigner
from gateway.flow.entries import WriteEntries
from gateway.flow.ports import Answer
from gateway.flow.settle import SettleDelivery
from tests.simulator import CHANCE

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
US = Identity(id="gateway.shiyan", region="420300000000", url="https://shiyan.example")
SIGNER = SoftwareSigner(Ed25519PrivateKey.from_private_bytes(b"a" * 32))
ANKANG = Partner(
    id="gateway.ankang",
    kind=PartnerKind.GATEWAY,
    name="ankang",
    regions=("610900000000",),
    endpoint="https://ankang.example",
    keys=(SIGNER.public_key,),
)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=50)
ANYTHING = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner))
PROBLEMS = st.fixed_dictionaries({}, optional={"code": ANYTHING, "status": ANYTHING, "errors": ANYTHING})
RESULTS = st.fixed_dictionaries(
    {}, optional={"exchange": ANYTHING, "receipt": ANYTHING, "problem": PROBLEMS | ANYTHING}
)
ANSWERS = st.builds(
    Answer,
    status=st.sampled_from([100, 101, 200, 202, 204, 301, 307, 400, 401, 404, 409, 422, 429, 500, 503, 599, 999]),
    media_type=st.just("application/json"),
    body=st.binary() | (ANYTHING | st.fixed_dictionaries({"results": st.lists(RESULTS) | ANYTHING})).map(orjson.dumps),
    retry_after_s=st.none() | st.floats(0, 1e9),
    told_at=st.none() | st.datetimes(timezones=st.just(UTC)),
)


class Fixed:
    def now(self) -> datetime:
        return NOW


SETTLE = SettleDelivery(
    identity=US, entries=WriteEntries(identity=US, clock=Fixed(), chance=CHANCE), clock=Fixed(), chance=CHANCE
)


def delivery(number: int, **changes) -> Delivery:
    values = {
        "id": CHANCE.uuid7(),
        "exchange": CHANCE.uuid7(),
        "kind": "application.submitted",
        "destination": ANKANG.id,
        "subject": f"420300-00000-0000{number}J",
        "media_type": "application/cloudevents+json",
        "body": b"%d" % number,
        "created_at": NOW,
    }
    return Delivery(**{**values, **changes})


def receipt(of: Delivery, **bends) -> str:
    values = {
        "issuer": ANKANG.id,
        "audience": US.id,
        "now": NOW,
        "jti": CHANCE.uuid7(),
        "exchange": of.exchange,
        "subject": of.subject,
        "request_jti": CHANCE.uuid7(),
        "request_digest": content_digest(of.body),
        "entry": CHANCE.uuid7(),
    }
    return issue_receipt(bends.pop("signer", SIGNER), **{**values, **bends})


def answer(*results, status=200, **said) -> Answer:
    body = orjson.dumps({"results": results} if results else said.pop("body", {}))
    return Answer(status=status, media_type="application/json", body=body, **said)


FIRST, SECOND = delivery(1), delivery(2)


@given(ANSWERS)
def test_whatever_a_partner_answers_each_delivery_has_a_verdict_with_a_code_that_is_one(said):
    for verdict in (*SETTLE.batch(ANKANG, [FIRST, SECOND], said), SETTLE.single(ANKANG, FIRST, said)):
        assert verdict.state in {DeliveryState.DUE, DeliveryState.DEAD}
        assert fits("code", verdict.code)
        assert (verdict.entry is not None) == (verdict.state is DeliveryState.DEAD)
        assert timedelta() <= verdict.asked <= timedelta(seconds=LONGEST_S)


def test_each_exchange_of_a_batch_is_settled_by_its_own_receipt():
    verdicts = SETTLE.batch(ANKANG, [FIRST, SECOND], answer({"receipt": receipt(FIRST)}, {"receipt": receipt(SECOND)}))

    assert [each.state for each in verdicts] == [DeliveryState.SETTLED] * 2


@pytest.mark.parametrize(
    ("bent", "code"),
    [
        ({"audience": "gateway.jiuquan"}, "receipt_audience_wrong"),
        ({"issuer": "gateway.jiuquan"}, "receipt_issuer_wrong"),
        ({"exchange": SECOND.exchange}, "receipt_exchange_wrong"),
        ({"request_digest": content_digest(b"other")}, "receipt_digest_wrong"),
        ({"status": "refused"}, "receipt_status_wrong"),
        ({"signer": SoftwareSigner(Ed25519PrivateKey.from_private_bytes(b"b" * 32))}, "key_unknown"),
    ],
)
def test_a_receipt_that_does_not_say_exactly_this_settles_nothing_and_the_code_says_why(bent, code):
    for verdict in (
        *SETTLE.batch(ANKANG, [FIRST], answer({"receipt": receipt(FIRST, **bent)})),
        SETTLE.single(ANKANG, FIRST, answer(body={"receipt": receipt(FIRST, **bent)})),
    ):
        assert (verdict.state, verdict.code) == (DeliveryState.DUE, code)


def test_answers_in_another_order_settle_nothing_and_kill_nothing():
    problem = {"status": 422, "code": "document_invalid"}
    swapped = answer(
        {"exchange": SECOND.exchange, "problem": problem}, {"exchange": FIRST.exchange, "problem": problem}
    )

    verdicts = SETTLE.batch(ANKANG, [FIRST, SECOND], swapped)

    assert [(each.state, each.code) for each in verdicts] == [(DeliveryState.DUE, "answer_malformed")] * 2


@pytest.mark.parametrize(
    ("status", "state", "code"),
    [
        (101, DeliveryState.DUE, "answer_status"),
        (204, DeliveryState.DUE, "answer_status"),
        (302, DeliveryState.DUE, "answer_status"),
        (401, DeliveryState.DUE, "answer_status"),
        (404, DeliveryState.DUE, "answer_status"),
        (422, DeliveryState.DEAD, "answer_refused"),
        (429, DeliveryState.DUE, "answer_status"),
        (500, DeliveryState.DUE, "answer_status"),
        (999, DeliveryState.DUE, "answer_status"),
    ],
)
def test_a_status_without_a_word_has_a_code_too(status, state, code):
    verdict = SETTLE.single(ANKANG, FIRST, Answer(status=status, media_type="text/html", body=b"<html>"))

    assert (verdict.state, verdict.code) == (state, code)


@pytest.mark.parametrize(("asked_s", "rest_s"), [(None, 0), (30.0, 30), (1e9, LONGEST_S)])
def test_a_partner_is_left_alone_for_as_long_as_it_asks_but_not_for_ever(asked_s, rest_s):
    (verdict,) = SETTLE.batch(ANKANG, [FIRST], answer(status=503, retry_after_s=asked_s))

    assert verdict.asked == timedelta(seconds=rest_s)
    assert verdict.retry_at is not None
    assert verdict.retry_at >= NOW + timedelta(seconds=rest_s)


@pytest.mark.parametrize(("code", "told_at"), [("token_expired", NOW - timedelta(hours=5)), ("token_from_future", NOW)])
def test_where_the_clocks_are_to_blame_the_operator_is_told_by_how_much_they_differ(code, told_at):
    errors = [{"pointer": "/exp", "code": code, "expected": "the clock here says 1772442000"}]
    refused = answer(status=401, body={"status": 401, "code": code, "errors": errors}, told_at=told_at)

    with structlog.testing.capture_logs() as lines:
        (verdict,) = SETTLE.batch(ANKANG, [FIRST], refused)

    assert (verdict.state, verdict.code) == (DeliveryState.DUE, code)
    assert [each.expected for each in verdict.faults] == ["the clock here says 1772442000"]
    assert [(line["event"], line["ahead_s"]) for line in lines] == [("clocks_differ", (NOW - told_at).total_seconds())]


def test_what_stays_undelivered_for_a_week_is_dead():
    old = replace(FIRST, created_at=NOW - timedelta(days=7, seconds=1))

    (verdict,) = SETTLE.batch(ANKANG, [old], answer(status=503))

    assert (verdict.state, verdict.code) == (DeliveryState.DEAD, "horizon_passed")
