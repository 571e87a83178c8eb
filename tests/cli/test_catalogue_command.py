"""`tongban catalogue`: what people and programs are told of the rules and the rates of a catalogue."""

import csv
import io

import openpyxl
import orjson
import pytest

from gateway.core.catalogue.rulebook import RULES
from tests.catalogues import JIUQUAN, complete_item, item


def test_the_summary_counts_every_rule_and_tells_the_first_findings(keep, run):
    keep(complete_item(1), *(complete_item(number, supervision=None) for number in range(2, 27)))

    result = run("catalogue", "lint")

    assert result.exit_code == 1
    assert "26 items 事项" in result.stdout
    assert "GD-C10" in result.stdout
    assert "Telephone for complaints 监督电话" in result.stdout
    assert result.stdout.count(": /supervision/phone") == 20
    assert "… and 5 more" in result.stdout


def test_a_catalogue_without_errors_passes_whatever_the_warnings(keep, run):
    keep(complete_item(1, scope=None))

    result = run("catalogue", "lint", "--format", "json")

    told = orjson.loads(result.stdout)
    assert result.exit_code == 0
    assert [finding["rule"] for finding in told["findings"]] == ["GD-E02"]
    assert told["items"] == 1


def test_the_json_names_each_breach_and_counts_each_rule(keep, run):
    broken = complete_item(1, charged=True, onlinePayment=None, feeBasis="文件", fees=[{"standard": "10元"}])
    keep(broken, item(2, JIUQUAN, type="06"))

    result = run("catalogue", "lint", "--format", "json", "--rule", "WZ-13", "--rule", "GD-C10")

    told = orjson.loads(result.stdout)
    assert told["findings"] == [
        {
            "rule": "WZ-13",
            "severity": "error",
            "code": broken["implementationCode"],
            "name": "事项1",
            "region": "420300000000",
            "version": 1,
            "pointers": ["/onlinePayment"],
        }
    ]
    assert told["rules"] == [
        {
            "id": name,
            "severity": "error",
            "title": RULES[name].title,
            "title_zh": RULES[name].title_zh,
            "kept": kept,
            "broken": broken,
            "not_judged": not_judged,
            "not_concerned": not_concerned,
        }
        for name, kept, broken, not_judged, not_concerned in (("WZ-13", 0, 1, 1, 0), ("GD-C10", 1, 0, 0, 1))
    ]


def test_findings_in_csv_open_in_a_spreadsheet_as_they_are(keep, run, settled):
    keep(item(1, name="=HYPERLINK(1)"))

    run("catalogue", "lint", "--rule", "GD-C03", "--format", "csv", "--out", "findings.csv")

    written = (settled / "findings.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbfrule,")
    (row,) = csv.DictReader(io.StringIO(written.decode("utf-8-sig")))
    assert row["name"] == "'=HYPERLINK(1)"
    assert row["region"] == "\t420300000000"
    assert (row["rule"], row["标题"], row["pointers"]) == ("GD-C03", "办理条件", "/conditions")


def test_findings_in_xlsx_are_texts(keep, run, settled):
    keep(item(1, name="=HYPERLINK(1)"))

    run("catalogue", "lint", "--rule", "GD-C03", "--format", "xlsx", "--out", "findings.xlsx")

    sheet = openpyxl.load_workbook(settled / "findings.xlsx").active
    assert sheet is not None
    header, row = sheet.iter_rows()
    assert [cell.value for cell in header][:2] == ["rule", "severity"]
    assert [(cell.value, cell.data_type) for cell in row[5:7]] == [("=HYPERLINK(1)", "s"), ("420300000000", "s")]


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize(
    "wrong",
    [
        ["lint", "--rule", "WZ-99"],
        ["lint", "--region", "4"],
        ["lint", "--format", "xlsx"],
        ["lint", "--out", "x"],
        ["rates", "--level", "8"],
        ["rates", "--by", "planet"],
    ],
)
def test_what_cannot_be_asked_is_wrong_usage(run, wrong):
    assert run("catalogue", *wrong).exit_code == 2


def test_the_rates_are_told_to_programs_with_what_they_leave_out(keep, run):
    keep(complete_item(1), item(2, JIUQUAN))

    told = orjson.loads(run("catalogue", "rates", "--json").stdout)

    whole = told[0]
    assert [(each["region"], each["level"], each["items"]) for each in told] == [("", "", 2), ("", "3", 2)]
    assert whole["rates"]["online"] == {
        "value": 0.5,
        "numerator": 1,
        "denominator": 2,
        "unit": "items",
        "notes": {"not_told": 1},
    }
    assert set(whole["rates"]) == {"claim", "completeness", "guide", "online", "reduction", "docking"}


def test_the_rates_are_told_to_people_in_both_languages(keep, run):
    keep(complete_item(1), item(2))

    told = run("catalogue", "rates", "--region", "420300", "--by", "county").stdout

    assert "Online rate 可网办率" in told
    assert "50.0% (1/2)" in told
    assert "Prefectural" in told
    assert "Online rate 可网办率: 1 × counted as not online: not told 未填，计为不可网办" in told
    assert "Element completeness 要素完整度: 1 × lack 缺 BYLAW" in told
