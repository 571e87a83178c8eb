"""The guide from samples to an active adapter leads there, command by command, and says the same in Chinese."""

import orjson

from tests.pages import ROOT, blocks, copy_of_the_checkout, run_bash, shape

GUIDE, CHINESE = ROOT / "docs" / "adapters.md", ROOT / "docs" / "adapters.zh-CN.md"


def test_every_command_of_the_guide_runs_and_the_layout_is_active_at_the_end(tmp_path):
    copy_of_the_checkout(tmp_path, "8420")
    session = "set -euo pipefail\n" + "".join(blocks(GUIDE, "sh"))

    told, code = run_bash(session, tmp_path)

    assert code == 0, told
    assert "/KSTBMS code_unmapped" in told
    assert "[application.mapping.toml#/rows/10 line 17]" in told
    assert told.count("Passed. 通过。") == 3
    assert "通过 Passed" in (tmp_path / "qingxi.html").read_text("utf-8")
    assert told.partition("Passed. 通过。")[0].count("王小明") == 0
    canonical = orjson.loads((tmp_path / "canonical.json").read_bytes())
    assert (canonical["mode"], canonical["extensions"]) == ("proxy", {"qingxi": {"/QXNBH": "x7"}})
    assert [each["received"] for each in canonical["materials"]] == [True, False]
    assert (canonical["delivery"], canonical["collectingRegion"]) == ({"method": "courier"}, "420300000000")
    assert orjson.loads((tmp_path / "back.json").read_bytes()) == orjson.loads((tmp_path / "one.json").read_bytes())
    assert (tmp_path / "items-back.csv").read_text("gbk").splitlines() == items(tmp_path)
    assert "2 added" in told
    assert "<SQRXM>王小明</SQRXM>" in (tmp_path / "request-back.xml").read_text("gbk")


def items(folder):
    return (folder / "items.csv").read_text("gbk").splitlines()


def test_the_chinese_guide_says_the_same():
    english, chinese = shape(GUIDE), shape(CHINESE)

    assert {name for name in english if english[name] != chinese[name]} == set()
