"""`tongban catalogue export`: what was published, read back by somebody else's reader of each format."""

import csv
import io
import warnings

import openpyxl
import orjson
import pytest
from rdflib import DCTERMS, RDF, Graph, URIRef

from gateway.core.model import DocumentKind
from gateway.resources import shipped_adapters
from tests.catalogues import JIUQUAN, complete_item, item

SITUATIONS = [{"code": "S1", "name": "遗失"}, {"code": "S2", "name": "损毁"}]
FORM = {"name": "申请表", "code": "M1", "necessity": "required", "situations": ["S1", "S2"]}


@pytest.fixture
def documents(keep):
    """Two published items, and one that is not."""
    published = (
        complete_item(1, materials=[FORM, {"name": "身份证", "necessity": "required"}], situations=SITUATIONS),
        item(2, JIUQUAN, name="=项"),
    )
    keep(*published, item(3, status="cancelled"))
    return published


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_canonical_documents_come_out_as_they_are_kept(documents, run, form):
    written = run("catalogue", "export", "--format", form).stdout

    read = orjson.loads(written) if form == "json" else [orjson.loads(line) for line in written.splitlines()]
    assert [each | {"quarantine": None} for each in read] == [each | {"quarantine": None} for each in documents]


def test_a_region_is_exported_alone(documents, run):
    written = run("catalogue", "export", "--format", "ndjson", "--region", "620900").stdout

    assert [orjson.loads(line)["name"] for line in written.splitlines()] == ["=项"]
    assert len(documents) == 2


def test_the_national_layout_gives_the_items_back(documents, run, settled):
    result = run("catalogue", "export", "--format", "national", "--out", "national.ndjson")

    national = shipped_adapters()["national"]
    lines = (settled / "national.ndjson").read_bytes().splitlines()
    read = [national.to_canonical(DocumentKind.SERVICE_ITEM, line, "application/json").document for line in lines]
    assert result.exit_code == 0
    assert [each["name"] for each in read] == ["事项1", "=项"]
    assert read[0]["materials"][0] == FORM
    assert read[0]["promisedLimit"] == documents[0]["promisedLimit"]


@pytest.mark.usefixtures("documents")
def test_each_national_table_is_a_file_tied_by_the_items_codes(run, settled):
    assert run("catalogue", "export", "--format", "national-csv", "--out", "tables").exit_code == 0

    tables = {path.stem: rows_of(path.read_bytes()) for path in (settled / "tables").iterdir()}
    (public,) = (rows for name, rows in tables.items() if name.startswith("TASK_PUBLIC"))
    materials = tables["TASK_GENERAL_MATERIAL"]
    assert [row["TASKNAME"] for row in public] == ["事项1", "'=项"]
    assert [(row["MATERIALNAME"], row["TASKCODE"]) for row in materials] == [
        ("申请表", public[0]["TASKCODE"]),
        ("身份证", public[0]["TASKCODE"]),
    ]
    assert materials[0]["DN_AUDIT_MATERIAL_CONDITION"] == "S1^S2"
    assert [row["CONDITIONNAME"] for row in tables["DN_AUDIT_ITEM_CONDITION"]] == ["遗失", "损毁"]


@pytest.mark.parametrize("form", ["national", "national-csv"])
def test_what_the_national_tables_cannot_say_is_told_and_never_silently_lost(keep, run, form):
    unsayable = item(2, authority={"name": "局", "code": "不合规"})
    keep(item(1, applicantRights="权" * 3_000), unsayable)

    result = run("catalogue", "export", "--format", form, "--out", "written")

    assert result.exit_code == 1
    assert f"{item(1)['implementationCode']}: lost 未能表达 /applicantRights" in result.stderr
    assert f"{unsayable['implementationCode']}: document_invalid" in result.stderr
    assert "/authority/code organisation_unreadable" in result.stderr
    assert "1 items left out 未导出" in result.stderr
    assert "不合规" not in result.stderr


@pytest.mark.usefixtures("documents")
def test_linked_data_is_read_by_others_without_a_network(run, settled):
    run("catalogue", "export", "--format", "cpsv-ap", "--out", "items.jsonld")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib's reader of JSON-LD uses what rdflib deprecates
        triples = Graph().parse(data=(settled / "items.jsonld").read_bytes(), format="json-ld")
    services = triples.subjects(RDF.type, URIRef("http://purl.org/vocab/cpsv#PublicService"))
    assert sorted(str(triples.value(service, DCTERMS.title)) for service in services) == ["=项", "事项1"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_spreadsheet_has_a_line_for_each_item(documents, run, settled, form):
    run("catalogue", "export", "--format", form, "--out", f"items.{form}")

    written = settled / f"items.{form}"
    if form == "csv":
        rows = rows_of(written.read_bytes())
        assert [row["name 事项名称"] for row in rows] == ["事项1", "'=项"]
        assert rows[0]["base code 基本编码"] == "\t" + documents[0]["baseCode"]
    else:
        sheet = openpyxl.load_workbook(written).worksheets[0]
        header, *values = sheet.iter_rows(values_only=True)
        rows = [dict(zip(map(str, header), each, strict=True)) for each in values]
        assert [row["name 事项名称"] for row in rows] == ["事项1", "=项"]
        assert rows[0]["base code 基本编码"] == documents[0]["baseCode"]
    assert [str(row["materials 材料数"] or "") for row in rows] == ["2", ""]
    assert rows[0]["depth 网上办理深度"] == "handling^result-feedback"
    assert rows[0]["charged 是否收费"] == "no 否"


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("wrong", [[], ["--format", "yaml"], ["--format", "xlsx"], ["--format", "national-csv"]])
def test_what_cannot_be_exported_is_wrong_usage(run, wrong):
    assert run("catalogue", "export", *wrong).exit_code == 2
