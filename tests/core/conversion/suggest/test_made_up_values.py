"""Examples keep what is nobody's, and hold nothing of anybody; which of their values are made up is said."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.conversion.suggest.suggestion import Knowledge, Suggestion, Wish, suggest
from gateway.core.model import DocumentKind
from gateway.resources import shipped_forms, shipped_labels, shipped_schemas

KNOWN = Knowledge(schemas=shipped_schemas(), forms=shipped_forms(), labels=shipped_labels(), dictionaries={})
ID_NUMBER, MOBILE = "11010519491231002X", "13912345678"
NAMES = ("欧阳锋", "阿依古丽", "zhangwei", "ZHANGWEI", "王芳")
SAMPLE = {
    "申请人名称": "欧阳锋",
    "申请人类型": "自然人",
    "证件类型": "居民身份证",
    "证件号码": ID_NUMBER,
    "事项名称": "登记",
    "收件地": "420300",
    "承诺办结时限": "15个工作日",
    "法定时限": "即办",
    "是否必要": "是",
    "通办范围": "跨省",
    "备注": "无",
    "材料清单": [{"材料名称": "甲", "收取数量": 2, "是否收取": "否"}],
}


def suggested(
    *samples: object, kind: DocumentKind | None = DocumentKind.APPLICATION, keep: bool | None = None
) -> Suggestion:
    bodies = {f"{number}.json": orjson.dumps(one) for number, one in enumerate(samples)}
    return suggest(bodies, KNOWN, Wish(name="new", kind=kind, keep_samples=keep))


def shown(found: Suggestion) -> list[dict[str, Any]]:
    paths = sorted(name for name in found.files if name.endswith(".regional.json"))
    return [orjson.loads(found.files[name]) for name in paths]


def test_codes_limits_yes_and_no_counts_and_public_divisions_stay_with_a_row_and_without():
    (example,) = shown(suggested(SAMPLE))

    kept = ("申请人类型", "证件类型", "收件地", "承诺办结时限", "法定时限", "是否必要", "通办范围")
    assert {name: example[name] for name in kept} == {name: SAMPLE[name] for name in kept}
    assert example["材料清单"][0] | {"材料名称": ""} == {"材料名称": "", "收取数量": 2, "是否收取": "否"}
    assert example["申请人名称"] != "欧阳锋"
    assert example["证件号码"] != ID_NUMBER


CODED = ("申请人类型", "证件类型", "收件地", "承诺办结时限", "是否必要", "通办范围", "备注")


@pytest.mark.parametrize("around", ["{}", "自然人;{}"])
@pytest.mark.parametrize("stray", [*NAMES, ID_NUMBER, MOBILE, "027-87654321", "87654321", "G12345678", "19491231"])
def test_somebody_among_codes_limits_and_divisions_does_not_survive(stray, around):
    found = suggested(SAMPLE, SAMPLE | dict.fromkeys(CODED, around.format(stray)), SAMPLE)

    told = [body.decode() for name, body in found.files.items() if not name.startswith("schema/")]
    assert [one for one in told if stray in one] == []


def test_a_name_that_is_a_piece_of_a_code_does_not_survive_among_codes():
    examples = shown(suggested(SAMPLE, SAMPLE | dict.fromkeys(CODED, "许可"), SAMPLE))

    assert "许可" not in str(examples)


@settings(max_examples=25, deadline=None)
@given(
    st.text("王李张刘陈欧阳锋芳娜敏静秀英丽强磊军洋勇艳杰娟涛明超兰霞平刚桂123456789号室路", min_size=7, max_size=30)
)
def test_a_remark_never_survives(text):
    (example,) = shown(suggested(SAMPLE | {"备注": f"联系{text}", "BZXX": text + "号"}))

    assert text not in str(list(example.values()))


def test_which_fields_hold_made_up_values_is_said_beside_the_examples():
    told = suggested(SAMPLE).files["examples/README.md"].decode()

    assert "- `/申请人名称`" in told
    assert "- `/承诺办结时限`" not in told
    assert "欧阳锋" not in told


def test_a_fault_of_a_made_up_value_is_told_apart_from_one_of_the_samples():
    sample = SAMPLE | {"申请人类型": "甲方"}  # no official code: masked, and unmapped in both
    found = suggested(sample, SAMPLE)

    assert {(one.pointer, one.fault.code, one.samples) for one in found.trial.reasons} >= {
        ("/申请人类型", "code_unmapped", 1),
    }
    assert not {one.pointer for one in found.trial.made_up} & {"/申请人类型"}


ITEM = {
    "TASKNAME": "登记",
    "TASKCODE": "11420300011400000X3420131001000",
    "TASKTYPE": "行政许可",
    "AREACODE": "420300",
    "LINKMAN": "窗口人员",
}


@pytest.mark.parametrize(
    ("change", "kind", "keep", "kept"),
    [
        ({}, DocumentKind.SERVICE_ITEM, None, True),
        ({}, None, None, True),
        ({}, DocumentKind.SERVICE_ITEM, False, False),
        ({"LINKTEL": MOBILE}, DocumentKind.SERVICE_ITEM, None, True),
        ({"LINKTEL": MOBILE}, None, None, False),
        ({"SQRZJHM": ID_NUMBER}, DocumentKind.SERVICE_ITEM, None, False),
        ({"SQRMC": "欧阳锋"}, None, None, False),
    ],
)
def test_items_are_kept_as_they_are_unless_something_in_them_is_somebodys(change, kind, keep, kept):
    found = suggested(ITEM | change, kind=kind, keep=keep)

    assert found.kind is DocumentKind.SERVICE_ITEM
    assert found.kept is kept
    assert (shown(found) == [ITEM | change]) is kept


def test_applications_are_masked_however_they_were_recognised():
    assert not suggested(SAMPLE, kind=None).kept


def test_why_samples_do_not_convert_is_said_by_field():
    found = suggested(SAMPLE, SAMPLE)

    assert found.trial.converted == 0
    assert all(one.samples == 2 for one in found.trial.reasons)
    assert ("/mode", "required_missing") in {(one.pointer, one.fault.code) for one in found.trial.reasons}
