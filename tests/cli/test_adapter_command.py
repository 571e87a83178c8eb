"""`tongban adapter`: an adapter is judged, and documents go through it, one or a hundred thousand."""

import orjson
import pytest

from tests.cli.workplace import item_line

CANONICAL = {
    "name": "企业备案",
    "region": "511602000000",
    "implementationCode": "11511602008778183N4511Z07001006",
    "type": "01",
}
MEMORY_LIMIT_KB = 150_000
# The kernel's own mark of this process: what getrusage tells is inherited from whoever started it.
MEASURED = """
import runpy, sys
sys.argv[0] = "tongban"
try:
    runpy.run_module("gateway", run_name="__main__")
finally:
    status = open("/proc/self/status").read()
    print(status.partition("VmHWM:")[2].split()[0], file=sys.stderr)
"""


@pytest.fixture
def convert(layout, run):
    def convert(way, *arguments, given=None):
        options = ("--adapter", layout, "--document", "service-item", "--to", way)
        return run("adapter", "convert", *options, *arguments, input=given)

    return convert


def test_a_good_adapter_passes_and_its_report_is_told(layout, run):
    result = run("adapter", "check", layout)

    assert result.exit_code == 0
    assert "ok    service-item service-item: first" in result.stdout
    assert "/legalTimeLimit" in result.stdout or "never filled" in result.stdout
    assert result.stdout.endswith("Passed. 通过。\n")


def test_the_report_for_programs_names_every_example(layout, run):
    report = orjson.loads(run("adapter", "check", layout, "--json").stdout)

    assert (report["adapter"], report["passed"]) == ("small", True)
    assert [(each["name"], each["passed"]) for each in report["examples"]] == [("first", True)]
    assert "02" in report["codes_without_partner"].get("kind", ["02"])


def test_an_example_that_does_not_hold_fails_the_check(layout, run):
    (layout / "examples/service-item/first.canonical.json").write_bytes(orjson.dumps(CANONICAL | {"name": "x"}))

    result = run("adapter", "check", layout)

    assert result.exit_code == 1
    assert (
        "differs in canonical form 与预期不同: 1\n    /name  [service-item.mapping.toml#/rows/0 line 3]"
        in result.stdout
    )


def test_an_adapter_that_cannot_be_loaded_is_told_row_by_row(layout, run):
    (layout / "service-item.mapping.toml").write_text('rows = [{ canonical = "/name", regional = "/N", codec = "no" }]')

    result = run("adapter", "check", layout)

    assert result.exit_code == 1
    assert "[adapter_invalid]" in result.stderr
    assert "service-item.mapping.toml" in result.stderr


def test_what_is_no_adapter_is_wrong_usage(run, tmp_path):
    assert run("adapter", "check", tmp_path).exit_code == 2
    assert run("adapter", "check", "no-such-layout").exit_code == 2


def test_shipped_layouts_go_by_their_name(run):
    result = run("adapter", "check", "national", "--json")

    assert orjson.loads(result.stdout)["adapter"] == "national"


def test_one_document_goes_both_ways(convert):
    canonical = convert("canonical", given=item_line())
    regional = convert("regional", given=orjson.dumps(CANONICAL))

    assert (canonical.exit_code, regional.exit_code) == (0, 0)
    assert orjson.loads(canonical.stdout) == CANONICAL
    assert orjson.loads(regional.stdout) == orjson.loads(item_line())


def test_what_a_layout_cannot_say_is_told_by_pointer(convert):
    result = convert("regional", given=orjson.dumps(CANONICAL | {"authority": {"name": "区经信局"}}))

    assert result.exit_code == 0
    assert "/authority" in result.stderr
    assert "区经信局" not in result.stderr


@pytest.mark.parametrize(
    ("way", "given", "pointer"),
    [
        ("canonical", item_line(TYPE="99"), "/TYPE"),
        ("canonical", item_line(AREA=None), "/region"),
        ("regional", orjson.dumps({"name": "企业备案"}), "/region"),
    ],
)
def test_a_document_that_breaks_the_rules_is_refused_with_every_fault(convert, way, given, pointer):
    result = convert(way, given=given)

    assert (result.exit_code, result.stdout) == (1, "")
    assert f"  {pointer} " in result.stderr
    assert "企业备案" not in result.stderr


