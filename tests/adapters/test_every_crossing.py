"""A case, and an item, passes between any two layouts that have it, and means the same on the other side."""

import copy
from functools import cache
from itertools import permutations

import pytest

from gateway.core.casework.lifecycle import EventType
from gateway.core.conversion import pointer as pointers
from gateway.core.conversion.conformance import differences, examples_in
from gateway.core.errors import InvalidDocumentError
from gateway.core.model import DocumentKind
from gateway.resources import data_folder, read_adapter_folder, shipped_adapters, shipped_forms

ADAPTERS = shipped_adapters()
FORMS = shipped_forms()
CASE = (DocumentKind.APPLICATION, DocumentKind.EVENT)
# What a layout says less exactly than others, or not at all; a crossing names each as a loss.
SAID_OTHERWISE = {
    "guangdong": {"/decision/result", "/applicant/type"},
    "national": {"/applicant/type"},
    "shandong": {"/applicant/type", "/applicant/idType"},
    "zhejiang": {"/acceptance/queryPassword"},  # a secret, which goes no further
}
# Layouts that have columns for one legal basis only refuse an item with several, rather than dropping one.
ONE_LEGAL_BASIS = ("national", "zhejiang")
ITEMS = ("national", "shandong", "guangdong", "zhejiang", "fujian", "epoint")


def _event_types(adapter):
    """Return the canonical events that a layout has a message for."""
    channel = adapter.channels.get(DocumentKind.EVENT)
    conditions = [one for variant in channel.document.variants for one in variant.canonical] if channel else []
    return {value for one in conditions if one.at == ("type",) for value in one.values}


WHOLE = [
    name
    for name, adapter in ADAPTERS.items()
    if DocumentKind.APPLICATION in adapter.kinds and _event_types(adapter) == set(EventType)
]
every_pair_of_items = pytest.mark.parametrize(("source", "target"), list(permutations(ITEMS, 2)))
every_pair = pytest.mark.parametrize(("source", "target"), list(permutations(WHOLE, 2)))


@cache
def _canonical(source, *kinds):
    """Return every document of these kinds among a layout's examples: its kind, name and canonical form."""
    return [
        (one.kind, one.name, ADAPTERS[source].to_canonical(one.kind, one.regional, one.media_type).document)
        for one in examples_in(read_adapter_folder(data_folder("adapters") / source))
        if one.kind in kinds
    ]


def _crossed(target, kind, here):
    """Return what the crossing lost, and what the other side understands."""
    there = ADAPTERS[target].to_regional(kind, here)
    return there, ADAPTERS[target].to_canonical(kind, there.body, there.media_type).document


def _without(document, losses):
    """Return a document without extensions and without what is named as a loss."""
    kept = copy.deepcopy({name: value for name, value in document.items() if name != "extensions"})
    for *path, last in (loss.split("/")[1:] for loss in losses):
        pointers.find(kept, tuple(path)).pop(last, None)
    return kept


def test_every_layout_that_is_described_with_a_case_can_carry_a_whole_one():
    named = {"national", "shandong", "guangdong", "zhejiang", "fujian", "shanghai", "epoint"}

    assert named <= set(WHOLE)


@every_pair
def test_a_case_crosses_with_every_field_and_every_loss_is_named(source, target):
    allowed = SAID_OTHERWISE.get(target, set())

    for kind, name, here in _canonical(source, *CASE):
        there, back = _crossed(target, kind, here)
        losses = {loss for loss in there.losses if not loss.startswith("/extensions")}
        assert losses <= allowed, name
        assert FORMS[kind].faults(back) == (), name
        assert list(differences(_without(here, losses), _without(back, losses))) == [], name


@pytest.mark.parametrize("target", WHOLE)
def test_nothing_is_allowed_to_be_lost_that_no_crossing_loses(target):
    crossings = [
        _crossed(target, kind, here) for name in WHOLE for kind, _, here in _canonical(name, *CASE) if name != target
    ]
    lost = {loss for there, _ in crossings for loss in there.losses if not loss.startswith("/extensions")}

    assert lost == SAID_OTHERWISE.get(target, set())


@every_pair
def test_a_case_that_crossed_comes_home_as_the_same_message(source, target):
    for kind, name, here in _canonical(source, *CASE):
        _, back = _crossed(target, kind, here)
        home = ADAPTERS[source].to_regional(kind, back)
        again = ADAPTERS[source].to_canonical(kind, home.body, home.media_type)
        assert again.document.get("type") == here.get("type"), name
        assert again.document.get("caseNumber") == here.get("caseNumber"), name


@every_pair_of_items
def test_an_item_crosses_with_every_field_or_is_refused_for_its_legal_bases(source, target):
    for kind, name, here in _canonical(source, DocumentKind.SERVICE_ITEM):
        if target in ONE_LEGAL_BASIS and len(here.get("legalBasis", ())) > 1:
            with pytest.raises(InvalidDocumentError) as caught:
                _crossed(target, kind, here)
            assert [(one.pointer, one.code) for one in caught.value.faults] == [("/legalBasis", "array_not_single")]
            continue
        there, back = _crossed(target, kind, here)
        losses = {loss for loss in there.losses if not loss.startswith("/extensions")}
        # Shandong has no 信息免交: it goes out as not required, and is named.
        assert {loss for loss in losses if not loss.endswith("/necessity")} == set(), name
        assert losses == set() or target == "shandong", name
        assert FORMS[kind].faults(back) == (), name
        assert list(differences(_without(here, losses), _without(back, losses))) == [], name
