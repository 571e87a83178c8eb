"""`tongban item import`: the good lines are kept, and every other one is told by its number."""

import orjson
import pytest

from gateway.resources import data_folder
from tests.cli.workplace import REAL_ITEMS, item_line

CODES = [f"11511602008778183N4511Z070010{tail:02}" for tail in range(6, 10)]


@pytest.fixture
def importing(settled, run, layout):
    def importing(lines, *arguments):
        (settled / "items.ndjson").write_bytes(b"\n".join(lines))
        return run("item", "import", "items.ndjson", "--adapter", layout, "--json", *arguments)

    return importing


def test_every_good_line_is_kept_and_the_import_is_logged(importing, run):
    result = importing([item_line(CODE=code) for code in CODES])

    assert result.exit_code == 0
    assert orjson.loads(result.stdout) == {
        "lines": 4,
        "added": 4,
        "changed": 0,
        "unchanged": 0,
        "ended": 0,
        "quarantined": orjson.loads(result.stdout)["quarantined"],
        "faulty": 0,
    }
    assert "item_import_begun" in (entries := run("audit", "entries").stdout)
    assert entries.count("items_imported") == 1


def test_importing_again_changes_nothing(importing):
    lines = [item_line(CODE=code) for code in CODES]
    importing(lines)

    again = orjson.loads(importing(lines).stdout)

    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 4)


def test_faulty_lines_are_told_by_number_and_the_others_kept(importing):
    result = importing([item_line(), b"", item_line(CODE=CODES[1], TYPE="99"), b"\xff", item_line(CODE=CODES[2])])

    assert result.exit_code == 1
    assert orjson.loads(result.stdout)["added"] == 2
    assert orjson.loads(result.stdout)["faulty"] == 2
    assert "line 3: " in result.stderr
    assert "  /TYPE " in result.stderr
    assert "line 4: encoding_wrong" in result.stderr
    assert "企业备案" not in result.stderr


def test_a_line_longer_than_any_document_is_left_out(importing):
    result = importing([item_line(NAME="甲" * 700_000), item_line()])

    assert (orjson.loads(result.stdout)["added"], orjson.loads(result.stdout)["faulty"]) == (1, 1)
    assert "line 1: document_too_large" in result.stderr


def test_the_file_of_faults_is_the_regions_own_lines_byte_for_byte_and_says_why_beside(importing, settled):
    bad = b'{"TYPE" : "99",   "AREA":"511602000000"}'
    importing([item_line(), bad, b"", b"\xff"], "--faults", "faults.ndjson")

    written = settled / "faults.ndjson"
    reasons = [orjson.loads(line) for line in (settled / "faults.ndjson.reasons.ndjson").read_bytes().splitlines()]
    assert written.read_bytes() == bad + b"\n\xff\n"
    assert [(each["line"], each["at"]) for each in reasons] == [(2, 1), (4, 2)]
    assert "/TYPE" in [fault["pointer"] for fault in reasons[0]["faults"]]
    assert written.stat().st_mode & 0o777 == 0o600


def test_faulty_lines_put_right_are_all_that_is_left_to_import(importing, settled, run, layout):
    importing([item_line(), item_line(CODE=CODES[1], TYPE="99")], "--faults", "faults.ndjson")
    faulty = settled / "faults.ndjson"
    faulty.write_bytes(faulty.read_bytes().replace(b'"99"', b'"20"'))

    done = orjson.loads(run("item", "import", faulty, "--adapter", layout, "--json").stdout)

    assert (done["added"], done["faulty"]) == (1, 0)


def test_what_became_of_each_item_is_told(importing, settled):
    importing([item_line(CODE=code) for code in CODES[:2]])

    importing(
        [item_line(CODE=CODES[1], NAME="企业备案（新）"), item_line(CODE=CODES[2])],
        "--complete", "5116", "--changes", "changes.ndjson",
    )  # fmt: skip

    told = [orjson.loads(line) for line in (settled / "changes.ndjson").read_bytes().splitlines()]
    assert [(each["code"], each["change"]) for each in told] == [
        (CODES[0], "ended"),
        (CODES[1], "changed"),
        (CODES[2], "added"),
    ]
    assert told[1]["pointers"] == ["/name"]