def test_line_by_line_the_good_are_kept_and_the_faulty_told_by_their_number(convert, tmp_path):
    lines = [item_line(NAME="甲"), b"", b"{", item_line(TYPE="99"), item_line(NAME="乙")]
    (tmp_path / "items.ndjson").write_bytes(b"\n".join(lines))

    result = convert("canonical", tmp_path / "items.ndjson")

    assert result.exit_code == 1
    assert [orjson.loads(line)["name"] for line in result.stdout.splitlines()] == ["甲", "乙"]
    assert "line 3: json_truncated" in result.stderr
    assert "line 4: " in result.stderr
    assert "2 lines were left out" in result.stderr


def test_a_line_longer_than_any_document_costs_only_itself(convert):
    given = b"\n".join([item_line(NAME="甲" * 700_000), item_line(NAME="乙")])

    result = convert("canonical", "--ndjson", given=given)

    assert result.exit_code == 1
    assert [orjson.loads(line)["name"] for line in result.stdout.splitlines()] == ["乙"]
    assert "line 1: document_too_large" in result.stderr
    assert "1 lines were left out" in result.stderr


def test_a_layout_without_such_a_document_is_refused(layout, run):
    options = ("--adapter", layout, "--document", "event", "--to", "canonical")

    result = run("adapter", "convert", *options, input=b"{}")

    assert (result.exit_code, "document_unsupported" in result.stderr) == (1, True)


def test_xml_has_no_lines(layout, run):
    manifest = (layout / "adapter.toml").read_text(encoding="utf-8")
    (layout / "adapter.toml").write_text(manifest + 'format = "xml"\n', encoding="utf-8")
    options = ("--adapter", layout, "--document", "service-item", "--to", "canonical", "--ndjson")

    result = run("adapter", "convert", *options, input=b"<a/>\n")

    assert (result.exit_code, "format_unsupported" in result.stderr) == (1, True)


def test_rows_of_a_table_are_documents_of_their_own(layout, run):
    manifest = (layout / "adapter.toml").read_text(encoding="utf-8")
    options = 'format = "csv"\ncharset = "gbk"\n[documents.service-item.csv]\nsingle = true\n'
    (layout / "adapter.toml").write_text(manifest + options, encoding="utf-8")
    item = orjson.loads(item_line())
    rows = [item | {"NAME": "甲"}, item | {"TYPE": "99"}, item | {"NAME": "乙"}]
    given = "\n".join([",".join(item), *(",".join(row.values()) for row in rows)]).encode("gbk")
    arguments = ("--adapter", layout, "--document", "service-item", "--to", "canonical", "--ndjson")

    result = run("adapter", "convert", *arguments, input=given)

    assert [orjson.loads(line)["name"] for line in result.stdout.splitlines()] == ["甲", "乙"]
    assert "line 2: " in result.stderr


def test_a_hundred_thousand_lines_are_converted_in_constant_memory(layout, process, bare):
    with (bare / "items.ndjson").open("wb") as file:
        file.writelines(item_line(NAME="企业备案" * 30) + b"\n" for _ in range(100_000))
    options = ("--adapter", layout, "--document", "service-item", "--to", "canonical")

    code, out, errors = process(bare, "adapter", "convert", *options, "items.ndjson", program=("-c", MEASURED)).end()

    assert (code, out.count(b"\n")) == (0, 100_000)
    assert int(errors.splitlines()[-1]) < MEMORY_LIMIT_KB


def test_the_report_is_also_a_page(layout, run, tmp_path):
    result = run("adapter", "check", layout, "--html", tmp_path / "report.html")

    assert result.exit_code == 0
    assert "通过 Passed" in (tmp_path / "report.html").read_text("utf-8")


def test_a_fault_of_an_example_names_the_row_to_change(layout, run):
    (layout / "examples/service-item/first.regional.json").write_bytes(item_line(TYPE="99"))

    result = run("adapter", "check", layout)

    assert result.exit_code == 1
    assert "/TYPE code_unmapped" in result.stdout
    assert "[service-item.mapping.toml#/rows/3 line 6]" in result.stdout


