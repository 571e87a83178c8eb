"""Whatever a canonical document says, every layout that has the document carries, names as lost, or refuses."""

import copy
from functools import cache

import pytest

from gateway.core.conversion import pointer as pointers
from gateway.core.errors import InvalidDocumentError
from gateway.core.model import DocumentKind
from gateway.resources import shipped_adapters, shipped_forms
from tests.adapters.every_field import codes, filled

KINDS = (DocumentKind.SERVICE_ITEM, DocumentKind.APPLICATION, DocumentKind.EVENT)
LAYOUTS = ("national", "shandong", "guangdong", "zhejiang", "fujian", "shanghai", "epoint")
ADAPTERS = {name: shipped_adapters()[name] for name in LAYOUTS}
FORMS = shipped_forms()
# What a layout says less exactly (Guangdong has one code for a grant and a certificate), or keeps to itself.
SAID_OTHERWISE = {
    "guangdong": {"/decision/result"},
    "zhejiang": {"/caseNumbers/queryPassword", "/acceptance/queryPassword"},
}
every_document = pytest.mark.parametrize(
    ("name", "kind"),
    [
        pytest.param(name, kind, id=f"{name}-{kind}")
        for name in LAYOUTS
        for kind in KINDS
        if kind in ADAPTERS[name].kinds
    ],
)


@cache
def _filled(kind):
    return filled(kind)


def _returned(name, kind, document):
    """Return what comes back through a layout, and what was named as lost on the way."""
    there = ADAPTERS[name].to_regional(kind, document)
    back = ADAPTERS[name].to_canonical(kind, there.body, there.media_type)
    return back.document, set(there.losses)


@pytest.mark.parametrize("kind", KINDS)
def test_the_documents_tried_here_are_sound(kind):
    assert [FORMS[kind].faults(document) for document in _filled(kind)] == [()] * len(_filled(kind))


@every_document
def test_every_canonical_field_comes_back_through_every_layout(name, kind):
    for document in _filled(kind):
        back, losses = _returned(name, kind, document)
        expected = copy.deepcopy(document)
        assert losses <= SAID_OTHERWISE.get(name, set())
        for *path, last in (loss.split("/")[1:] for loss in losses):
            pointers.find(expected, tuple(path)).pop(last)
            pointers.find(back, tuple(path)).pop(last, None)
        assert back == expected


@every_document
def test_every_code_comes_back_through_every_layout_or_is_named_or_refused(name, kind):
    for document in _filled(kind):
        places = {at: listed for at, listed in codes(kind, document) if (kind, at) != (DocumentKind.EVENT, ("type",))}
        for number in range(max(map(len, places.values()), default=0)):
            spoken = {at: listed[number % len(listed)] for at, listed in places.items()}
            refused = _refused(name, kind, _with(document, spoken))
            carried = {at: code for at, code in spoken.items() if pointers.join(at) not in refused}
            back, losses = _returned(name, kind, _with(document, carried))
            changed = {at for at, code in carried.items() if pointers.find(back, at) != code}

            # In Guangdong a decision to return or to void is the message of that event, which has no fees.
            told = tuple(loss.removesuffix("/result") for loss in losses)
            assert refused <= set(map(pointers.join, places))
            assert {at for at in changed if not pointers.join(at).startswith(told)} == set()


def _with(document, spoken):
    """Return a document with other codes at some places."""
    changed = copy.deepcopy(document)
    for at, code in spoken.items():
        above = pointers.find(changed, at[:-1])
        above[int(at[-1]) if isinstance(above, list) else at[-1]] = code
    return changed


def _refused(name, kind, document):
    """Return where a layout cannot say what a document says."""
    try:
        ADAPTERS[name].to_regional(kind, document)
    except InvalidDocumentError as error:
        return {fault.pointer for fault in error.faults}
    return set()
