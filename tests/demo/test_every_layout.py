"""What a simulated system writes passes through its adapter into a sound canonical form, and back."""

from datetime import UTC, datetime

import orjson
import pytest

from gateway.core.casework.lifecycle import EventType
from gateway.core.model import DocumentKind
from gateway.demo.case import Case, Step
from gateway.demo.layouts.codes import authority_code, implementation_code, item_codes, item_name
from gateway.demo.region import REGIONS
from gateway.resources import shipped_adapters, shipped_forms

LAYOUTS = {region.layout.name: region.layout for region in REGIONS}
FORMS = shipped_forms()
OWN, OTHER = "440100000000", "370800000000"
CASE = Case(
    case_number="202603020000000017",
    item_code=implementation_code(OWN, 3),
    item_name=item_name(3),
    collecting_region=OTHER,
    handling_region=OWN,
    applicant="陈小满",
    id_number="370802199003070022",
    phone="13900000000",
    materials=("居民身份证", "申请表"),
    applied_at=datetime(2026, 3, 2, 1, 30, 5, tzinfo=UTC),
)


@pytest.fixture(params=LAYOUTS)
def layout(request):
    return LAYOUTS[request.param]


@pytest.fixture
def adapter(layout):
    return shipped_adapters()[layout.name]


def step(event):
    return Step(
        type=event,
        case_number=CASE.case_number,
        region=OWN,
        authority="行政审批服务局",
        authority_code=authority_code(OWN),
        officer="李四光",
        at=datetime(2026, 3, 3, 2, 0, tzinfo=UTC),
    )


def test_an_application_becomes_a_sound_canonical_one_and_comes_back_as_the_same_case(layout, adapter):
    canonical = adapter.to_canonical(DocumentKind.APPLICATION, layout.application(CASE), layout.media_type).document
    back = adapter.to_regional(DocumentKind.APPLICATION, canonical)

    assert FORMS[DocumentKind.APPLICATION].faults(canonical) == ()
    assert "extensions" not in canonical
    assert canonical["appliedAt"] == "2026-03-02T09:30:05+08:00"
    assert (canonical["mode"], canonical["applicant"]["idType"]) == ("proxy", "resident-id")
    assert back.losses == ()
    assert layout.read_application(back.body) == CASE
    assert back.media_type == layout.media_type


@pytest.mark.parametrize("event", EventType)
def test_every_event_becomes_a_sound_canonical_one_and_comes_back_as_the_same_event(layout, adapter, event):
    canonical = adapter.to_canonical(DocumentKind.EVENT, layout.event(step(event)), layout.media_type).document
    back = adapter.to_regional(DocumentKind.EVENT, canonical)

    assert FORMS[DocumentKind.EVENT].faults(canonical) == ()
    assert canonical["type"] == event
    assert canonical["occurredAt"] == "2026-03-03T10:00:00+08:00"
    assert canonical["caseNumber"] == CASE.case_number
    assert back.losses == ()
    assert layout.read_event(layout.event(step(event))) == event
    assert layout.read_event(back.body) == event


def test_every_item_becomes_a_sound_canonical_one_under_its_announced_code(layout, adapter):
    for body, (code, name) in zip(layout.items(OWN, 5), item_codes(OWN, 5), strict=True):
        canonical = adapter.to_canonical(DocumentKind.SERVICE_ITEM, body, "application/json").document
        assert FORMS[DocumentKind.SERVICE_ITEM].faults(canonical) == ()
        assert (canonical["implementationCode"], canonical["name"]) == (code, name)
        assert (canonical["region"], canonical["projectType"]) == (OWN, "2")
        assert orjson.loads(adapter.to_regional(DocumentKind.SERVICE_ITEM, canonical).body)
