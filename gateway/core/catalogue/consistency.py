"""How the consistency rules judge an item: what one field says, another may not deny (`wenzhou.py` lists them)."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from gateway.core.catalogue.linting import (
    KEPT,
    NOT_JUDGED,
    Document,
    Judgement,
    Outcome,
    both,
    equals,
    every,
    implies,
    negated,
)
from gateway.core.conversion.pointer import find

_LICENSING: Final = "01"
_UNSPECIFIC: Final = "00"  # an administrative power of a type that is not told
_COURIER: Final = "4"
_STEPS: Final = 5  # 受理、审核、审批、办结、送达
_NONE: Final = "无"
_FOURTH_DEPTH: Final = frozenset({"result-feedback", "certificate-feedback"})
_NUMBER = re.compile(r"(?:\(0[0-9]{2,3}\) ?|0[0-9]{2,3}[- ])?[0-9][0-9-]{3,20}")
_NO_AREA_CODE = re.compile(r"[19][0-9]{4,5}|[48]00[0-9]{7}|1[3-9][0-9]{9}")  # hotlines, toll-free, mobile
_WITH_AREA_CODE = re.compile(r"0[0-9]{9,}")


def instant(document: Document) -> bool | None:
    """Tell whether the item promises a decision at once (即办); None where it promises nothing countable."""
    limit = document.get("promisedLimit") or {}
    if limit.get("unit") == "immediate":
        return True
    days = limit.get("days")
    return None if days is None else days == 0


def wholly_online(document: Document) -> bool | None:
    """Tell whether the item is handled wholly online (Ⅳ): its result comes back online."""
    depth = document.get("onlineDepth")
    return None if depth is None else bool(_FOURTH_DEPTH.intersection(depth))


def _of_type(document: Document, wanted: str) -> bool | None:
    kind = document.get("type")
    return None if kind in {None, _UNSPECIFIC} else kind == wanted


def class_of_case(document: Document, *, at_once: bool, wanted: str) -> Judgement:
    """Judge the class of case against the promised limit."""
    premise = instant(document) if at_once else negated(instant(document))
    return implies(premise, equals(document.get("projectType"), wanted), "/projectType")


def examination(document: Document, *, at_once: bool, wanted: str) -> Judgement:
    """Judge the way of examining against the promised limit."""
    premise = instant(document) if at_once else negated(instant(document))
    return implies(premise, equals(document.get("reviewType"), wanted), "/reviewType")


def result_named(document: Document, *, ending: str, wanted: str) -> Judgement:
    """Judge the type of every result whose name ends in a certain way."""
    results = document.get("results")
    if results is None:
        return NOT_JUDGED
    return every(
        [
            (equals(result.get("type"), wanted), f"/results/{index}/type")
            for index, result in enumerate(results)
            if result.get("name", "").strip().endswith(ending)
        ]
    )


def visit_explained(document: Document) -> Judgement:
    """Judge whether a visit has its reason."""
    told = (document.get("onSiteReason") or "").strip() not in {"", _NONE}
    return implies(negated(equals(document.get("onSiteVisits"), 0)), told, "/onSiteReason")


def no_visit_unexplained(document: Document) -> Judgement:
    """Judge whether no visit has none."""
    reason = document.get("onSiteReason")
    holds = None if reason is None else reason.strip() == _NONE
    return implies(equals(document.get("onSiteVisits"), 0), holds, "/onSiteReason")


def posted(document: Document) -> Judgement:
    """Judge whether an item without a visit and without a website can be applied for by courier."""
    premise = both(equals(document.get("onSiteVisits"), 0), negated(document.get("online")))
    forms = document.get("handlingForms")
    return implies(premise, None if forms is None else _COURIER in forms, "/handlingForms")


def online_without_visit(document: Document) -> Judgement:
    """Judge whether an item that is handled wholly online needs no visit."""
    return implies(wholly_online(document), equals(document.get("onSiteVisits"), 0), "/onSiteVisits")


def fee_founded(document: Document) -> Judgement:
    """Judge whether a fee has its basis."""
    fees = document.get("fees") or ()
    founded = bool(document.get("feeBasis")) or (bool(fees) and all(fee.get("basis") for fee in fees))
    return implies(document.get("charged"), founded, "/feeBasis")


def fee_payable(document: Document) -> Judgement:
    """Judge whether an item with a fee says if it can be paid online."""
    return implies(document.get("charged"), document.get("onlinePayment") is not None, "/onlinePayment")


def fee_listed(document: Document) -> Judgement:
    """Judge whether an item with a fee lists it."""
    return implies(document.get("charged"), bool(document.get("fees")), "/fees")


def nothing_to_pay(document: Document) -> Judgement:
    """Judge whether an item without a fee offers no payment."""
    payment = negated(document.get("onlinePayment"))
    return implies(negated(document.get("charged")), payment, "/onlinePayment")


def _numbers(document: Document, contact: str) -> frozenset[str]:
    """Return the telephone numbers of a contact point, digits only."""
    point = document.get(contact) or {}
    text = unicodedata.normalize("NFKC", f"{point.get('phone', '')} {point.get('text', '')}")
    return frozenset(re.sub(r"[^0-9]", "", number) for number in _NUMBER.findall(text))


def two_telephones(document: Document) -> Judgement:
    """Judge whether complaints go to another telephone than questions."""
    consultation, supervision = _numbers(document, "consultation"), _numbers(document, "supervision")
    if not consultation or not supervision:
        return NOT_JUDGED
    return implies(True, consultation != supervision, "/consultation", "/supervision")  # noqa: FBT003 - always asked


def area_codes(document: Document) -> Judgement:
    """Judge whether the telephones can be dialled from elsewhere."""
    points = [(_numbers(document, contact), f"/{contact}") for contact in ("consultation", "supervision")]
    judged = every([(any(map(_reachable, numbers)), pointer) for numbers, pointer in points if numbers])
    return NOT_JUDGED if judged.outcome is Outcome.NOT_CONCERNED else judged


def _reachable(number: str) -> bool:
    """Tell whether a number can be dialled from another city."""
    return bool(_WITH_AREA_CODE.fullmatch(number) or _NO_AREA_CODE.fullmatch(number))


def topics(document: Document) -> Judgement:
    """Judge whether the topics are those of whom the item serves."""
    objects, topics = document.get("serviceObjects"), document.get("topics")
    if not objects or not topics:
        return NOT_JUDGED
    served = ("1" in objects, any(each != "1" for each in objects))
    classed = (_any(topics, ("person", "personLocal")), _any(topics, ("organisation", "organisationLocal")))
    pairs = zip(served, classed, ("/topics/person", "/topics/organisation"), strict=True)
    breaches = [(False, pointer) for is_served, is_classed, pointer in pairs if is_served != is_classed]
    return every(breaches) if breaches else KEPT


def _any(topics: Document, names: Iterable[str]) -> bool:
    return any(topics.get(name) for name in names)


def questions(document: Document) -> Judgement:
    """Judge whether a licence answers frequent questions."""
    return implies(_of_type(document, _LICENSING), bool(document.get("questions")), "/questions")


def steps(document: Document) -> Judgement:
    """Judge whether a licence has its five steps."""
    steps = find(document, ("flow", "steps"))
    return implies(_of_type(document, _LICENSING), None if steps is None else len(steps) >= _STEPS, "/flow/steps")


def samples(document: Document) -> Judgement:
    """Judge whether every named result shows a sample."""
    results = document.get("results")
    if results is None:
        return NOT_JUDGED
    return every(
        [
            (bool(result.get("sample")), f"/results/{index}/sample")
            for index, result in enumerate(results)
            if result.get("name")
        ]
    )
