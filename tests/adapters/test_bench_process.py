"""What becomes of adapters that mean harm: a report that names the place, within limits, and never an exception."""

import asyncio
import sys
from pathlib import Path

import pytest

from gateway.adapters.bench import QUEUE, ProcessBench
from gateway.adapters.work import judge, weight_of
from gateway.core.errors import AdapterError, OverloadedError
from tests.adapters.hostile import FILES, small

KEPT = {  # read and judged like any other; what the examples show decides
    "one_table_as_large_as_may_be",
    "rows_that_all_contradict",
    "a_schema_that_is_its_own_part",
    "schemas_that_refer_to_each_other",
    "a_pattern_that_explodes",
    "an_example_nested_deep",
    "a_pattern_of_another_dialect",
    "enums_without_end",
    "parts_that_refer_to_all_the_others",
    "constraints_that_contradict",
}
ENDLESS = {"patterns_that_take_a_drawer_for_ever"}  # nothing but the limits of its process ends it
COSTLY = {  # refused before the work is begun
    "messages_that_share_a_huge_table": "adapter.toml#/documents",
    "many_huge_tables": "",
    "brackets_without_end": "service-item.mapping.toml#",
    "a_key_of_a_million_dots": "service-item.mapping.toml#",
    "tables_within_tables": "service-item.mapping.toml#",
    "many_files_of_noise": "",
    "large_code_tables": "",
    "a_schema_that_doubles": "schema/item.json#",
    "examples_with_many_strays": "examples#",
    "many_examples_of_a_large_table": "examples/service-item#",
}

IMPATIENT = "from gateway.adapters import child; child.CPU_S = 2; child.main()"


def python(program: str, **limits: float) -> ProcessBench:
    return ProcessBench(command=(sys.executable, "-c", program), **limits)  # type: ignore[arg-type]  # only wall_s


async def refusal(bench: ProcessBench) -> AdapterError:
    with pytest.raises(AdapterError) as raised:
        await bench.judge(small())
    return raised.value


@pytest.mark.parametrize("name", sorted(KEPT))
def test_what_is_within_the_limits_is_judged(name):
    assert judge(FILES[name](), lambda _: None).layout == "small"


@pytest.mark.parametrize("name", COSTLY)
def test_what_would_take_too_long_is_refused_at_its_place(name):
    with pytest.raises(AdapterError) as raised:
        judge(FILES[name](), lambda _: None)

    assert raised.value.code == "adapter_too_costly"
    assert [each.pointer for each in raised.value.faults] == [COSTLY[name]]


@pytest.mark.parametrize("name", sorted(FILES.keys() - KEPT - COSTLY.keys() - ENDLESS))
def test_what_is_wrong_is_told_by_file_and_row(name):
    with pytest.raises(AdapterError) as raised:
        judge(FILES[name](), lambda _: None)

    assert raised.value.code == "adapter_invalid"
    assert all("#" in each.pointer for each in raised.value.faults)


def test_a_schema_weighs_what_a_validator_goes_through():
    assert weight_of({}) == 1
    assert weight_of({"properties": {"a": {}, "b": {"enum": [1, 2]}}}) == 7
    assert weight_of({"$ref": "#"}) == 2
    assert weight_of({"$defs": {"a": {"type": "string"}}, "anyOf": [{"$ref": "#/$defs/a"}] * 3}) > weight_of(
        {"$defs": {"a": {"type": "string"}}, "anyOf": [{"$ref": "#/$defs/a"}]}
    )


async def test_the_process_judges_and_compares():
    bench, other = ProcessBench(), small(**{"more.txt": b"x"})

    judged = await bench.judge(small())
    changes = await bench.compare(small(), other)

    assert (judged.layout, judged.version, judged.passed) == ("small", "1.0.0", True)
    assert changes["files"] == [["more.txt", "added"]]
    with pytest.raises(AdapterError) as raised:
        await bench.judge(FILES["a_path_that_leads_out"]())
    assert [each.code for each in raised.value.faults] == ["name_invalid"]


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "adapter_too_slow"),
        ("import os; os._exit(3)", "adapter_too_hungry"),
        ("import os; os.abort()", "adapter_too_hungry"),
        ("import os; os._exit(4)", "adapter_unjudgeable"),
        ("print('x' * 100)", "adapter_unjudgeable"),
    ],
)
async def test_a_process_that_ends_without_a_verdict_is_told_as_what_it_died_of(program, code):
    error = await refusal(
        python(f"import sys; sys.stdin.buffer.read(); print('codes/kind.toml', file=sys.stderr, flush=True); {program}")
    )

    assert error.code == code
    assert [each.pointer for each in error.faults] == ["codes/kind.toml#"]


async def test_a_process_that_never_ends_is_ended():
    before = children()

    error = await refusal(python("import time; time.sleep(600)", wall_s=0.5))

    assert error.code == "adapter_too_slow"
    assert children() <= before


def children() -> set[str]:
    """Return the processes that this one has begun, and that have not been asked how they ended."""
    return {pid for each in Path("/proc/self/task").glob("*/children") for pid in each.read_text().split()}


@pytest.mark.parametrize("name", sorted(ENDLESS))
async def test_work_without_end_is_told_at_the_file_it_was_in(name):
    with pytest.raises(AdapterError) as raised:
        await ProcessBench(command=(sys.executable, "-c", IMPATIENT)).judge(FILES[name]())

    assert raised.value.code == "adapter_too_slow"
    assert [each.pointer for each in raised.value.faults] == ["schema/item.json#"]


async def test_the_process_gets_nothing_of_ours(monkeypatch):
    monkeypatch.setenv("TONGBAN_KEYS_PASSPHRASE", "secret")
    told = "import os, sys; sys.exit(4 if 'secret' in os.environ.values() else 3)"

    assert (await refusal(python(told))).code == "adapter_too_hungry"


async def test_too_much_work_at_once_is_put_off():
    bench = python("import sys; sys.exit(4)")

    outcomes = await asyncio.gather(*[bench.judge(small()) for _ in range(QUEUE + 2)], return_exceptions=True)

    assert [type(each) for each in outcomes].count(OverloadedError) == 2
