"""Every real item of Guang'an converts, none is lost, and what is odd about it is said."""

import json
from collections import Counter
from pathlib import Path

import pytest

from gateway.core.catalogue.identifiers import base_code
from gateway.core.catalogue.items import service_item
from gateway.core.model import DocumentKind
from gateway.resources import shipped_adapters, shipped_forms

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "sichuan-guangan-items.ndjson"
pytestmark = pytest.mark.skipif(not DATA.is_file(), reason="the public item list is not beside this checkout")

# What the catalogue says of the items, by all that it says of one.
COUNTS = {
    (): 230,
    ("credit_code_malformed",): 129,
    ("parts_contradict",): 19,
    ("parts_contradict", "credit_code_malformed"): 754,
    ("parts_unreadable",): 2,
    ("parts_unreadable", "credit_code_malformed"): 1,
}


@pytest.fixture(scope="module")
def items():
    return DATA.read_text().splitlines()


@pytest.fixture(scope="module")
def conversions(items):
    adapter = shipped_adapters()["sichuan"]
    return [adapter.to_canonical(DocumentKind.SERVICE_ITEM, line.encode(), "application/json") for line in items]


def test_all_real_items_convert_to_sound_canonical_forms(conversions):
    form = shipped_forms()[DocumentKind.SERVICE_ITEM]

    assert len(conversions) == 1135
    assert all(form.faults(one.document) == () for one in conversions)


def test_nothing_of_a_real_item_is_lost_or_left_without_a_row(conversions):
    assert all(one.losses == () and "extensions" not in one.document for one in conversions)


def test_every_real_item_comes_back_byte_for_byte(items, conversions):
    adapter = shipped_adapters()["sichuan"]

    for line, one in zip(items, conversions, strict=True):
        back = adapter.to_regional(DocumentKind.SERVICE_ITEM, one.document)
        assert back.losses == ()
        assert json.dumps(json.loads(back.body), ensure_ascii=False) == line


def test_every_item_keeps_its_whole_code(items, conversions):
    codes = [one.document["localImplementationCode"] for one in conversions]

    assert codes == [json.loads(line)["itemCode"] for line in items]
    assert len(set(codes)) == 1135


def test_the_parts_of_a_code_are_taken_out_where_it_has_them(conversions):
    documents = [one.document for one in conversions]

    assert sum("localBaseCode" in one for one in documents) == 1132
    assert sum("version" in one for one in documents) == 1132
    assert sum("baseCode" in one for one in documents) == 62
    assert all(base_code(one["baseCode"]).sound for one in documents if "baseCode" in one)
    assert Counter(one.get("version") for one in documents) == {1: 1110, 2: 22, None: 3}


def test_the_fields_beside_a_code_are_believed_where_its_parts_contradict_them(items, conversions):
    for line, one in zip(items, conversions, strict=True):
        assert one.document["region"] == json.loads(line)["areaCode"]
        assert one.document["authority"]["code"] == json.loads(line)["deptCode"]


def test_a_base_code_with_hyphens_is_local(conversions):
    (found,) = (one.document for one in conversions if "G-000007-001" in one.document["localImplementationCode"])

    assert found["localBaseCode"] == "G-000007-001"
    assert "baseCode" not in found


def test_the_catalogue_takes_every_item_and_quarantines_the_odd_ones_with_a_reason(conversions):
    kept = [service_item(one.document) for one in conversions]

    assert len({one.code for one in kept}) == 1135
    assert Counter(one.quarantine for one in kept) == COUNTS


def test_what_is_odd_about_a_code_is_said_of_the_field_that_holds_it_whole(conversions):
    found = [finding for one in conversions for finding in one.document.get("quarantine", ())]

    assert {finding["pointer"] for finding in found} == {"/localImplementationCode"}
    assert Counter(finding["code"] for finding in found) == {"parts_contradict": 773, "parts_unreadable": 3}
