"""The report as a page stands alone, says everything in Chinese and English, and lets no name become markup."""

import re

import orjson

from gateway.core.conversion.conformance import check, examples_in
from gateway.core.conversion.conformance.page import page_of
from gateway.core.conversion.conformance.record import record_of
from gateway.core.conversion.conformance.report import Report
from gateway.core.conversion.loading import load_adapter
from tests.core.conversion.samples import files

HOSTILE = '</title></style><script>alert(1)</script><img src=x onerror=alert(1)>" onload="x'


def hostile_report() -> Report:
    at = HOSTILE.replace("~", "~0").replace("/", "~1").replace('"', '\\"')
    found = files(
        f'{{ canonical = "/{at}", regional = "/{at}" }}, {{ canonical = "/b", regional = "/B", lossy = true }}'
    )
    found["examples/application/x.regional.json"] = orjson.dumps({HOSTILE: "1", f"{HOSTILE}2": "2"})
    found["examples/application/x.canonical.json"] = orjson.dumps({HOSTILE: "李四"})
    return check(load_adapter(found), examples_in(found))


def test_a_hostile_name_stays_a_name():
    page = page_of(hostile_report())

    assert "&lt;script&gt;" in page
    assert not re.search(r"<(script|img)", page)
    assert page.count("</style>") == page.count("</title>") == 1


def test_the_page_needs_nothing_else_and_fits_a_phone():
    page = page_of(hostile_report())

    assert "default-src 'none'" in page
    assert 'name="viewport" content="width=device-width' in page
    assert not re.search(r"""(src|href)\s*=|url\(|@import|https?:""", page.replace("src=x", ""))


def test_the_page_says_it_in_both_languages_and_names_the_rows():
    page = page_of(hostile_report())

    assert "未通过 Failed" in page
    assert "与预期的规范结果不同" in page
    assert "differs in canonical form" in page
    assert "application.mapping.toml#/rows/0" in page
    assert "李四" not in page


def test_the_record_for_programs_holds_the_same_and_is_json():
    record = orjson.loads(orjson.dumps(record_of(hostile_report())))

    assert not record["passed"]
    assert record["examples"][0]["blamed"][0]["rows"] == ["application.mapping.toml#/rows/0"]
    assert record["coverage"][0]["lossy_to_regional"][0]["pointer"] == "/rows/1"
