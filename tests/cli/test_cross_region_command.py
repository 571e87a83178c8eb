"""`tongban catalogue compare` and `cross-region`: the lists that Jiuquan and Shiyan keep, each by one command."""

import csv
import io
from collections import Counter

import openpyxl
import orjson
import pytest

from tests.catalogues import BAOSHAN, JIUQUAN, SHIYAN, ZHANGJIAGANG, base_code, item

IN_PROVINCE, ACROSS = 535, 46  # Jiuquan
ITEMS, CITIES = 130, 19  # Shiyan
PARTNERS = [f"{province}{city:02}00000000" for province in (61, 50, 41) for city in range(1, 8)][:CITIES]


def offering(number, region, *modes, **said):
    return item(number, region, scope="cross-province", crossRegion={"modes": list(modes)}, **said)


@pytest.fixture
def jiuquan(keep):
    """Jiuquan's catalogue, and its partners Baoshan and Zhangjiagang, whose windows collect for it."""
    collected = {"modes": ["proxy"], "proxyRegions": [BAOSHAN, ZHANGJIAGANG]}
    keep(
        *(item(number, JIUQUAN, scope="cross-city") for number in range(IN_PROVINCE)),
        *(item(1_000 + number, JIUQUAN, scope="national", crossRegion=collected) for number in range(ACROSS)),
        *(item(2_000 + number, JIUQUAN, scope="none") for number in range(7)),
        *(offering(1_000 + number, BAOSHAN, "online") for number in range(10)),
    )


@pytest.mark.usefixtures("jiuquan")
def test_the_list_of_jiuquan_is_one_command(run, settled):
    result = run("catalogue", "cross-region", "--region", "620900", "--format", "xlsx", "--out", "jiuquan.xlsx")

    sheet = openpyxl.load_workbook(settled / "jiuquan.xlsx").worksheets[0]
    header, *rows = sheet.iter_rows(values_only=True)
    assert result.exit_code == 0
    assert header == ("code", "base_code", "name", "region", "reach", "modes", "collecting")
    assert Counter(row[4] for row in rows) == {"in-province": IN_PROVINCE, "cross-province": ACROSS}
    assert rows[-1][5:] == ("proxy", f"{BAOSHAN} {ZHANGJIAGANG}")


@pytest.mark.usefixtures("jiuquan")
def test_the_list_can_be_of_one_reach(run):
    told = orjson.loads(
        run("catalogue", "cross-region", "--region", "62", "--reach", "cross-province", "--format", "json").stdout
    )

    assert len(told) == ACROSS
    assert told[0] | {"code": "", "base_code": ""} == {
        "code": "",
        "base_code": "",
        "name": "事项1000",
        "region": JIUQUAN,
        "reach": "cross-province",
        "modes": ["proxy"],
        "collecting": [BAOSHAN, ZHANGJIAGANG],
    }


@pytest.mark.usefixtures("jiuquan")
def test_people_are_told_how_many_there_are_of_each_reach(run):
    told = run("catalogue", "cross-region", "--region", JIUQUAN).stdout

    assert f"{IN_PROVINCE} in the province 省内通办" in told
    assert f"{ACROSS} across provinces 跨省通办" in told
    assert "Collected on behalf of the region in charge 异地代收代办" in told


@pytest.mark.usefixtures("jiuquan")
def test_the_list_with_a_partner_has_both_directions(run):
    asked = ("--region", "620900", "--with", "310113", "--with", "320582", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(run("catalogue", "cross-region", *asked).stdout_bytes.decode("utf-8-sig"))))

    assert Counter(row["partner"] for row in rows) == {"310113": ACROSS, "320582": ACROSS}
    assert Counter((row["we_handle"], row["they_handle"]) for row in rows if row["partner"] == "310113") == {
        ("proxy", "online"): 10,
        ("proxy", ""): ACROSS - 10,
    }


def test_shiyan_handles_its_130_items_with_19_cities(keep, run, settled):
    for region in (SHIYAN, *PARTNERS):
        keep(*(offering(number, region, "proxy") for number in range(ITEMS)), item(999, region, scope="none"))

    asked = [each for partner in PARTNERS for each in ("--with", partner[:4])]
    run("catalogue", "cross-region", "--region", "420300", *asked, "--format", "xlsx", "--out", "shiyan.xlsx")

    sheet = openpyxl.load_workbook(settled / "shiyan.xlsx").worksheets[0]
    _, *rows = sheet.iter_rows(values_only=True)
    assert Counter(row[0] for row in rows) == {partner[:4]: ITEMS for partner in PARTNERS}
    assert {row[6:] for row in rows} == {("proxy", "proxy")}


def test_one_base_item_stands_side_by_side(keep, run):
    here = offering(1, JIUQUAN, "online", charged=True, materials=[{"name": "申请表", "necessity": "required"}])
    keep(here, offering(1, SHIYAN, "online", charged=False, name="事项一"), item(2, SHIYAN))

    asked = ("compare", "--base-code", base_code(1), "--region", "620900", "--region", "420300")
    told = run("catalogue", *asked)
    document = orjson.loads(run("catalogue", *asked, "--format", "json").stdout)

    assert told.exit_code == 0
    assert "1 stops a case 阻断办理" in told.stdout
    assert "Material: 申请表 材料：申请表" in told.stdout
    assert "Required 必要" in told.stdout
    assert f"{SHIYAN} → {JIUQUAN} {here['implementationCode']}: Handled wholly online" in told.stdout
    assert "Whether a fee is charged 是否收费: agree on law and fee, or tell applicants" in told.stdout
    assert [each["region"] for each in document["items"]] == [JIUQUAN, SHIYAN]
    assert [(line["rank"], line["title"]) for line in document["lines"][:2]] == [
        (1, "Material: 申请表"),
        (2, "Whether a fee is charged"),
    ]
    assert {(pair["collecting"], pair["handling"], *pair["modes"]) for pair in document["pairs"]} == {
        (SHIYAN, JIUQUAN, "online"),
        (JIUQUAN, SHIYAN, "online"),
    }


def test_a_comparison_opens_in_a_spreadsheet(keep, run, settled):
    keep(offering(1, JIUQUAN, "online"), offering(1, SHIYAN, "proxy"))

    run("catalogue", "compare", "--base-code", base_code(1), "--format", "csv", "--out", "compared.csv")

    with (settled / "compared.csv").open(encoding="utf-8-sig", newline="") as file:
        header, first, *_, last = csv.reader(file)
    assert header[4].startswith(f"{JIUQUAN} ")
    assert first[0] == "1"
    assert first[1] == "Modes across provinces"
    assert last[1] == f"{SHIYAN} has it handled in {JIUQUAN}"


def test_a_base_code_that_nobody_publishes_is_not_found(keep, run):
    keep(item(1))

    result = run("catalogue", "compare", "--base-code", base_code(2))

    assert result.exit_code == 1
    assert "[not_found]" in result.stderr


def test_more_items_than_stand_side_by_side_are_told(keep, run):
    keep(*(item(1, f"{region}00000000") for region in range(1101, 1170)))

    result = run("catalogue", "compare", "--base-code", base_code(1), "--format", "json")

    assert len(orjson.loads(result.stdout)["items"]) == 64
    assert "name regions with --region" in result.stderr


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize(
    "wrong",
    [
        ["cross-region"],
        ["cross-region", "--region", "62", "--out", "x"],
        ["cross-region", "--region", "62", "--with", "42", "--reach", "in-province"],
        ["compare", "--region", "62"],
    ],
)
def test_what_cannot_be_listed_is_wrong_usage(run, wrong):
    assert run("catalogue", *wrong).exit_code == 2
