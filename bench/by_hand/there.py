"""From the layout to the canonical form: one long function, because calls cost time."""

from datetime import date, datetime
from typing import Any

from bench.by_hand.codes import APPLICANT, APPLY, CHANNEL, CHECK, DELIVERY, ID, MATERIAL, MODE, NECESSITY, PROJECT, YES


def _moment(text: str) -> str:
    iso = f"{text[:4]}-{text[4:6]}-{text[6:8]}T{text[8:10]}:{text[10:12]}:{text[12:14]}"
    datetime.fromisoformat(iso)
    return iso + "+08:00"


def _spaced_moment(text: str) -> str:
    datetime.fromisoformat(text)
    return f"{text[:10]}T{text[11:]}+08:00"


def _day(text: str) -> str:
    iso = f"{text[:4]}-{text[4:6]}-{text[6:8]}"
    date.fromisoformat(iso)
    return iso


def _to_canonical_material(source: dict[str, Any]) -> dict[str, Any]:
    """Convert one material."""
    result: dict[str, Any] = {}
    if (value := source.get("CLMC")) is not None:
        result["name"] = value.strip()
    if (value := source.get("CLBH")) is not None:
        result["code"] = value.strip()
    if (value := source.get("CLLX")) is not None:
        result["type"] = MATERIAL[value]
    if (value := source.get("CLBYX")) is not None:
        result["necessity"] = NECESSITY[value]
    if (value := source.get("SFSQ")) is not None:
        result["received"] = YES[value]
    if (value := source.get("FS")) is not None:
        result["copies"] = value
    if (value := source.get("SQSJ")) is not None:
        result["receivedAt"] = _moment(value)
    if (value := source.get("WJM")) is not None:
        result["fileName"] = value.strip()
    return result