def sample(folder, **changed):
    path = folder / "sample.json"
    path.write_bytes(orjson.dumps({"SXMC": "登记", "SQRMC": "欧阳锋", "SQSJ": "2026-03-01 10:00:00", **changed}))
    return path


def test_a_draft_is_proposed_and_its_check_says_what_is_left(run, tmp_path):
    result = run("adapter", "suggest", sample(tmp_path), "--document", "application", "--name", "new")
    checked = run("adapter", "check", tmp_path / "new")

    assert result.exit_code == 0
    assert "/SQRMC → /applicant/name" in result.stdout
    assert "nothing fills 未填充: /mode" in result.stdout
    assert "欧阳锋" not in result.stdout
    assert checked.exit_code == 1
    assert "/mode required_missing" in checked.stdout
    assert "example_incomplete" in checked.stdout


def test_a_proposal_for_programs_has_scores_and_evidence_and_no_values(run, tmp_path):
    result = run("adapter", "suggest", sample(tmp_path), "--document", "application", "--out", tmp_path / "x", "--json")

    rows = {each["regional"]: each for each in orjson.loads(result.stdout)["rows"]}
    assert rows["/SQRMC"]["canonical"] == "/applicant/name"
    assert rows["/SQRMC"]["evidence"][0]["sort"] == "initials"
    assert "欧阳锋" not in result.stdout


def test_samples_are_kept_only_if_asked_and_that_is_said(run, tmp_path):
    result = run("adapter", "suggest", sample(tmp_path), "--out", tmp_path / "x", "--keep-samples")

    kept = (tmp_path / "x").rglob("*.regional.json")
    assert "personal data" in result.stdout
    assert any("欧阳锋" in path.read_text("utf-8") for path in kept)


def test_nothing_is_overwritten_and_names_are_checked(run, tmp_path, layout):
    there = run("adapter", "suggest", sample(tmp_path), "--out", layout)
    misnamed = run("adapter", "suggest", sample(tmp_path), "--name", "../x")
    unknown = run("adapter", "suggest", sample(tmp_path), "--event", "party")

    assert (there.exit_code, "[file_exists]" in there.stderr) == (1, True)
    assert (misnamed.exit_code, unknown.exit_code) == (2, 2)


def test_a_sample_that_cannot_be_read_is_told_by_code_and_leaves_nothing(run, tmp_path):
    (tmp_path / "bad.json").write_bytes(b'{"SQRMC": "\xe6\xac')

    result = run("adapter", "suggest", tmp_path / "bad.json", "--name", "new")

    assert result.exit_code == 1
    assert "[json_" in result.stderr or "[encoding_wrong]" in result.stderr
    assert not (tmp_path / "new").exists()


def test_generated_documents_are_told_and_can_be_left_out(run):
    told = run("adapter", "check", "sichuan", "--generate", "2")
    none = run("adapter", "check", "sichuan", "--generate", "0")

    assert "ok    service-item service-item: 2 drawn 生成, " in told.stdout
    assert "generated 生成的文档" not in none.stdout


def test_a_generated_document_that_does_not_come_back_fails_the_check_by_row(layout, run):
    (layout / "item.schema.json").write_text('{"type": "object", "properties": {"SRC": {"type": "string"}}}')
    manifest, table = layout / "adapter.toml", layout / "service-item.mapping.toml"
    manifest.write_text(manifest.read_text() + 'schema = "item.schema.json"\n')
    wrong = '{ canonical = "/source", regional = "/%s", only = "%s" },\n'
    rows = wrong % ("SRC", "to-canonical") + wrong % ("ORIGIN", "to-regional")
    table.write_text(table.read_text().strip().removesuffix("]") + rows + "]")

    result = run("adapter", "check", layout)

    assert result.exit_code == 1
    assert "FAIL  service-item service-item: " in result.stdout
    assert "service-item.mapping.toml#/rows/4" in result.stdout
    assert "    /SRC string\n" in result.stdout
