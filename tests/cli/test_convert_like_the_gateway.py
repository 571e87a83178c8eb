"""`tongban adapter convert` and `explain` read what a gateway reads, by the layout that is in service."""

import orjson
import pytest

from gateway.core.conversion.loading import load_adapter
from gateway.core.errors import MalformedDocumentError
from gateway.core.model import DocumentKind
from gateway.resources import read_adapter_folder
from tests.cli.workplace import LAYOUT, item_line

KIND = DocumentKind.SERVICE_ITEM
XML = """<?xml version="1.0"{}?><ITEM><NAME>企业备案</NAME><AREA>511602000000</AREA>
<CODE>11511602008778183N4511Z07001006</CODE><TYPE>1</TYPE></ITEM>"""
FAMILY = ("gb2312", "gbk", "gb18030")


def travels_as(layout, options):
    """Let the small layout travel otherwise than as JSON."""
    (layout / "adapter.toml").write_text(LAYOUT["adapter.toml"] + options, encoding="utf-8")
    for example in (layout / "examples" / "service-item").iterdir():
        example.unlink()


@pytest.fixture
def xml(layout):
    def xml(charset):
        travels_as(layout, f'format = "xml"\ncharset = "{charset}"\n')
        table = LAYOUT["service-item.mapping.toml"].replace('regional = "/', 'regional = "/ITEM/')
        (layout / "service-item.mapping.toml").write_text(table, encoding="utf-8")
        return layout

    return xml


@pytest.fixture
def csv(layout):
    travels_as(layout, 'format = "csv"\ncharset = "gbk"\n[documents.service-item.csv]\nsingle = true\n')
    return layout


@pytest.mark.parametrize("charset", ["gbk", "gb18030", "utf-8"])
@pytest.mark.parametrize("declared", [*FAMILY, ""])
@pytest.mark.parametrize("media_type", ["application/xml", *(f"text/xml; charset={name}" for name in FAMILY)])
def test_the_command_reads_xml_of_gbk_exactly_where_the_gateway_does(xml, run, charset, declared, media_type):
    layout = xml(charset)
    body = XML.format(f' encoding="{declared.upper()}"' if declared else "").encode("gbk")
    options = ("--adapter", layout, "--document", KIND, "--to", "canonical")

    gateway = load_adapter(read_adapter_folder(layout))
    command = run("adapter", "convert", *options, input=body)

    if charset == "utf-8" and not declared:  # neither the file nor the layout says what it is
        assert (command.exit_code, "encoding_wrong" in command.stderr) == (1, True)
        return
    assert command.stdout_bytes.rstrip(b"\n") == gateway.to_canonical(KIND, body, media_type).body
    (layout / "sample.xml").write_bytes(body)
    assert run("adapter", "explain", layout, "--document", KIND, layout / "sample.xml").exit_code == 0


def test_a_file_that_declares_another_encoding_than_the_layout_writes_is_read_as_it_declares(xml, run):
    options = ("--adapter", xml("gbk"), "--document", KIND, "--to", "canonical")

    result = run("adapter", "convert", *options, input=XML.format(' encoding="UTF-8"').encode())

    assert (result.exit_code, orjson.loads(result.stdout)["name"]) == (0, "企业备案")


def test_other_encodings_still_contradict_each_other(xml):
    gateway = load_adapter(read_adapter_folder(xml("gbk")))

    with pytest.raises(MalformedDocumentError) as raised:
        gateway.to_canonical(KIND, XML.format(' encoding="GBK"').encode("gbk"), "application/xml; charset=utf-8")

    assert raised.value.code == "encoding_wrong"


@pytest.mark.parametrize("command", ["convert", "explain"])
def test_a_list_where_one_row_belongs_is_told_the_option_for_lists(csv, run, command, tmp_path):
    rows = [list(orjson.loads(item_line())), *[list(orjson.loads(item_line()).values())] * 2]
    (tmp_path / "items.csv").write_bytes("\n".join(map(",".join, rows)).encode("gbk"))
    options = ("--document", KIND, tmp_path / "items.csv")
    where = (csv,) if command == "explain" else ("--adapter", csv, "--to", "canonical")

    result = run("adapter", command, *where, *options)

    assert (result.exit_code, "table_not_single" in result.stderr, "--ndjson" in result.stderr) == (1, True, True)


