"""Identifiers: published samples are judged as they were found, and one wrong character always shows."""

from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from gateway.core.catalogue import identifiers
from gateway.core.catalogue.identifiers import SOUND, Standing, Verdict

CERTIFICATE = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"
CREDIT_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def judged(judge: Callable[[str], Verdict], text: str) -> tuple[Standing, str]:
    verdict = judge(text)
    return verdict.standing, verdict.code


def quarantined(code: str) -> tuple[Standing, str]:
    return Standing.QUARANTINED, code


@pytest.mark.parametrize(
    "code",
    [
        "11440100007482575H3440118009000",
        "11440000MB2D0164XH2440289876000",
        "12441500196720244T3442199806003",
        "11370800MB285591843370117002011",
    ],
)
def test_published_implementation_codes_are_sound(code):
    assert identifiers.implementation_code(code) == SOUND
    assert identifiers.credit_code(code[:18]) == SOUND
    assert identifiers.base_code(code[19:]) == SOUND


def test_a_published_handling_item_code_is_sound():
    assert identifiers.handling_item_code("11310000MB2F30661Y231200356400001") == SOUND


def test_the_pseudo_organisation_code_of_shanghai_is_quarantined_not_refused():
    code = "310000999000CL0000531200066000001"

    assert judged(identifiers.handling_item_code, code) == quarantined("credit_code_check_wrong")


@pytest.mark.parametrize(
    ("judge", "text", "code"),
    [
        (identifiers.base_code, "990118009000", "base_code_division_unknown"),
        (identifiers.base_code, "44XK18009000", "base_code_type_unknown"),
        (identifiers.implementation_code, "11440100007482575H8440118009000", "level_unknown"),
        (identifiers.implementation_code, "11440100007482575H3990118009000", "base_code_division_unknown"),
        (identifiers.handling_item_code, "11310000MB2F30661Y2312003564000A1", "handling_item_number_unknown"),
        (identifiers.credit_code, "11440100007482575O", "credit_code_letters_wrong"),
        (identifiers.credit_code, "114401000074825751", "credit_code_check_wrong"),
        (identifiers.resident_id, "110105194912310021", "resident_id_check_wrong"),
        (identifiers.resident_id, "110105491231002", "resident_id_old"),
        (identifiers.division_code, "991602000000", "division_unknown"),
        (identifiers.division_code, "511699000000", "county_unknown"),
        (identifiers.division_code, "110103000000", "division_abolished"),
        (identifiers.division_code, "519900000000", "division_unknown"),
    ],
)
def test_what_has_the_right_form_and_a_wrong_part_is_quarantined(judge, text, code):
    assert judged(judge, text) == quarantined(code)


@pytest.mark.parametrize(
    ("judge", "texts"),
    [
        (identifiers.base_code, ["", "44011800900", "44011800900a", "４40118009000", "440118009000\n"]),
        (identifiers.implementation_code, ["", "511Z07001006-511602000000-000-1", "11440100007482575h3440118009000"]),
        (identifiers.handling_item_code, ["", "11310000MB2F30661Y2312003564000"]),
        (identifiers.credit_code, ["", "00877868-5", "9144010000748257", "11440100007482575h"]),
        (identifiers.resident_id, ["", "11010519491231002x", "1101051949123100２X", "ABC"]),
        (identifiers.certificate_identifier, ["", "1.2.156.3005.3." + CERTIFICATE[15:], CERTIFICATE + "\n"]),
        (identifiers.division_code, ["", "511602", "SH00SH", "51160200000O", "５11602000000"]),
    ],
)
def test_what_has_another_form_is_malformed(judge, texts):
    assert {judge(text).standing for text in texts} == {Standing.MALFORMED}


@pytest.mark.parametrize(
    "code",
    [
        "000000000000",
        "420300000000",
        "610900000000",
        "620900000000",
        "511602000000",
        "110000000000",
        "310000000000",
        "110101000000",
        "429021000000",
        "511602001002",
        "810000000000",
    ],
)
def test_the_nation_provinces_municipalities_and_what_lies_below_are_sound(code):
    assert identifiers.division_code(code) == SOUND


def test_the_resident_id_of_the_standard_is_sound():
    assert identifiers.resident_id("11010519491231002X") == SOUND


@pytest.mark.parametrize("place", ["110103", "420300", "511602"])
def test_a_person_keeps_the_place_of_a_dissolved_county_and_may_be_older_than_it(place):
    number = place + "19490101001"

    assert identifiers.resident_id(number + ric.calc_check_digit(number + "0")) == SOUND


@pytest.mark.parametrize(
    ("number", "code"),
    [("11010519490230002", "resident_id_date_wrong"), ("99010519491231002", "resident_id_place_unknown")],
)
def test_a_resident_id_with_a_right_check_digit_can_still_be_wrong(number, code):
    whole = number + ric.calc_check_digit(number + "0")

    assert judged(identifiers.resident_id, whole) == quarantined(code)


@pytest.mark.parametrize(
    "text", [CERTIFICATE, "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0"]
)
def test_published_e_certificate_identifiers_are_sound(text):
    assert identifiers.certificate_identifier(text) == SOUND


def test_an_e_certificate_issued_by_a_division_code_is_quarantined():
    text = "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9"

    assert judged(identifiers.certificate_identifier, text) == quarantined("certificate_issuer_unknown")


@given(st.from_regex(r"\A1[0-9]{7}[0-9A-HJ-NPQRTUWXY]{9}\Z"), st.integers(0, 16), st.sampled_from("0123456789"))
def test_one_wrong_character_of_a_credit_code_always_shows(body, place, other):
    code = body + uscc.calc_check_digit(body)
    assume(code[place] != other)

    assert identifiers.credit_code(code) == SOUND
    assert not identifiers.credit_code(code[:place] + other + code[place + 1 :]).sound


@given(st.integers(0, len(CERTIFICATE) - 1), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
def test_one_wrong_character_of_an_e_certificate_identifier_always_shows(place, other):
    assume(CERTIFICATE[place] != other)

    assert not identifiers.certificate_identifier(CERTIFICATE[:place] + other + CERTIFICATE[place + 1 :]).sound


JUDGES = [
    identifiers.base_code,
    identifiers.implementation_code,
    identifiers.handling_item_code,
    identifiers.credit_code,
    identifiers.resident_id,
    identifiers.certificate_identifier,
    identifiers.division_code,
]
ALPHANUMERIC = st.text("0123456789AX", min_size=12, max_size=33)


@given(st.sampled_from(JUDGES), st.text() | ALPHANUMERIC | st.from_regex(r"\A[0-9]{17}[0-9X]\Z"))
def test_no_text_makes_a_judge_raise_and_no_verdict_repeats_it(judge, text):
    verdict = judge(text)

    assert verdict.sound == (verdict.code == "") == (verdict.reason_zh == "")
    assert len(text) < 6 or text not in repr(verdict)
