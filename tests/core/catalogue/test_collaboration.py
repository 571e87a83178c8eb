"""Collaboration numbers survive being read aloud and typed, and a wrong character shows."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.catalogue.collaboration import (
    NUMBER_AT,
    RANDOM_BITS,
    collaboration_number,
    is_collaboration_number,
    numbered,
    read_collaboration_number,
)
from gateway.core.conversion.pointer import find, tokens
from gateway.core.model import DocumentKind
from gateway.resources import shipped_forms

REGIONS = st.from_regex(r"\A[0-9]{6}\Z")
RANDOM = st.integers(0, 2**RANDOM_BITS - 1)
NUMBERS = st.builds(collaboration_number, REGIONS, RANDOM)


@pytest.mark.parametrize(
    ("region", "random", "number"),
    [
        ("420300", 0, "420300-00000-00000L"),
        ("420300000000", 2**50 - 1, "420300-ZZZZZ-ZZZZZT"),
        ("610900", 0x123456789ABC, "610900-0J6HB-7H6NWF"),
    ],
)
def test_known_numbers(region, random, number):
    assert collaboration_number(region, random) == number


@given(NUMBERS)
def test_every_number_made_is_one_and_reads_as_itself(number):
    assert is_collaboration_number(number)
    assert read_collaboration_number(number) == number


@given(REGIONS, RANDOM, RANDOM)
def test_different_random_bits_make_different_numbers(region, one, other):
    assert (collaboration_number(region, one) == collaboration_number(region, other)) == (one == other)


@given(NUMBERS, st.randoms(use_true_random=False))
def test_a_number_typed_by_a_person_is_read(number, random):
    swaps = {"0": "0Oo", "1": "1IiLl", "-": ["-", "", " ", "－"]}
    body = "".join(random.choice(swaps.get(letter, letter + letter.lower())) for letter in number[:-1])
    typed = body + random.choice([number[-1], number[-1].lower()])

    assert read_collaboration_number(f" {typed} ") == number


@given(NUMBERS, st.integers(0, 18), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_character_always_shows(number, place, other):
    typed = number[:place] + other + number[place + 1 :]

    assert is_collaboration_number(typed) == (typed == number)


@given(
    NUMBERS, st.sampled_from([7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18]), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
)
def test_a_wrong_character_is_not_repaired_when_read(number, place, other):
    typed = number[:place] + other + number[place + 1 :]

    assert read_collaboration_number(typed) in (None, number)


@given(st.text())
def test_no_text_makes_the_reader_raise(text):
    read = read_collaboration_number(text)

    assert read is None or is_collaboration_number(read)


@pytest.mark.parametrize(
    "text", ["", "420300-00000-00000", "420300-00000-00000X\n", "４20300-00000-00000X", "420300-U0000-00000X"]
)
def test_other_texts_are_not_numbers(text):
    assert not is_collaboration_number(text)


@pytest.mark.parametrize(("region", "random"), [("4203", 0), ("42030O", 0), ("420300", -1), ("420300", 2**RANDOM_BITS)])
def test_a_number_is_made_only_of_a_division_and_fifty_bits(region, random):
    with pytest.raises(ValueError, match=r"region|random"):
        collaboration_number(region, random)


SAID = {"collaborationNumber": "another", "caseNumbers": {"collaboration": "another", "collecting": "17"}}


@pytest.mark.parametrize("kind", list(NUMBER_AT))
@pytest.mark.parametrize("said", [{}, SAID])
def test_a_numbered_document_says_the_number_where_its_form_has_it_and_the_original_stays(kind, said):
    before = copy.deepcopy(said)

    document = numbered(kind, said, "420300-00000-00000L")

    assert find(document, tokens(NUMBER_AT[kind])) == "420300-00000-00000L"
    assert (NUMBER_AT[kind], "property_unknown") not in {
        (fault.pointer, fault.code) for fault in shipped_forms()[kind].faults(document)
    }
    assert said == before


def test_the_other_numbers_of_a_case_stay():
    document = numbered(DocumentKind.APPLICATION, SAID, "420300-00000-00000L")

    assert document["caseNumbers"] == {"collaboration": "420300-00000-00000L", "collecting": "17"}
