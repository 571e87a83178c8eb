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
        "quarantined": orjson.loads(result.stdout)["quarantined"],
        "faulty": 0,
    }
    assert "items_imported" in run("audit", "entries").stdout


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


def test_the_file_of_faults_holds_the_regions_own_lines_and_why(importing, settled):
    bad = item_line(CODE=CODES[1], TYPE="99")
    importing([item_line(), bad, b"\xff"], "--faults", "faults.ndjson")

    written = settled / "faults.ndjson"
    first, second = map(orjson.loads, written.read_bytes().splitlines())
    assert (first["line"], first["document"]) == (2, orjson.loads(bad))
    assert [fault["pointer"] for fault in first["faults"]] == ["/TYPE"]
    assert (second["line"], second["document_base64"]) == (3, "/w==")
    assert written.stat().st_mode & 0o777 == 0o600


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
