"""The same digit means other things in other regions: each known trap by name, and no way around the tables."""

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.codecs.codec import Carry
from gateway.core.conversion.codecs.codes import CodeTable, code_of
from gateway.core.conversion.loading import load_adapter
from gateway.core.conversion.pointer import find, tokens
from gateway.core.conversion.remarks import Remark
from gateway.core.errors import AdapterError, InvalidDocumentError
from gateway.core.model import DocumentKind
from gateway.resources import shipped_adapters
from tests.core.conversion.samples import files

ADAPTERS = shipped_adapters()
TABLES = [(name, table) for name, adapter in ADAPTERS.items() for table in adapter.manifest.codes.values()]
every_table = pytest.mark.parametrize(
    "table", [pytest.param(table, id=f"{name}-{table.name}") for name, table in TABLES]
)

# Concept: which digit, and what it means in which layout's table.
TRAPS: dict[str, tuple[str, dict[tuple[str, str], str]]] = {
    "办件类型": ("1", {("national", "project-type"): "1", ("guangdong", "bjlx"): "1", ("shandong", "assort"): "2"}),
    "办件类型 2": ("2", {("national", "project-type"): "2", ("shandong", "assort"): "1", ("zhejiang", "bjtype"): "1"}),
    "通办范围": ("1", {("national", "handling-scope"): "national", ("epoint", "tongbanfanwei"): "cross-city"}),
    "通办范围 2": ("2", {("shandong", "cross-scope"): "cross-province", ("epoint", "tongbanfanwei"): "cross-county"}),
    "材料必要性": (
        "0",
        {
            ("national", "material-necessity"): "optional",
            ("shandong", "must"): "optional",
            ("epoint", "necessity"): "required",
        },
    ),
    "材料必要性 2": ("2", {("shandong", "must"): "tolerated", ("zhejiang", "necessity"): "optional"}),
    "来源渠道": ("1", {("guangdong", "lyqd"): "government", ("zhejiang", "source-type"): "applicant"}),
    "材料类型": ("1", {("national", "material-type"): "original", ("guangdong", "cllx"): "copy"}),
    "材料类型 3": ("2", {("national", "material-type"): "copy", ("guangdong", "cllx"): "original-and-copy"}),
    "满意度": ("5", {("national", "satisfaction"): "5", ("shandong", "stars"): "1", ("anhui", "stars"): "1"}),
    "满意度 1": ("1", {("guangdong", "satisfaction"): "1", ("shandong", "stars"): "5", ("anhui", "stars"): "5"}),
    "办结结果": (
        "6",
        {
            ("guangdong", "bjjgdm"): "completed",
            ("epoint", "banjieresult"): "not-accepted",
            ("shandong", "banjieresult"): "granted",
        },
    ),
    "服务对象": ("1", {("national", "service-object"): "1", ("fujian", "user-type"): "2"}),
    "申请人类型": ("1", {("national", "applicant-type"): "1", ("guangdong", "sqrlx"): "legal"}),
}


@pytest.mark.parametrize("concept", TRAPS)
def test_one_digit_means_in_each_layout_what_that_layout_says(concept):
    digit, meanings = TRAPS[concept]

    found = {(name, table): ADAPTERS[name].manifest.codes[table].read[digit] for name, table in meanings}

    assert found == meanings
    assert len(set(found.values())) > 1


# Crossing: from any layout to any other, the meaning stays or the loss is told.

ITEM = {
    "implementationCode": "11440100007482575H3440118009000",
    "baseCode": "440118009000",
    "name": "不动产抵押登记",
    "type": "07",
    "status": "in-use",
    "version": 1,
    "region": "440118000000",
    "authority": {"name": "广州市规划和自然资源局", "code": "11440100007482575H"},
}
EVENT = {"occurredAt": "2026-03-02T09:30:00+08:00", "caseNumber": "17", "itemName": "不动产抵押登记"}
LISTS = {table.code_list: sorted(table.write) for name, table in TABLES if name == "national"}


def _of_material(name: str, code: str) -> dict[str, Any]:
    return {"materials": [{"name": "身份证", name: code}]}


ITEM_FIELDS: dict[str, tuple[str, str]] = {
    "办件类型": ("/projectType", "project-type"),
    "通办范围": ("/scope", "handling-scope"),
    "材料必要性": ("/materials/0/necessity", "material-necessity"),
    "来源渠道": ("/materials/0/source", "material-source"),
    "材料类型": ("/materials/0/type", "material-type"),
    "服务对象": ("/serviceObjects/0", "service-object"),
}
EVENT_FIELDS = {"满意度": ("/rating/satisfaction", "satisfaction"), "办结结果": ("/decision/result", "decision-result")}


