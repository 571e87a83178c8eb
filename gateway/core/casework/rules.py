"""What an application must satisfy beyond its form; every fault at once (一次性告知)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from gateway.core.catalogue.identifiers import Verdict, credit_code, resident_id
from gateway.core.errors import Fault

_AHEAD: Final = timedelta(days=1)  # clocks and time zones of regional systems differ; tomorrow is no application
_PLAIN: Final = 18  # characters; a longer number is ciphertext, which only its owner can judge
_JUDGES: Final[Mapping[str, Callable[[str], Verdict]]] = {
    "resident-id": resident_id,
    "temporary-resident-id": resident_id,
    "unified-social-credit-code": credit_code,
}


def application_faults(document: Mapping[str, Any], now: datetime) -> tuple[Fault, ...]:
    """Return why a canonical application, right by its form, cannot be taken at this instant."""
    return (*_identity_faults(document), *_time_faults(document, now), *_material_faults(document))


def _identity_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    people = [("/applicant", document["applicant"])]
    people += [("/applicant/legalRepresentative", document["applicant"].get("legalRepresentative", {}))]
    people += [(f"/coApplicants/{at}", each) for at, each in enumerate(document.get("coApplicants", ()))]
    people += [(f"/{role}", document[role]) for role in ("agent", "contact") if role in document]
    for pointer, person in people:
        number = person.get("idNumber", "")
        judge = _JUDGES.get(person.get("idType", ""))
        if judge is None or not number or len(number) > _PLAIN:
            continue
        verdict = judge(number)
        # What is dirty in a catalogue is kept; of a person it would be somebody else's number. Only places get lost.
        if verdict.sound or verdict.code == "resident_id_place_unknown":
            continue
        yield Fault(
            pointer=f"{pointer}/idNumber",
            code=verdict.code,
            message=verdict.reason,
            message_zh=verdict.reason_zh,
            expected="a number of its kind, with the right check digit",
        )


def _time_faults(document: Mapping[str, Any], now: datetime) -> Iterator[Fault]:
    if datetime.fromisoformat(document["appliedAt"]) > now + _AHEAD:
        yield Fault(
            pointer="/appliedAt",
            code="applied_in_future",
            message="the application is dated in the future",
            message_zh="申请时间晚于当前时间",
            expected="a time that has come",
        )


def _material_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    for at, material in enumerate(document.get("materials", ())):
        if material.get("necessity") == "required" and _known_missing(material):
            yield Fault(
                pointer=f"/materials/{at}",
                code="material_missing",
                message="a required material was not handed in",
                message_zh="缺少必要材料",
                expected="the material, or tolerance (容缺) agreed for it",
            )


def _known_missing(material: Mapping[str, Any]) -> bool:
    """Tell whether the source says that it is not there; many sources list materials and say no more of them."""
    if material.get("tolerated", False) or "digest" in material or "certificateIdentifier" in material:
        return False
    return material.get("received") is False or material.get("copies") == 0
