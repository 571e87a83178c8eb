"""What the table refuses and what the canonical form would refuse are told together, and nothing that only follows."""

import orjson
import pytest

from gateway.core.conversion.conformance import check, examples_in
from gateway.core.conversion.loading import load_adapter
from gateway.core.errors import Fault, InvalidDocumentError
from gateway.core.forms import Form
from gateway.core.model import DocumentKind
from tests.core.conversion.samples import files

KIND = DocumentKind.APPLICATION
TYPES = 'values = [{ regional = "1", canonical = "person" }]'
ROWS = """
  { canonical = "/name", regional = "/XM" },
  { canonical = "/kind", regional = "/LX", codec = "code", table = "kind" },
  { canonical = ["/limit/days", "/limit/unit"], regional = "/SX", codec = "duration", unit = "working-day" },
  { canonical = "/materials", regional = "/CL", codec = "array", rows = [
    { canonical = "/name", regional = "/MC" },
    { canonical = "/kind", regional = "/LX", codec = "code", table = "kind" },
  ] },
"""
FORM = Form.compile(
    {
        "type": "object",
        "required": ["name", "kind", "limit", "mode"],
        "properties": {
            "name": {"type": "string", "maxLength": 2},
            "limit": {"type": "object", "required": ["days"]},
            "materials": {
                "type": "array",
                "items": {"required": ["name", "kind"], "properties": {"name": {"maxLength": 2}}},
            },
        },
        "anyOf": [{"required": ["never"]}],
    },
    {},
)
WRONG = {"XM": "欧阳锋", "LX": "7", "SX": "soon", "CL": [{"MC": "身份证", "LX": "1"}, {"LX": "9"}]}


def faults(document: object) -> tuple[Fault, ...]:
    adapter = load_adapter(files(ROWS, codes__kind=TYPES))
    with pytest.raises(InvalidDocumentError) as raised:
        adapter.to_canonical(KIND, orjson.dumps(document), "application/json", form=FORM)
    return raised.value.faults


def test_faults_of_table_and_form_come_together_without_those_that_only_follow():
    assert [(one.pointer, one.code) for one in faults(WRONG)] == [
        ("/LX", "code_unmapped"),
        ("/SX", "duration_unreadable"),
        ("/CL/1/LX", "code_unmapped"),
        ("/mode", "required_missing"),
        ("/name", "too_long"),
        ("/materials/0/name", "too_long"),
        ("/materials/1/name", "required_missing"),
    ]


def test_a_document_that_is_none_is_not_judged_by_the_form():
    assert [(one.pointer, one.code) for one in faults([])] == [("", "type_wrong")]


def test_the_check_tells_them_together_too_and_names_the_rows_of_both():
    found = files(ROWS, codes__kind=TYPES) | {"examples/application/one.regional.json": orjson.dumps(WRONG)}

    (verdict,) = check(load_adapter(found), examples_in(found), forms={KIND: FORM}).verdicts

    assert {one.code for one in verdict.faults} >= {"code_unmapped", "too_long", "example_incomplete"}
    assert verdict.rows_behind("/name") == ("application.mapping.toml#/rows/0",)
    assert verdict.rows_behind("/LX") == ("application.mapping.toml#/rows/1",)


@pytest.mark.parametrize(("canonical", "said"), [(None, "missing"), (b"", "empty"), (b" \n", "empty")])
def test_a_canonical_document_that_is_empty_is_told_from_one_that_is_missing(canonical, said):
    found = files(ROWS, codes__kind=TYPES) | {"examples/application/one.regional.json": b'{"XM":"x"}'}
    if canonical is not None:
        found["examples/application/one.canonical.json"] = canonical

    (verdict,) = check(load_adapter(found), examples_in(found)).verdicts

    assert [(one.code, said in one.message) for one in verdict.faults] == [("example_incomplete", True)]
