"""How the rules of service guides judge an item: what a guide must tell is there (`guangdong.py` lists them)."""

from collections.abc import Callable
from typing import Final

from gateway.core.catalogue.linting import (
    KEPT,
    NOT_CONCERNED,
    NOT_JUDGED,
    Document,
    Judgement,
    Outcome,
)
from gateway.core.conversion.pointer import tokens

_GUIDED: Final = frozenset({"01", "05", "07", "08", "09", "10", "11", "20", "21"})  # handled because somebody applies
_UNSPECIFIC: Final = "00"
_EVERY: Final = "*"

Judge = Callable[[Document], Judgement]


def has_guide(document: Document) -> bool | None:
    """Tell whether people apply for the item: penalties, coercion, levies and inspections have no guide."""
    kind = document.get("type")
    return None if kind in {None, _UNSPECIFIC} else kind in _GUIDED


def filled(document: object, parts: tuple[str, ...]) -> bool:
    """Tell whether something stands at a place; `*` is any element of an array."""
    if not parts:
        return document not in (None, "", {}, [])
    if parts[0] == _EVERY:
        return isinstance(document, list) and any(filled(each, parts[1:]) for each in document)
    return isinstance(document, dict) and filled(document.get(parts[0]), parts[1:])


def of_guides(judge: Judge) -> Judge:
    """Return a judge that speaks only of items with a guide."""

    def judged(document: Document) -> Judgement:
        guide = has_guide(document)
        if guide:
            return judge(document)
        return NOT_JUDGED if guide is None else NOT_CONCERNED

    return judged


def asked(*pointers: str) -> Judge:
    """Return the judge of a field that every guide has, in the first place or in another that serves."""
    places = tuple(map(tokens, pointers))
    where = pointers[0].partition("/*")[0]
    return of_guides(lambda document: _told(any(filled(document, place) for place in places), where))


def listed(name: str) -> Judge:
    """Return the judge of a list that every guide has; an empty one says that there are none."""
    return of_guides(lambda document: _told(document.get(name) is not None, f"/{name}"))


@of_guides
def fee_standard(document: Document) -> Judgement:
    """Judge whether the guide says what it costs; that nothing is charged is an answer."""
    told = any(filled(document, ("fees", _EVERY, name)) for name in ("standard", "amountFen"))
    return _told(told or document.get("charged") is False, "/fees")


@of_guides
def blank_forms(document: Document) -> Judgement:
    """Judge whether a guide with materials offers a form; which of them needs one is not told anywhere."""
    materials = document.get("materials")
    if not materials:
        return NOT_JUDGED if materials is None else NOT_CONCERNED
    return _told(filled(document, ("materials", _EVERY, "blankForm")), "/materials")


@of_guides
def result_sample(document: Document) -> Judgement:
    """Judge whether a guide with a result shows what it looks like."""
    results = document.get("results")
    if results is None:
        return NOT_JUDGED
    if all(each.get("type") == "none" for each in results):
        return NOT_CONCERNED
    return _told(filled(document, ("results", _EVERY, "sample")), "/results")


@of_guides
def online_payment(document: Document) -> Judgement:
    """Judge whether a guide says if its fee can be paid online; where nothing is charged, nobody asks."""
    if document.get("charged") is False:
        return NOT_CONCERNED
    return _told(document.get("onlinePayment") is not None, "/onlinePayment")


def _told(found: bool, where: str) -> Judgement:  # noqa: FBT001 - what was found is the point
    return KEPT if found else Judgement(outcome=Outcome.BROKEN, pointers=(where,))
