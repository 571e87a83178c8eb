"""`tongban item import` of what regions really send: tables in their own encoding, and base catalogues."""

import orjson
import pytest

from gateway.resources import data_folder, read_adapter_folder
from tests.cli.workplace import LAYOUT

LIMIT = 'codec = "duration", units = "words", instant = ["即办"], unit = "immediate"'
ROWS = f"""
rows = [
  {{ canonical = "/name", regional = "/事项名称" }},
  {{ canonical = "/region", regional = "/行政区划" }},
  {{ canonical = "/implementationCode", regional = "/实施编码" }},
  {{ canonical = "/type", regional = "/事项类型", codec = "code", table = "kind" }},
  {{ canonical = ["/promisedLimit/days", "/promisedLimit/unit"], regional = "/承诺时限", {LIMIT} }},
]
"""
HEAD = "事项名称,行政区划,实施编码,事项类型,承诺时限"
GOOD = [
    "企业备案,511602000000,11511602008778183N4511Z07001006,1,20个工作日",
    '"排污许可,首次",511602000000,11511602008778183N4511Z07001007,1,即办',
    '"户外\n广告",511602000000,11511602008778183N4511Z07001008,20,5个工作日',
]
BAD = '"未知, ""类型""",511602000000,11511602008778183N4511Z07001009,99,即办'


def layout_in(settled, name, files):
    """Write the folder of an adapter, without its examples."""
    for place, text in files.items():
        path = settled / name / place
        if not place.startswith("examples/"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


@pytest.fixture(params=[("csv", ",", "gb18030"), ("tsv", "\t", "utf-8")], ids=["csv", "tsv"])
def table(request, settled):
    """A layout whose items travel as a table, and how its lines are written."""
    name, delimiter, charset = request.param
    files = LAYOUT | {
        "adapter.toml": LAYOUT["adapter.toml"]
        + f'format = "{name}"\ncharset = "{charset}"\n[documents.service-item.{name}]\nsingle = true\n',
        "service-item.mapping.toml": ROWS,
        "codes/words.toml": 'values = [{ regional = "工作日", canonical = "working-day" }]',
    }
    layout_in(settled, "sheet", files)

    def written(*lines):
        text = "\r\n".join([HEAD, *lines]) + "\r\n"
        return text.replace(",", delimiter).encode(charset) if delimiter != "," else text.encode(charset)

    return written


def test_a_table_is_imported_row_by_row(table, settled, run):
    (settled / "items.txt").write_bytes(table(*GOOD))

    done = run("item", "import", "items.txt", "--adapter", "./sheet", "--json")

    assert done.exit_code == 0, done.stderr
    assert orjson.loads(done.stdout)["added"] == 3
    found = run("item", "search", "排污许可", "--json").stdout.splitlines()
    assert [orjson.loads(line)["code"] for line in found] == ["11511602008778183N4511Z07001007"]


def test_faulty_rows_come_back_as_a_table_that_can_be_corrected_and_imported(table, settled, run):
    (settled / "items.txt").write_bytes(table(*GOOD, BAD))

    done = run("item", "import", "items.txt", "--adapter", "./sheet", "--faults", "faults.txt", "--json")

    assert (done.exit_code, orjson.loads(done.stdout)["faulty"]) == (1, 1)
    faulty = (settled / "faults.txt").read_bytes()
    assert faulty == table(BAD)
    (settled / "faults.txt").write_bytes(faulty.replace(b"99", b"20"))
    again = orjson.loads(run("item", "import", "faults.txt", "--adapter", "./sheet", "--json").stdout)
    assert (again["added"], again["faulty"]) == (1, 0)


@pytest.fixture
def elements(settled):
    """A layout whose items travel as XML in GBK, and how a list of them is written."""
    files = LAYOUT | {
        "adapter.toml": LAYOUT["adapter.toml"] + 'format = "xml"\ncharset = "gbk"\n',
        "service-item.mapping.toml": LAYOUT["service-item.mapping.toml"].replace('regional = "/', 'regional = "/ITEM/'),
    }
    layout_in(settled, "elements", files)

    def written(*kinds):
        items = (
            f"<ITEM><NAME>户外广告<!-- 第{n}项 --></NAME><AREA>511602000000</AREA>"
            f"<CODE>11511602008778183N4511Z0700100{n}</CODE><TYPE>{kind}</TYPE></ITEM>"
            for n, kind in enumerate(kinds)
        )
        lines = ["<?xml version='1.0' encoding='gbk'?>", "<ITEMS>", *items, "</ITEMS>", ""]
        return "\n".join(lines).encode("gbk")

    return written


def test_a_list_in_xml_is_imported_element_by_element_and_the_faulty_come_back_as_one(elements, settled, run):
    (settled / "items.xml").write_bytes(elements("1", "99", "20"))

    done = run("item", "import", "items.xml", "--adapter", "./elements", "--faults", "faults.xml", "--json")

    assert done.exit_code == 1, done.stderr
    told = orjson.loads(done.stdout)
    assert (told["lines"], told["added"], told["faulty"]) == (3, 2, 1)
    faulty = (settled / "faults.xml").read_bytes()
    (settled / "faults.xml").write_bytes(faulty.replace(b">99<", b">20<"))
    again = orjson.loads(run("item", "import", "faults.xml", "--adapter", "./elements", "--json").stdout)
    assert (again["added"], again["faulty"]) == (1, 0)


def test_a_base_catalogue_is_imported_beside_the_items_and_claimed_by_them(settled, run):
    files = read_adapter_folder(data_folder("adapters") / "national")
    base = orjson.loads(files["examples/base-item/mortgage-registration.regional.json"])
    local = orjson.loads(files["examples/base-item/local-permit.regional.json"])
    (settled / "base.ndjson").write_bytes(orjson.dumps(base) + b"\n" + orjson.dumps(local) + b"\n")

    first = run("item", "import", "base.ndjson", "--adapter", "national", "--document", "base-item", "--json")
    again = run("item", "import", "base.ndjson", "--adapter", "national", "--document", "base-item", "--json")

    assert first.exit_code == 0, first.stderr
    assert (orjson.loads(first.stdout)["added"], orjson.loads(again.stdout)["unchanged"]) == (2, 2)
    assert run("item", "list", "--json").stdout == ""  # no service item is published by that
    rates = orjson.loads(run("catalogue", "rates", "--json").stdout)
    assert rates
