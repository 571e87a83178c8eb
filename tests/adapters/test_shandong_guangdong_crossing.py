"""What one province says arrives in the other's words and means the same: Shandong and Guangdong, both ways."""

import orjson
import pytest

from gateway.core.conversion.conformance import examples_in
from gateway.core.model import DocumentKind
from gateway.resources import data_folder, read_adapter_folder, shipped_adapters, shipped_forms

ADAPTERS = shipped_adapters()
FORMS = shipped_forms()
PAIRS = [("shandong", "guangdong"), ("guangdong", "shandong")]
# What the other layout cannot say, and what it says instead; the crossing names each as a loss.
SAID_OTHERWISE = {"/decision/result", "/applicant/idType"}


def _examples(kind):
    return [
        pytest.param(source, target, one, id=f"{source}-{one.name}")
        for source, target in PAIRS
        for one in examples_in(read_adapter_folder(data_folder("adapters") / source))
        if one.kind is kind
    ]


def _crossed(source, target, example):
    """Return the canonical form at home, what the crossing lost, and the canonical form on the other side."""
    here = ADAPTERS[source].to_canonical(example.kind, example.regional, example.media_type).document
    there = ADAPTERS[target].to_regional(example.kind, here)
    back = ADAPTERS[target].to_canonical(example.kind, there.body, there.media_type).document
    return here, there.losses, back


def _without_extensions(document):
    return {name: value for name, value in document.items() if name != "extensions"}


@pytest.mark.parametrize(
    ("source", "target", "example"), _examples(DocumentKind.APPLICATION) + _examples(DocumentKind.EVENT)
)
def test_a_case_crosses_with_every_field_both_sides_have(source, target, example):
    here, losses, back = _crossed(source, target, example)

    assert set(losses) <= SAID_OTHERWISE | {"/extensions"}
    assert FORMS[example.kind].faults(back) == ()
    if not set(losses) & SAID_OTHERWISE:
        assert _without_extensions(back) == _without_extensions(here)


@pytest.mark.parametrize(("source", "target", "example"), _examples(DocumentKind.SERVICE_ITEM))
def test_an_item_crosses_with_code_limits_materials_and_telephones(source, target, example):
    here, losses, back = _crossed(source, target, example)

    for name in ("implementationCode", "name", "type", "region", "projectType", "statutoryLimit", "promisedLimit"):
        assert back.get(name) == here.get(name), name
    for name in ("scope", "supervision", "consultation", "online"):
        assert back.get(name) == here.get(name), name
    for index, material in enumerate(here["materials"]):
        differing = {name for name, value in material.items() if back["materials"][index].get(name) != value}
        # Shandong has no 信息免交: it goes out as not required, and is named.
        assert differing == ({"necessity"} if f"/materials/{index}/necessity" in losses else set())


def test_a_grant_in_shandong_is_never_finish_code_6_in_guangdong():
    event = {
        "EventInfo": [{"FLOWSN": "17", "STATUS": "10", "ACTION": "1", "OPERATEDATE": "2026-03-02 09:30:00"}],
        "result": [{"BANJIERESULT": "6"}],
    }

    canonical = ADAPTERS["shandong"].canonical_of(DocumentKind.EVENT, event).document
    written = ADAPTERS["guangdong"].to_regional(DocumentKind.EVENT, canonical)

    assert written.document["GDBS"]["BJJGDM"] == "0"
    assert written.losses == ("/decision/result",)


def test_a_certificate_of_guangdong_is_never_a_refusal_in_shandong():
    """Seen in the wild: BJJGDM 0 (出证办结) became 07 (不予受理)."""
    columns = {"DXLX": "4", "SBLSH": "17", "BJSJ": "20260302T093000", "BJJGDM": "0"}

    canonical = ADAPTERS["guangdong"].canonical_of(DocumentKind.EVENT, {"GDBS": columns}).document
    written = orjson.loads(ADAPTERS["shandong"].to_regional(DocumentKind.EVENT, canonical).body)

    assert (written["EventInfo"][0]["STATUS"], written["result"]) == ("10", [{"BANJIERESULT": "0"}])


def test_the_worst_rating_of_guangdong_is_one_star_in_shandong():
    columns = {"DXLX": "10", "affairSerialNo": "17", "evalTime": "20260302T093000", "satisfaction": "5"}

    canonical = ADAPTERS["guangdong"].canonical_of(DocumentKind.EVENT, {"GDBS": columns}).document
    written = orjson.loads(ADAPTERS["shandong"].to_regional(DocumentKind.EVENT, canonical).body)

    assert written["rating"] == [{"STARS": "1"}]


def test_a_promised_case_is_assort_1_in_shandong_and_project_type_2_in_guangdong():
    item = {"TASK_NAME": "事项", "TASK_TYPE": "20", "AREA_CODE": "440118", "PROJECT_TYPE": "2"}

    canonical = ADAPTERS["guangdong"].canonical_of(DocumentKind.SERVICE_ITEM, item).document
    written = orjson.loads(ADAPTERS["shandong"].to_regional(DocumentKind.SERVICE_ITEM, canonical).body)

    assert written["ItemInfo"][0]["ASSORT"] == "1"