def _saying(pointer: str, code: str) -> dict[str, Any]:
    """Return a canonical document that says a code at a place."""
    match tokens(pointer):
        case ("materials", _, name):
            return ITEM | _of_material(name, code)
        case ("serviceObjects", _):
            return ITEM | {"serviceObjects": [code]}
        case ("rating" | "decision" as part, name):
            happened = {"rating": "rated", "decision": "decided"}[part]
            return EVENT | {"type": happened, part: {name: code}}
        case (name,):
            return ITEM | {name: code}
        case _:
            raise AssertionError(pointer)


def _through(adapter: Adapter, kind: DocumentKind, document: Any, pointer: str) -> Any:
    """Return what a layout makes of a document and back; None where it has no word for it, or tells a loss there."""
    try:
        written = adapter.to_regional(kind, document)
        read = adapter.to_canonical(kind, written.body, written.media_type)
    except InvalidDocumentError:
        return None
    told = {*written.losses, *read.losses}
    part = pointer.rpartition("/")[0] if pointer.endswith("/0") else pointer
    return None if any(part.startswith(at) or at.startswith(part) for at in told) else read.document


def _crossings(kind: DocumentKind, pointer: str, codes: list[str]) -> Iterator[tuple[str, str, str, Any]]:
    """Yield each code that crossed two layouts without a loss told, with what it became."""
    layouts = [name for name, adapter in ADAPTERS.items() if kind in adapter.kinds]
    for here, there in permutations(layouts, 2):
        for code in codes:
            home = _through(ADAPTERS[here], kind, _saying(pointer, code), pointer)
            over = home and _through(ADAPTERS[there], kind, home, pointer)
            if over:
                yield here, there, code, find(over, tokens(pointer))


@pytest.mark.parametrize("concept", [*ITEM_FIELDS, *EVENT_FIELDS])
def test_crossing_two_layouts_keeps_the_meaning(concept):
    kind = DocumentKind.SERVICE_ITEM if concept in ITEM_FIELDS else DocumentKind.EVENT
    pointer, codes = (ITEM_FIELDS | EVENT_FIELDS)[concept]

    crossed = list(_crossings(kind, pointer, LISTS[codes]))

    assert [(here, there, code, found) for here, there, code, found in crossed if found != code] == []
    assert len({(here, there) for here, there, *_ in crossed}) >= 12
    assert {code for _, _, code, _ in crossed} == set(LISTS[codes]) - {"legal"}


def test_five_stars_cross_as_the_best_rating_into_every_layout_and_one_star_as_the_worst():
    for stars, best in (("5", "1"), ("1", "5")):
        rating = {"starLevel": stars, "evaluateChannel": "PJQ", "source": "501"}
        canonical = ADAPTERS["anhui"].canonical_of(DocumentKind.RATING, rating).document
        written = {
            name: ADAPTERS[name].to_regional(DocumentKind.RATING, canonical).document
            for name in ("national", "guangdong")
        }

        assert canonical["satisfaction"] == best
        assert written["national"]["SATISFACTION"] == best
        assert written["guangdong"]["satisfaction"] == best


# The real bug: `setResult("6".equals(bjjgdm) ? "10" : "07")` made 出证办结 (0) a 不予受理 (07).


def test_a_certificate_of_guangdong_is_a_refusal_in_no_layout():
    columns = {"DXLX": "4", "SBLSH": "17", "BJSJ": "20260302T093000", "BJJGDM": "0"}
    canonical = ADAPTERS["guangdong"].canonical_of(DocumentKind.EVENT, {"GDBS": columns}).document
    layouts = [name for name, adapter in ADAPTERS.items() if DocumentKind.EVENT in adapter.kinds]

    back = {name: _through(ADAPTERS[name], DocumentKind.EVENT, canonical, "/type") for name in layouts}

    assert sum(map(bool, back.values())) >= 6
    assert {one["type"] for one in back.values() if one} == {"decided"}
    assert {one["decision"]["result"] for one in back.values() if one} == {"certificate-issued"}


RESULT = '{ canonical = "/decision/result", regional = "/BJJGDM", codec = "code", table = "result" }'
SIX = 'values = [{ regional = "6", canonical = "granted" }]\n'


@pytest.mark.parametrize("default", ['default = "not-accepted"', 'otherwise = "not-accepted"', 'else = "not-accepted"'])
def test_a_code_table_has_no_default(default):
    with pytest.raises(AdapterError) as caught:
        load_adapter(files(RESULT, codes__result=SIX + default))

    assert {fault.code for fault in caught.value.faults} == {"option_unknown"}


