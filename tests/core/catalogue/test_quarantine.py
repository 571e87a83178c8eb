"""What breaks its own standard is kept and said, once; what is sound is left as it is."""

import json
from pathlib import Path

import pytest

from gateway.core.catalogue.quarantine import quarantined
from gateway.core.model import DocumentKind
from gateway.resources import shipped_forms

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/certificates/identifiers.json").read_text())


@pytest.mark.parametrize("vector", VECTORS["identifiers"], ids=lambda vector: vector["published"])
def test_published_certificates_are_kept_whatever_their_identifier(vector):
    document = {"name": "营业执照", "identifier": vector["identifier"]}

    kept = quarantined(DocumentKind.CERTIFICATE, document)

    assert kept["identifier"] == vector["identifier"]
    assert [finding["code"] for finding in kept.get("quarantine", ())] == vector["findings"]
    assert shipped_forms()[DocumentKind.CERTIFICATE].faults(kept) == ()


def test_a_finding_names_its_place_and_is_said_once():
    document = {"name": "权力", "type": "01", "baseCode": "990118009000", "region": "991602000000"}

    once = quarantined(DocumentKind.BASE_ITEM, document)

    assert once["quarantine"] == [
        {"pointer": "/baseCode", "code": "base_code_division_unknown"},
        {"pointer": "/region", "code": "division_unknown"},
    ]
    assert quarantined(DocumentKind.BASE_ITEM, once) == once
    assert "quarantine" not in document


def test_what_a_mapping_table_found_stays():
    before = {"pointer": "/localImplementationCode", "code": "parts_unreadable"}
    document = {"authority": {"code": "00000012-3"}, "quarantine": [before]}

    kept = quarantined(DocumentKind.SERVICE_ITEM, document)

    assert kept["quarantine"] == [before, {"pointer": "/authority/code", "code": "credit_code_malformed"}]


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        (DocumentKind.BASE_ITEM, {"baseCode": "440118009000", "region": "000000000000"}),
        (DocumentKind.SERVICE_ITEM, {"authority": "not an object", "baseCode": 7}),
        (DocumentKind.APPLICATION, {"applicant": {"idNumber": "110105194912310021"}}),
        (DocumentKind.RATING, {"applicant": {"idNumber": "110105194912310021"}}),
    ],
)
def test_a_sound_document_and_one_about_people_is_returned_as_it_is(kind, document):
    assert quarantined(kind, document) is document
