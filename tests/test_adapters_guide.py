"""The guide from samples to an active adapter leads there, command by command."""

import orjson
import pytest

from tests.pages import ROOT, blocks, copy_of_the_checkout, run_bash

GUIDE = ROOT / "docs" / "adapters.md"


@pytest.mark.timeout(300)
def test_every_command_of_the_guide_runs_and_the_layout_is_active_at_the_end(tmp_path):
    copy_of_the_checkout(tmp_path, "8420")
    session = "set -euo pipefail\n" + "".join(blocks(GUIDE, "sh"))

    told, code = run_bash(session, tmp_path)

    assert code == 0, told
    assert "15 rows proposed, 1 fields left" in told
    assert "/KSTBMS code_unmapped" in told
    assert "[application.mapping.toml#/rows/11]" in told
    assert "Passed. 通过。" in told
    assert "通过 Passed" in (tmp_path / "qingxi.html").read_text("utf-8")
    assert "王小明" not in told
    canonical = orjson.loads((tmp_path / "canonical.json").read_bytes())
    assert (canonical["mode"], canonical["extensions"]) == ("proxy", {"qingxi": {"/QXNBH": "x7"}})
    assert orjson.loads((tmp_path / "back.json").read_bytes())["KSTBMS"] == "2"
