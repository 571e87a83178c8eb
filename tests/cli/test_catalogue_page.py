"""docs/catalogue.md: an operator who types what stands there gets what is promised there."""

import csv
import json

import pytest

from gateway.core.model import DocumentKind
from gateway.resources import shipped_adapters
from tests.catalogues import JIUQUAN, SHIYAN, base_code, complete_item, item
from tests.pages import PORT, ROOT, blocks, copy_of_the_checkout, run_bash

PAGE = ROOT / "docs" / "catalogue.md"

BEGIN = "set -euo pipefail\n. .venv/bin/activate\ntongban keys generate --purpose log\ntongban migrate --create\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A checkout with items, in which the page was typed in."""
    place = tmp_path_factory.mktemp("page")
    copy_of_the_checkout(place, PORT)
    (place / "items.ndjson").write_bytes(b"\n".join(national(each) for each in items()))
    (place / "base.ndjson").write_bytes(b"\n".join(national(each, DocumentKind.BASE_ITEM) for each in base_items()))
    told, code = run_bash(BEGIN + "".join(blocks(PAGE, "sh")), place)
    assert code == 0, told
    assert "100.0% (4/4)" in told  # claimed
    return place


def items():
    yield from (complete_item(number) for number in range(3))
    yield item(3, charged=True)
    yield item(4, SHIYAN, type="06")
    yield complete_item(0, JIUQUAN, crossRegion={"modes": ["online"]})


def base_items():
    for number in range(4):
        yield {"baseCode": base_code(number), "name": f"事项{number}", "type": "20", "level": ["3"], "status": "in-use"}


def national(document, kind=DocumentKind.SERVICE_ITEM):
    return shipped_adapters()["national"].to_regional(kind, document).body


def test_the_findings_are_in_the_files_that_the_page_names(place):
    findings = json.loads((place / "findings.json").read_text("utf-8"))
    with (place / "fees.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row["rule"] for row in csv.DictReader(file)]

    assert findings["items"] == 6
    assert rows == ["WZ-12", "GD-C07"]
    assert (place / "findings.xlsx").stat().st_size > 0


def test_the_lists_are_in_the_files_that_the_page_names(place):
    with (place / "across.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["modes"] for row in csv.DictReader(file)] == ["online"]
    assert (place / "compared.xlsx").stat().st_size > 0
    assert (place / "with.xlsx").stat().st_size > 0


def test_the_exports_are_in_the_files_that_the_page_names(place):
    names = ("items.canonical.ndjson", "items.json", "items.xlsx", "items.csv", "items.national.ndjson", "items.jsonld")

    assert [name for name in names if (place / name).stat().st_size == 0] == []
    assert "TASK_GENERAL_MATERIAL.csv" in {path.name for path in (place / "tables").iterdir()}


def test_the_page_names_every_command_of_the_group():
    from gateway.cli.catalogue.group import catalogue

    assert [name for name in catalogue.commands if f"tongban catalogue {name}" not in PAGE.read_text("utf-8")] == []