def test_where_something_was_left_out_nothing_is_ended(importing):
    importing([item_line(CODE=code) for code in CODES[:2]])

    result = importing([item_line(CODE=CODES[0]), b"{}"], "--complete", "5116")

    assert (result.exit_code, orjson.loads(result.stdout)["ended"]) == (1, 0)


def test_one_item_said_in_two_ways_is_kept_as_it_was_said_first(importing, settled):
    result = importing([item_line(), item_line(), item_line(NAME="另一个名称")], "--faults", "faults.ndjson")

    assert "line 3: item_contradicted" in result.stderr
    done = orjson.loads(result.stdout)
    assert (done["added"], done["unchanged"], done["faulty"]) == (1, 1, 1)
    assert (settled / "faults.ndjson").read_bytes() == item_line(NAME="另一个名称") + b"\n"


def test_an_array_in_one_file_is_imported_as_well(settled, run, layout):
    (settled / "items.json").write_bytes(b"[" + b",\n".join([item_line(CODE=code) for code in CODES]) + b"]\n")

    result = run("item", "import", "items.json", "--adapter", layout, "--json")

    assert orjson.loads(result.stdout)["added"] == 4


def test_a_layout_without_the_document_is_refused(settled, run, layout):
    (settled / "items.ndjson").write_bytes(item_line())

    result = run("item", "import", "items.ndjson", "--adapter", layout, "--document", "base-item")

    assert result.exit_code == 1
    assert "document_unsupported" in result.stderr


@pytest.mark.parametrize("prefix", ["5", "51a", "5116020000000"])
def test_a_complete_list_is_of_a_division(settled, run, layout, prefix):
    (settled / "items.ndjson").write_bytes(item_line())

    result = run("item", "import", "items.ndjson", "--adapter", layout, "--complete", prefix)

    assert result.exit_code == 2


def test_people_are_told_in_both_languages(settled, run, layout):
    (settled / "items.ndjson").write_bytes(item_line())

    result = run("item", "import", "items.ndjson", "--adapter", layout)

    assert "1 lines: 1 added, 0 changed, 0 unchanged 已导入" in result.stdout


@pytest.mark.skipif(not REAL_ITEMS.is_file(), reason="the real items are not beside this checkout")
@pytest.mark.skipif(not (data_folder("adapters") / "sichuan").is_dir(), reason="the sichuan adapter is not there yet")
@pytest.mark.usefixtures("settled")
def test_the_real_items_of_guangan_are_all_imported(run):
    result = run("item", "import", REAL_ITEMS, "--adapter", "sichuan", "--json")

    done = orjson.loads(result.stdout)
    assert result.exit_code == 0
    assert (done["lines"], done["faulty"]) == (1_135, 0)


@pytest.fixture
def found(importing, run):
    """Search a catalogue of three items, one of them not in force yet."""
    names = ("公证事项办理", "学历公证", "企业备案")
    importing([item_line(CODE=code, NAME=name) for code, name in zip(CODES, names, strict=False)])

    def found(*arguments):
        result = run("item", *arguments, "--json")
        assert result.exit_code == 0, result.stderr
        return [orjson.loads(line) for line in result.stdout.splitlines()]

    return found


def test_a_search_finds_a_part_of_the_name(found):
    assert [each["name"] for each in found("search", "公证")] == ["公证事项办理", "学历公证"]
    assert [each["name"] for each in found("search", "证", "--region", "51", "--code", CODES[1])] == ["学历公证"]
    assert found("search", "公证", "--mode", "online") == []


def test_a_page_says_where_the_next_begins(found):
    first = found("list", "--limit", "2")
    assert [each.get("name") for each in first] == ["公证事项办理", "学历公证", None]

    assert [each["name"] for each in found("list", "--after", first[-1]["after"])] == ["企业备案"]


def test_people_get_a_table(found, run):
    assert found("list", "--at", "2026-01-01")

    assert "学历公证" in run("item", "search", "公证").stdout
    assert "--after 1" in run("item", "list", "--limit", "1").stderr
