"""What a simulated national-layout system writes passes through the adapter into a sound canonical form, and back."""

from datetime import UTC, datetime

import orjson
import pytest

from gateway.core.casework.lifecycle import EventType
from gateway.core.model import DocumentKind
from gateway.demo.case import Case, Step
from gateway.demo.layouts.codes import authority_code, implementation_code, item_codes, item_name
from gateway.demo.layouts.national import NationalLayout
from gateway.resources import shipped_adapters, shipped_forms

LAYOUT = NationalLayout()
ADAPTER = shipped_adapters()["national"]
FORMS = shipped_forms()
SHIYAN, ANKANG = "420300000000", "610900000000"
CASE = Case(
    case_number="420300202611210000000017",
    item_code=implementation_code(ANKANG, 0),
    item_name=item_name(0),
    collecting_region=SHIYAN,
    handling_region=ANKANG,
    applicant="张三丰",
    id_number="420300199001010012",
    phone="13800000000",
    materials=("居民身份证", "申请表"),
    applied_at=datetime(2026, 11, 20, 1, 30, 5, tzinfo=UTC),
)


def _canonical(kind, body):
    return ADAPTER.to_canonical(kind, body, LAYOUT.media_type).document


def _step(event):
    return Step(
        type=event,
        case_number=CASE.case_number,
        region=ANKANG,
        authority="安康市行政审批服务局",
        authority_code=authority_code(ANKANG),
        officer="李四光",
        at=datetime(2026, 11, 21, 2, 0, tzinfo=UTC),
    )


@pytest.mark.parametrize("event", list(EventType))
def test_every_event_becomes_a_sound_canonical_one_and_is_recognised_when_it_comes_back(event):
    written = LAYOUT.event(_step(event))

    conversion = ADAPTER.to_canonical(DocumentKind.EVENT, written, LAYOUT.media_type)
    handed_over = ADAPTER.to_regional(DocumentKind.EVENT, conversion.document)

    assert FORMS[DocumentKind.EVENT].faults(conversion.document) == ()
    assert conversion.document["type"] == event
    assert "extensions" not in conversion.document
    assert orjson.loads(handed_over.body) == orjson.loads(written)
    assert LAYOUT.read_event(handed_over.body) == event


def test_a_review_without_an_action_is_still_a_review():
    canonical = _canonical(DocumentKind.EVENT, LAYOUT.event(_step("reviewed")))
    del canonical["review"]["action"]

    assert LAYOUT.read_event(ADAPTER.to_regional(DocumentKind.EVENT, canonical).body) == "reviewed"


@pytest.mark.parametrize("number", range(36))
def test_every_item_becomes_a_sound_canonical_one_and_comes_back_as_it_was(number):
    written = LAYOUT.items(ANKANG, number + 1)[number]

    conversion = ADAPTER.to_canonical(DocumentKind.SERVICE_ITEM, written, LAYOUT.media_type)
    back = ADAPTER.to_regional(DocumentKind.SERVICE_ITEM, conversion.document)

    assert FORMS[DocumentKind.SERVICE_ITEM].faults(conversion.document) == ()
    assert conversion.losses == back.losses == ()
    assert orjson.loads(back.body) == orjson.loads(written)
    code, name = item_codes(ANKANG, number + 1)[number]
    assert (conversion.document["implementationCode"], conversion.document["name"]) == (code, name)
