"""An adapter says in its manifest how documents travel, and its table points into any format alike."""

import pytest

from gateway.core.conversion.conformance import examples_in
from gateway.core.conversion.loading import load_adapter
from gateway.core.errors import AdapterError
from gateway.core.model import DocumentKind
from tests.core.conversion.samples import MANIFEST, files

KIND = DocumentKind.APPLICATION
SOAP = """format = "soap"
charset = "gbk"
[documents.application.soap]
namespace = "urn:s"
[documents.application.payload]
at = "/submit/xml"
format = "xml"
"""
FORM = """format = "form"
[documents.application.payload]
at = "/data"
format = "json"
"""
CSV = """format = "csv"
[documents.application.csv]
columns = ["MC", "ZZ"]
single = true
"""
CASES = {
    "soap": (SOAP, "/submit/xml/SQ", "{}/CL"),
    "form": (FORM, "/data", "{}/CL"),
    "csv": (CSV, "", ""),
}


def rows(root: str, array: str) -> str:
    table = f'{{ canonical = "/applicant/name", regional = "{root}/MC" }},'
    if array:
        inner = '{ canonical = "/name", regional = "/MC" }'
        table += f'{{ canonical = "/materials", regional = "{root}/CL", codec = "array", rows = [{inner}] }},'
    return table


@pytest.mark.parametrize("name", CASES)
def test_a_table_carries_any_format_there_and_back(name):
    options, root, array = CASES[name]
    adapter = load_adapter(files(rows(root, array), manifest=MANIFEST + options))
    canonical = {"applicant": {"name": "张三"}, "extensions": {"demo": {f"{root}/ZZ": "7"}}}
    canonical |= {"materials": [{"name": "照片"}]} if array else {}

    back = adapter.to_regional(KIND, canonical)
    forth = adapter.to_canonical(KIND, back.body, back.media_type)

    assert forth.document == canonical
    assert back.losses == ()


@pytest.mark.parametrize(
    ("options", "place", "code"),
    [
        ('format = "multipart"', "/documents/application/format", "option_invalid"),
        ('[documents.application.soap]\nversion = "1.1"', "/documents/application/soap", "option_unknown"),
        ('format = "soap"\n[documents.application.soap]\nversion = "2"', "/documents/application/soap/version", None),
        (
            'format = "soap"\n[documents.application.soap]\nqualified = true',
            "/documents/application/soap/namespace",
            None,
        ),
        ('format = "csv"\n[documents.application.csv]\nheader = false', "/documents/application/csv/columns", None),
        (
            'format = "csv"\n[documents.application.csv]\ncolumns = ["A", "A"]',
            "/documents/application/csv/columns",
            None,
        ),
        ('format = "tsv"\n[documents.application.csv]\nsingle = true', "/documents/application/csv", "option_unknown"),
        ('format = "csv"\n[documents.application.payload]\nat = "/a"\nformat = "json"', None, "option_invalid"),
        ('[documents.application.payload]\nat = "a"\nformat = "json"', "/documents/application/payload/at", None),
        ('[documents.application.payload]\nat = "/a"', "/documents/application/payload/format", "option_missing"),
    ],
)
def test_what_is_wrong_in_a_manifest_is_told_by_its_place(options, place, code):
    with pytest.raises(AdapterError) as caught:
        load_adapter(files(rows("", ""), manifest=MANIFEST + options))

    found = [(fault.pointer.removeprefix("adapter.toml#"), fault.code) for fault in caught.value.faults]
    assert [one for one in found if place in (None, one[0]) and code in (None, one[1])] != []


def test_examples_of_every_format_are_found():
    media_types = {
        "json": "application/json",
        "xml": "application/xml",
        "txt": "application/x-www-form-urlencoded",
        "csv": "text/csv",
        "tsv": "text/tab-separated-values",
    }
    given = {f"examples/application/{ending}.regional.{ending}": b"x" for ending in media_types}
    given |= {f"examples/application/{ending}.canonical.json": b"{}" for ending in media_types}

    assert {one.name: one.media_type for one in examples_in(given)} == media_types
