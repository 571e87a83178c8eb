"""Fields without a row come home to the place they left, whatever else is there or missing."""

import pytest

from gateway.core.conversion.adapter import Adapter
from gateway.core.model import DocumentKind
from tests.core.conversion.samples import adapter

KIND = DocumentKind.APPLICATION
SOLE = '{ canonical = "/special/days", regional = "/special/0/DAYS", codec = "integer" }'
OVERFLOW = '{ canonical = "/a", regional = "/A" }, { regional = "/EXT", codec = "overflow", limit = 60 }'


def returned(loaded: Adapter, regional: object) -> object:
    """Carry a document to its canonical form and back."""
    return loaded.to_regional(KIND, loaded.canonical_of(KIND, regional).document).document


@pytest.mark.parametrize(
    "regional",
    [
        {"special": [{"UNKNOWN": "x"}]},
        {"special": [{"UNKNOWN": "x", "OTHER": {"0": "y"}}]},
        {"special": [{"UNKNOWN": "x", "DAYS": 3}]},
    ],
)
def test_an_array_of_one_that_no_row_fills_is_an_array_again(regional):
    assert returned(adapter(SOLE), regional) == regional


def test_an_array_of_one_inside_the_elements_of_another_is_an_array_again():
    loaded = adapter(
        '{ canonical = "/l", regional = "/L", codec = "array", rows = [{ canonical = "/x", regional = "/S/0/X" }] }'
    )
    regional = {"L": [{"S": [{"X": "1"}]}, {"S": [{"Y": "2"}]}]}

    assert returned(loaded, regional) == regional


def test_an_array_of_one_inside_embedded_json_is_an_array_again():
    loaded = adapter(
        """{ canonical = "/f", regional = "/INFO", codec = "json",
          rows = [{ canonical = "/x", regional = "/X" }, { canonical = "/y", regional = "/S/0/Y" }] }""".replace(
            "\n", ""
        )
    )
    regional = {"INFO": '{"X":"1","S":[{"Z":"2"}]}'}

    assert returned(loaded, regional) == regional


def test_what_belongs_to_an_element_that_is_gone_is_a_loss_and_invents_nothing():
    loaded = adapter(
        '{ canonical = "/l", regional = "/L", codec = "array", rows = [{ canonical = "/x", regional = "/X" }] }'
    )
    canonical = {"extensions": {"demo": {"/L/0/Y": "1"}}}

    conversion = loaded.to_regional(KIND, canonical)

    assert conversion.document == {}
    assert conversion.losses == ("/extensions/demo/~1L~10~1Y",)


def test_an_array_of_one_has_no_second_element():
    conversion = adapter(SOLE).to_regional(KIND, {"extensions": {"demo": {"/special/1/X": "1", "/special/name": "2"}}})

    assert conversion.document == {}
    assert len(conversion.losses) == 2


def test_a_place_that_cannot_be_reached_leaves_nothing_behind():
    loaded = adapter(
        '{ canonical = "/l", regional = "/D/L", codec = "array", rows = [{ canonical = "/x", regional = "/X" }] }'
    )

    assert loaded.to_regional(KIND, {"extensions": {"demo": {"/D/L/0/Y": "1"}}}).document == {}


@pytest.mark.parametrize("blank", [None, "", "  \u3000"])
def test_a_blank_overflow_field_leaves_its_place_to_what_must_be_packed_there(blank):
    loaded = adapter(OVERFLOW)
    canonical = loaded.canonical_of(KIND, {"A": "x", "EXT": blank}).document

    conversion = loaded.to_regional(KIND, canonical | {"kept": "y"})

    assert canonical == {"a": "x"}
    assert conversion.losses == ()
    assert loaded.canonical_of(KIND, conversion.document).document == {"a": "x", "kept": "y"}


def test_a_canonical_array_of_one_comes_out_of_the_overflow_as_an_array():
    loaded = adapter('{ canonical = "/s/0/x", regional = "/X" }, { regional = "/EXT", codec = "overflow", limit = 60 }')
    canonical = {"s": [{"y": "1"}]}

    assert loaded.canonical_of(KIND, loaded.to_regional(KIND, canonical).document).document == canonical