def there_and_back(run, layout, body):
    options = ("--adapter", layout, "--document", KIND, "--ndjson", "--to")
    forth = run("adapter", "convert", *options, "canonical", input=body)
    assert forth.exit_code == 0, forth.stderr
    return run("adapter", "convert", *options, "regional", input=forth.stdout_bytes)


def test_a_list_comes_back_as_one_table_in_the_order_of_its_columns(csv, run):
    columns = '[documents.service-item.csv]\nsingle = true\ncolumns = ["TYPE", "CODE", "AREA", "NAME", "REST"]\n'
    travels_as(csv, 'format = "csv"\ncharset = "gbk"\n' + columns)
    rows = ["20,,511602000000,甲,x", '1,11511602008778183N4511Z07001006,511602000000,"乙, 丙",']
    body = "\r\n".join(["TYPE,CODE,AREA,NAME,REST", *rows, ""]).encode("gbk")
    body = body.replace(b"20,,", b"20,11511602008778183N4511Z07001007,")

    assert there_and_back(run, csv, body).stdout_bytes == body


def test_without_columns_the_first_row_settles_them_and_a_later_one_with_more_is_told_by_number(csv, run):
    first, second, third = (orjson.loads(item_line(NAME=name)) for name in "甲乙丙")
    head = ",".join([*first, "A"])
    lines = [
        orjson.dumps(canonical(row) | {"extensions": {"small": stray}})
        for row, stray in ((first, {"/A": "1"}), (second, {"/B": "2"}), (third, {}))
    ]

    result = run(
        "adapter",
        "convert",
        "--adapter",
        csv,
        "--document",
        KIND,
        "--to",
        "regional",
        "--ndjson",
        input=b"\n".join(lines),
    )

    assert result.stdout_bytes.decode("gbk").splitlines()[0] == head
    assert [line.split(",")[0] for line in result.stdout_bytes.decode("gbk").splitlines()[1:]] == ["甲", "丙"]
    assert (result.exit_code, "line 2: " in result.stderr, "`columns`" in result.stderr) == (1, True, True)


def canonical(row):
    kinds = {"1": "01", "20": "20"}
    return {"name": row["NAME"], "region": row["AREA"], "implementationCode": row["CODE"], "type": kinds[row["TYPE"]]}


def test_a_layout_in_service_is_found_by_its_name_from_anywhere(layout, settled, run, tmp_path_factory, monkeypatch):
    assert run("adapter", "upload", layout).exit_code == 0
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    config = settled / "config" / "gateway.toml"
    config.write_text(config.read_text("utf-8").replace("sqlite:///", f"sqlite:///{settled}/"), encoding="utf-8")
    monkeypatch.chdir(elsewhere)
    (elsewhere / "item.json").write_bytes(item_line())
    convert = ("adapter", "convert", "--adapter", "small", "--document", KIND, "--to", "canonical", "item.json")

    before = run("--config", config, *convert)
    assert run("--config", config, "adapter", "activate", "small", "1.0.0").exit_code == 0
    after = run("--config", config, *convert)
    explained = run("--config", config, "adapter", "explain", "small", "--document", KIND, "item.json")

    assert (before.exit_code, "no version of such a layout is active in sqlite:" in before.stderr) == (2, True)
    assert (after.exit_code, orjson.loads(after.stdout)["name"]) == (0, "企业备案")
    assert explained.stdout.startswith("small 1.0.0 ")


def test_a_layout_that_is_nowhere_is_told_with_every_place_that_was_looked_in(run):
    options = ("--document", KIND, "--to", "canonical")

    result = run("adapter", "convert", "--adapter", "nowhere", *options, input=b"{}")

    assert result.exit_code == 2
    for said in ("there is no adapter.toml in nowhere", "no store was looked in", "no layout of that name is shipped"):
        assert said in result.stderr.replace("\n", " ")


def test_an_upload_without_a_store_names_the_command_that_begins_one(layout, settled, run):
    (settled / "gateway.sqlite").unlink()

    result = run("adapter", "upload", layout)

    assert (result.exit_code, "`tongban migrate --create`" in result.stderr) == (1, True)