@pytest.mark.parametrize("wild", ["*", ".*", "!6", "default"])
def test_a_code_table_has_no_code_that_stands_for_others(wild):
    values = SIX.replace("]", f', {{ regional = "{wild}", canonical = "not-accepted" }}]')
    adapter = load_adapter(files(RESULT, codes__result=values))

    with pytest.raises(InvalidDocumentError):
        adapter.canonical_of(DocumentKind.APPLICATION, {"BJJGDM": "0"})


@pytest.mark.parametrize("condition", ['{ at = "/BJJGDM" }', '{ at = "/SBLSH" }'])
def test_a_row_for_all_other_codes_contradicts_the_table(condition):
    rest = (
        f'{{ canonical = "/decision/result", codec = "constant", value = "not-accepted", when_regional = {condition} }}'
    )

    with pytest.raises(AdapterError) as caught:
        load_adapter(files(f"{RESULT}, {rest}", codes__result=SIX))

    assert "rows_contradict" in {fault.code for fault in caught.value.faults}


# A code without a row, in every table of every layout, both ways.

ODD = st.one_of(
    st.text(max_size=12), st.integers(-10, 10_000).map(str), st.sampled_from(["~~", "06", "6.0", "６", "-1"])
)


def _refused(carry: Carry, value: Any) -> bool:
    try:
        carry(value)
    except Remark as remark:
        return remark.value is None and {problem.code for problem in remark.problems} <= {"code_unmapped", "type_wrong"}
    return False


@every_table
@settings(max_examples=25, deadline=None)
@given(odd=ODD)
def test_a_code_without_a_row_is_refused_in_both_directions(table: CodeTable, odd: str):
    codec = code_of(table)

    for way, known in ((codec.read, table.read), (codec.write, table.write)):
        if odd.strip() and odd.strip() not in known:
            assert _refused(way.carry, odd)
            assert way.partners is None or odd not in way.partners


@every_table
def test_the_codes_beside_those_of_a_table_are_refused_too(table: CodeTable):
    codec = code_of(table)

    for way, known in ((codec.read, table.read), (codec.write, table.write)):
        beside = {near for code in known for near in (code + "0", "0" + code, code + "x", code.lower(), code.upper())}
        assert [code for code in beside - set(known) if not _refused(way.carry, code)] == []
        assert [code for code in known if _refused(way.carry, code)] == []


@every_table
def test_what_a_table_refuses_by_name_is_refused(table: CodeTable):
    codec = code_of(table)

    assert all(_refused(codec.read.carry, code) for code in table.refused_regional)
    assert all(_refused(codec.write.carry, code) for code in table.refused_canonical)


# The national construction approvals (SPGL): their states in another set of codes, many to one.

SPGL = {"2": "61", "3": "23", "4": "24", "5": "24", "6": "22", "7": "22", "9": "40", "10": "41", "11": "60", "13": "36"}
SPGL |= {"14": "61", "15": "62"}
STATE = '{ canonical = "/state", regional = "/BJZT", codec = "code", table = "state" }'


def _spgl(second: str) -> dict[str, bytes]:
    """Return an adapter with that table; `second` is said of every state whose code another one has already."""
    seen: set[str] = set()
    values = []
    for state, code in SPGL.items():
        values.append(f'{{ regional = "{code}", canonical = "{state}"{second if code in seen else ""} }}')
        seen.add(code)
    return files(STATE, codes__state=f"values = [{', '.join(values)}]")


@pytest.mark.parametrize(
    ("second", "code"),
    [("", "code_repeated"), (', only = "to-regional"', "loss_undeclared"), (", lossy = true", "code_repeated")],
)
def test_a_table_of_many_to_one_must_say_which_way_and_that_it_loses(second, code):
    with pytest.raises(AdapterError) as caught:
        load_adapter(_spgl(second))

    assert code in {fault.code for fault in caught.value.faults}


def test_many_construction_states_become_one_code_and_each_that_does_not_come_back_is_told():
    adapter = load_adapter(_spgl(', only = "to-regional", lossy = true'))

    written = {state: adapter.to_regional(DocumentKind.APPLICATION, {"state": state}) for state in SPGL}
    back = {
        state: adapter.canonical_of(DocumentKind.APPLICATION, one.document).document["state"]
        for state, one in written.items()
    }

    assert {state: one.document["BJZT"] for state, one in written.items()} == SPGL
    assert {state for state, one in written.items() if one.losses == ("/state",)} == {"5", "7", "14"}
    assert {state for state in SPGL if back[state] != state} == {"5", "7", "14"}


@pytest.mark.parametrize("state", ["1", "8", "12"])
def test_a_construction_state_without_a_row_is_refused_and_tolerance_never_becomes_a_plain_pass(state):
    adapter = load_adapter(_spgl(', only = "to-regional", lossy = true'))

    with pytest.raises(InvalidDocumentError):
        adapter.to_regional(DocumentKind.APPLICATION, {"state": state})
