"""The report of `tongban adapter check` tells what does not hold first and once, and long lists only if asked."""

import pytest

from tests.cli.workplace import item_line


@pytest.fixture
def several(layout):
    """The small layout with three examples that share a fault, one of which has another."""
    folder = layout / "examples" / "service-item"
    (folder / "first.canonical.json").unlink()
    (folder / "first.regional.json").write_bytes(item_line(TYPE="99"))
    (folder / "second.regional.json").write_bytes(item_line(TYPE="98"))
    (folder / "third.regional.json").write_bytes(item_line(TYPE="97", AREA="x"))
    return layout


def test_what_examples_have_in_common_is_told_once_and_the_rest_by_name(several, run):
    told = run("adapter", "check", several).stdout

    assert told.splitlines()[1] == "FAIL  service-item service-item: first, second, third"
    (shared,) = [line for line in told.splitlines() if "/TYPE code_unmapped" in line]
    (own,) = [line for line in told.splitlines() if "format_wrong" in line]
    assert shared.endswith("[service-item.mapping.toml#/rows/3 line 6]  (all 全部)")
    assert own.endswith("[service-item.mapping.toml#/rows/1 line 4]  (third)")


def test_nothing_is_said_of_rows_that_no_example_reaches_before_one_passes(several, run):
    failing = run("adapter", "check", several).stdout
    for example in (several / "examples" / "service-item").iterdir():
        example.unlink()

    assert "no example reaches" not in failing
    assert "no example reaches" in run("adapter", "check", several).stdout


def test_long_lists_are_counted_and_told_only_if_asked_for(layout, run):
    short, whole = run("adapter", "check", layout), run("adapter", "check", layout, "--all")

    (counted,) = [line for line in short.stdout.splitlines() if "never filled" in line]
    assert counted.endswith("(--all lists them 用 --all 列出)")
    assert "    /authority/name" not in short.stdout
    assert "    /authority/name" in whole.stdout


def test_a_row_that_keeps_the_adapter_from_loading_is_told_with_its_line(layout, run):
    table = layout / "service-item.mapping.toml"
    table.write_text(table.read_text("utf-8").replace('"/TYPE"', '"/NAME"'), encoding="utf-8")

    result = run("adapter", "check", layout)

    assert result.exit_code == 1
    assert "line 6 rows_contradict" in result.stderr
