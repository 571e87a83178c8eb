"""Columns are recognised in the ways regions name them: Chinese, pinyin, initials, official names, English words."""

import pytest

from gateway.core.conversion.suggest import words
from gateway.core.conversion.suggest.canonical import CanonicalField, fields_of
from gateway.core.conversion.suggest.evidence import Candidate, Scorer
from gateway.core.conversion.suggest.proposing import propose
from gateway.core.conversion.suggest.samples import RegionalField, regional_fields
from gateway.core.model import DocumentKind
from gateway.resources import shipped_labels, shipped_schemas

FIELDS = fields_of(shipped_schemas(), DocumentKind.APPLICATION)
SCORER = Scorer(FIELDS, shipped_labels())


def best(name: str, *values: object, title: str = "") -> Candidate:
    regional = RegionalField(path=(name,), title=title, values=dict.fromkeys(values))
    found = [pair for one in FIELDS if (pair := SCORER.candidate(regional, one)) is not None]
    return max(found, key=lambda pair: pair.score)


@pytest.mark.parametrize(
    ("name", "canonical", "sort"),
    [
        ("APPLYERNAME", "/applicant/name", "column"),
        ("APPLYER_NAME", "/applicant/name", "column"),
        ("SQRMC", "/applicant/name", "initials"),
        ("SQRXM", "/applicant/name", "initials"),
        ("sqrlxdh", "/applicant/phone", "initials"),
        ("shenqingrenmingcheng", "/applicant/name", "pinyin"),
        ("申请人名称", "/applicant/name", "title"),
        ("申请人姓名", "/applicant/name", "title"),
        ("applicantIdNumber", "/applicant/idNumber", "words"),
        ("handlingRegion", "/handlingRegion", "name"),
    ],
)
def test_a_column_is_recognised_by_its_name(name, canonical, sort):
    found = best(name)

    assert found.key[1] == canonical
    assert sort in {one.sort for one in found.evidence}
    assert found.score > 0.6


def test_a_title_from_the_schema_is_evidence_where_the_name_says_nothing():
    assert best("F017", title="法定代表人姓名").key[1] == "/applicant/legalRepresentative/name"


def test_values_that_could_not_stand_there_take_the_evidence_away():
    assert best("APPLYDATE", "2026-03-01 10:00:00").score > 0.9
    assert best("APPLYDATE", "材料齐全").score < 0.1


def test_values_of_a_telling_shape_add_to_it():
    said = [one.sort for one in best("SQRZJHM", "11010519491231002X").evidence]

    assert "values" in said


def test_names_of_codes_add_to_it():
    assert "codes" in [one.sort for one in best("SQRLX", "自然人").evidence]


def test_evidence_never_holds_a_value():
    found = best("SQRZJHM", "11010519491231002X")

    assert not any("1949" in one.said for one in found.evidence)


def test_one_canonical_field_gets_one_column_and_look_alikes_are_left_to_people():
    fields = regional_fields([{"APPLYERNAME": "张三", "APPLYER_NAME": "李四", "SXMC": "登记"}])

    proposal = propose(fields, FIELDS, SCORER)

    assert [one.key for one in proposal.decided] == [("/SXMC", "/item/name")]
    assert [one.key[1] for one in proposal.undecided["APPLYERNAME",]][:1] == ["/applicant/name"]


def test_arrays_are_matched_and_their_columns_stay_inside_them():
    fields = regional_fields([{"CLLB": [{"CLMC": "申请表", "CLBM": "A1"}, {"CLMC": "证明", "CLBM": "A2"}]}])

    proposal = propose(fields, FIELDS, SCORER)

    assert {path: one.key[1] for path, one in proposal.arrays.items()} == {("CLLB",): "/materials"}
    assert {one.key for one in proposal.decided} >= {("/CLLB/*/CLMC", "/materials/*/name")}


def test_an_array_of_one_that_is_the_document_itself_is_an_object():
    fields = regional_fields([{"Info": [{"APPLYERNAME": "甲", "APPLYDATE": "20260301", "TASKNAME": "登记"}]}])

    proposal = propose(fields, FIELDS, SCORER)

    assert proposal.sole == {("Info",)}
    assert ("/Info/*/APPLYERNAME", "/applicant/name") in {one.key for one in proposal.decided}


def test_an_event_of_a_known_type_has_the_fields_of_that_type_only():
    fields: tuple[CanonicalField, ...] = fields_of(
        shipped_schemas(), DocumentKind.EVENT, event="notice", event_zh="补正告知"
    )

    sections = {one.path[0] for one in fields}

    assert "notice" in sections
    assert not {"decision", "review", "type"} & sections


@pytest.mark.parametrize(
    ("name", "spoken"),
    [
        ("TASK_CODE", ("item", "code")),
        ("taskCode", ("item", "code")),
        ("APPLYERNAME", ("applicant", "name")),
        ("isCharge", ("fee",)),
        ("XYZZY", ("xyzzy",)),
    ],
)
def test_words_of_a_name_speak_of_concepts(name, spoken):
    assert words.english(name) == spoken