def to_canonical(source: dict[str, Any]) -> dict[str, Any]:  # noqa: C901, PLR0912, PLR0915 - straight on purpose
    """Convert a regional application."""
    result: dict[str, Any] = {}
    to_item: dict[str, Any] = {}
    if (value := source.get("SXBM")) is not None:
        to_item["implementationCode"] = value.strip()
    if (value := source.get("JBBM")) is not None:
        to_item["baseCode"] = value.strip()
    if (value := source.get("YWBLXBM")) is not None:
        to_item["handlingItemCode"] = value.strip()
    if (value := source.get("DFBM")) is not None:
        to_item["localBaseCode"] = value.strip()
    if (value := source.get("SXMC")) is not None:
        to_item["name"] = value.strip()
    if (value := source.get("SXBB")) is not None:
        to_item["version"] = value
    if (value := source.get("SJDQH")) is not None:
        result["collectingRegion"] = value.ljust(12, "0")
    if (value := source.get("BLDQH")) is not None:
        result["handlingRegion"] = value.ljust(12, "0")
    if (value := source.get("TBMS")) is not None:
        result["mode"] = MODE[value]
    to_applicant: dict[str, Any] = {}
    if (value := source.get("SQRLX")) is not None:
        to_applicant["type"] = APPLICANT[value]
    if (value := source.get("SQRMC")) is not None:
        to_applicant["name"] = value.strip()
    if (value := source.get("SQRZJLX")) is not None:
        to_applicant["idType"] = ID[value]
    if (value := source.get("SQRZJHM")) is not None:
        to_applicant["idNumber"] = value.strip()
    if (value := source.get("SQRDH")) is not None:
        to_applicant["phone"] = value.strip()
    if (value := source.get("SQRYX")) is not None:
        to_applicant["email"] = value.strip()
    if (value := source.get("SQRDZ")) is not None:
        to_applicant["address"] = value.strip()
    if (value := source.get("SQRYB")) is not None:
        to_applicant["postcode"] = value.strip()
    to_applicant_legal_representative: dict[str, Any] = {}
    if (value := source.get("FDDBRXM")) is not None:
        to_applicant_legal_representative["name"] = value.strip()
    if (value := source.get("FDDBRZJLX")) is not None:
        to_applicant_legal_representative["idType"] = ID[value]
    if (value := source.get("FDDBRZJHM")) is not None:
        to_applicant_legal_representative["idNumber"] = value.strip()
    to_applicant_identity_check: dict[str, Any] = {}
    if (value := source.get("HYFS")) is not None:
        to_applicant_identity_check["method"] = CHECK[value]
    if (value := source.get("HYSJ")) is not None:
        to_applicant_identity_check["checkedAt"] = _moment(value)
    if (value := source.get("HYRY")) is not None:
        to_applicant_identity_check["officer"] = value.strip()
    to_contact: dict[str, Any] = {}
    if (value := source.get("LXRXM")) is not None:
        to_contact["name"] = value.strip()
    if (value := source.get("LXRZJLX")) is not None:
        to_contact["idType"] = ID[value]
    if (value := source.get("LXRZJHM")) is not None:
        to_contact["idNumber"] = value.strip()
    if (value := source.get("LXRSJ")) is not None:
        to_contact["phone"] = value.strip()
    from_d_l_r = source.get("DLR") or {}
    to_agent: dict[str, Any] = {}
    if (value := from_d_l_r.get("XM")) is not None:
        to_agent["name"] = value.strip()
    if (value := from_d_l_r.get("ZJLX")) is not None:
        to_agent["idType"] = ID[value]
    if (value := from_d_l_r.get("ZJHM")) is not None:
        to_agent["idNumber"] = value.strip()
    if (value := from_d_l_r.get("DH")) is not None:
        to_agent["phone"] = value.strip()
    to_agent_mandate: dict[str, Any] = {}
    if (value := from_d_l_r.get("WTSBH")) is not None:
        to_agent_mandate["number"] = value.strip()
    if (value := from_d_l_r.get("WTKSRQ")) is not None:
        to_agent_mandate["validFrom"] = _day(value)
    if (value := from_d_l_r.get("WTJSRQ")) is not None:
        to_agent_mandate["validUntil"] = _day(value)
    if (value := source.get("SQLX")) is not None:
        result["applyType"] = APPLY[value]
    if (value := source.get("BJLX")) is not None:
        result["projectType"] = PROJECT[value]
    if (value := source.get("TJFS")) is not None:
        result["channel"] = CHANNEL[value]
    if (value := source.get("BLZY")) is not None:
        result["summary"] = value.strip()
    if (value := source.get("SQNR")) is not None:
        result["content"] = value.strip()
    to_investment_project: dict[str, Any] = {}
    if (value := source.get("TZXMDM")) is not None:
        to_investment_project["code"] = value.strip()
    if (value := source.get("TZXMMC")) is not None:
        to_investment_project["name"] = value.strip()
    if (value := source.get("SBSJ")) is not None:
        result["appliedAt"] = _moment(value)
    if (value := source.get("SJSJ")) is not None:
        result["collectedAt"] = _moment(value)
    if (value := source.get("CNBJSJ")) is not None:
        result["promisedBy"] = _spaced_moment(value)
    to_case_numbers: dict[str, Any] = {}
    if (value := source.get("SBLSH")) is not None:
        to_case_numbers["collecting"] = value.strip()
    if (value := source.get("SBLSH_SHORT")) is not None:
        to_case_numbers["short"] = value.strip()
    if (value := source.get("SBHZH")) is not None:
        to_case_numbers["receipt"] = value.strip()
    if (value := source.get("CXMM")) is not None:
        to_case_numbers["queryPassword"] = value.strip()
    if (value := source.get("SBCLQD")) is not None:
        result["materials"] = [_to_canonical_material(one) for one in value]
    to_collection: dict[str, Any] = {}
    to_collection_authority: dict[str, Any] = {}
    if (value := source.get("SJBMMC")) is not None:
        to_collection_authority["name"] = value.strip()
    if (value := source.get("SJBMDM")) is not None:
        to_collection_authority["code"] = value.strip()
    if (value := source.get("CKBH")) is not None:
        to_collection["window"] = value.strip()
    if (value := source.get("SJRY")) is not None:
        to_collection["officer"] = value.strip()
    if (value := source.get("XSSC")) is not None:
        to_collection["formalCheck"] = YES[value]
    to_authority: dict[str, Any] = {}
    if (value := source.get("BLBMMC")) is not None:
        to_authority["name"] = value.strip()
    if (value := source.get("BLBMDM")) is not None:
        to_authority["code"] = value.strip()
    to_delivery: dict[str, Any] = {}
    if (value := source.get("LQFS")) is not None:
        to_delivery["method"] = DELIVERY[value]
    if (value := source.get("SJR")) is not None:
        to_delivery["recipient"] = value.strip()
    if (value := source.get("SJRDH")) is not None:
        to_delivery["phone"] = value.strip()
    if (value := source.get("SJRDZ")) is not None:
        to_delivery["address"] = value.strip()
    to_tolerance: dict[str, Any] = {}
    if (value := source.get("RQSL")) is not None:
        to_tolerance["applied"] = YES[value]
    if (value := source.get("BZ")) is not None:
        result["remark"] = value.strip()
    if to_tolerance:
        result["tolerance"] = to_tolerance
    if to_delivery:
        result["delivery"] = to_delivery
    if to_authority:
        result["authority"] = to_authority
    if to_collection_authority:
        to_collection["authority"] = to_collection_authority
    if to_collection:
        result["collection"] = to_collection
    if to_case_numbers:
        result["caseNumbers"] = to_case_numbers
    if to_investment_project:
        result["investmentProject"] = to_investment_project
    if to_agent_mandate:
        to_agent["mandate"] = to_agent_mandate
    if to_agent:
        result["agent"] = to_agent
    if to_contact:
        result["contact"] = to_contact
    if to_applicant_identity_check:
        to_applicant["identityCheck"] = to_applicant_identity_check
    if to_applicant_legal_representative:
        to_applicant["legalRepresentative"] = to_applicant_legal_representative
    if to_applicant:
        result["applicant"] = to_applicant
    if to_item:
        result["item"] = to_item
    return result
