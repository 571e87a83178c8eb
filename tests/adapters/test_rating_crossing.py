"""A rating means the same in every layout that has ratings, and what one cannot say is refused or told."""

from itertools import permutations

import pytest

from gateway.core.conversion.conformance import differences, examples_in
from gateway.core.errors import InvalidDocumentError
from gateway.core.model import DocumentKind
from gateway.resources import data_folder, read_adapter_folder, shipped_adapters, shipped_forms

KIND = DocumentKind.RATING
ADAPTERS = {name: adapter for name, adapter in shipped_adapters().items() if KIND in adapter.kinds}
FORM = shipped_forms()[KIND]
# Guangdong's request is about one officer; Anhui's channels but one are not known.
REFUSED = {
    ("anhui", "guangdong", "five-stars-at-a-tablet"): {("/officers", "array_not_single")},
    ("national", "guangdong", "very-satisfied"): {("/officers", "array_not_single")},
    ("national", "anhui", "very-satisfied"): {("/channel", "code_unmapped")},
    ("guangdong", "anhui", "company-on-its-telephone"): {("/channel", "code_unmapped")},
}
CROSSINGS = [
    pytest.param(source, target, one, id=f"{source}-{target}-{one.name}")
    for source, target in permutations(ADAPTERS, 2)
    for one in examples_in(read_adapter_folder(data_folder("adapters") / source))
    if one.kind is KIND
]


@pytest.mark.parametrize(("source", "target", "example"), CROSSINGS)
def test_a_rating_crosses_with_every_field_both_sides_have(source, target, example):
    here = ADAPTERS[source].to_canonical(KIND, example.regional, example.media_type).document
    if refused := REFUSED.get((source, target, example.name)):
        with pytest.raises(InvalidDocumentError) as caught:
            ADAPTERS[target].to_regional(KIND, here)
        assert {(fault.pointer, fault.code) for fault in caught.value.faults} == refused
        return

    there = ADAPTERS[target].to_regional(KIND, here)
    back = ADAPTERS[target].to_canonical(KIND, there.body, there.media_type).document

    assert FORM.faults(back) == ()
    assert back["satisfaction"] == here["satisfaction"]
    assert {at for at in differences(here, back) if not at.startswith((*there.losses, "/extensions"))} == set()


def test_there_are_ratings_to_cross():
    assert {"anhui", "guangdong", "national"} <= set(ADAPTERS)
    assert len(CROSSINGS) - len(REFUSED) >= 6
