"""The floor of the conversion benchmark: what a careful programmer would write for this one layout, by hand.

It carries the same fields and refuses unmapped codes, but stops at the first fault, keeps no unknown field, and names
no loss. It is one long function each way because calls cost time.
"""

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

LAYOUT = Path(__file__).parent / "layout"


def _codes(name: str) -> dict[str, str]:
    values = tomllib.loads((LAYOUT / "codes" / f"{name}.toml").read_text())["values"]
    return {value["regional"]: value["canonical"] for value in values}


MODE, APPLICANT, ID, CHECK, APPLY = map(_codes, ("mode", "applicant-type", "id-type", "check", "apply-type"))
PROJECT, CHANNEL, MATERIAL, NECESSITY = map(_codes, ("project-type", "channel", "material-type", "necessity"))
DELIVERY = _codes("delivery")
BACK = {
    id(table): {canonical: regional for regional, canonical in table.items()}
    for table in (MODE, APPLICANT, ID, CHECK, APPLY, PROJECT, CHANNEL, MATERIAL, NECESSITY, DELIVERY)
}
MODE_BACK, APPLICANT_BACK, ID_BACK, CHECK_BACK = (BACK[id(table)] for table in (MODE, APPLICANT, ID, CHECK))
APPLY_BACK, PROJECT_BACK, CHANNEL_BACK = (BACK[id(table)] for table in (APPLY, PROJECT, CHANNEL))
MATERIAL_BACK, NECESSITY_BACK, DELIVERY_BACK = (BACK[id(table)] for table in (MATERIAL, NECESSITY, DELIVERY))
YES = {"1": True, "0": False}


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


def _compact(text: str) -> str:
    datetime.fromisoformat(text)
    return f"{text[:4]}{text[5:7]}{text[8:10]}{text[11:13]}{text[14:16]}{text[17:19]}"


def _compact_day(text: str) -> str:
    date.fromisoformat(text)
    return f"{text[:4]}{text[5:7]}{text[8:10]}"


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


def _to_regional_material(source: dict[str, Any]) -> dict[str, Any]:
    """Convert one material."""
    result: dict[str, Any] = {}
    if (value := source.get("name")) is not None:
        result["CLMC"] = value
    if (value := source.get("code")) is not None:
        result["CLBH"] = value
    if (value := source.get("type")) is not None:
        result["CLLX"] = MATERIAL_BACK[value]
    if (value := source.get("necessity")) is not None:
        result["CLBYX"] = NECESSITY_BACK[value]
    if (value := source.get("received")) is not None:
        result["SFSQ"] = "1" if value else "0"
    if (value := source.get("copies")) is not None:
        result["FS"] = value
    if (value := source.get("receivedAt")) is not None:
        result["SQSJ"] = _compact(value)
    if (value := source.get("fileName")) is not None:
        result["WJM"] = value
    return result


def to_regional(source: dict[str, Any]) -> dict[str, Any]:  # noqa: C901, PLR0912, PLR0915 - straight on purpose
    """Convert a canonical application."""
    result: dict[str, Any] = {}
    from_item = source.get("item") or {}
    if (value := from_item.get("implementationCode")) is not None:
        result["SXBM"] = value
    if (value := from_item.get("baseCode")) is not None:
        result["JBBM"] = value
    if (value := from_item.get("handlingItemCode")) is not None:
        result["YWBLXBM"] = value
    if (value := from_item.get("localBaseCode")) is not None:
        result["DFBM"] = value
    if (value := from_item.get("name")) is not None:
        result["SXMC"] = value
    if (value := from_item.get("version")) is not None:
        result["SXBB"] = value
    if (value := source.get("collectingRegion")) is not None:
        result["SJDQH"] = value[:6]
    if (value := source.get("handlingRegion")) is not None:
        result["BLDQH"] = value[:6]
    if (value := source.get("mode")) is not None:
        result["TBMS"] = MODE_BACK[value]
    from_applicant = source.get("applicant") or {}
    if (value := from_applicant.get("type")) is not None:
        result["SQRLX"] = APPLICANT_BACK[value]
    if (value := from_applicant.get("name")) is not None:
        result["SQRMC"] = value
    if (value := from_applicant.get("idType")) is not None:
        result["SQRZJLX"] = ID_BACK[value]
    if (value := from_applicant.get("idNumber")) is not None:
        result["SQRZJHM"] = value
    if (value := from_applicant.get("phone")) is not None:
        result["SQRDH"] = value
    if (value := from_applicant.get("email")) is not None:
        result["SQRYX"] = value
    if (value := from_applicant.get("address")) is not None:
        result["SQRDZ"] = value
    if (value := from_applicant.get("postcode")) is not None:
        result["SQRYB"] = value
    from_legal_representative = from_applicant.get("legalRepresentative") or {}
    if (value := from_legal_representative.get("name")) is not None:
        result["FDDBRXM"] = value
    if (value := from_legal_representative.get("idType")) is not None:
        result["FDDBRZJLX"] = ID_BACK[value]
    if (value := from_legal_representative.get("idNumber")) is not None:
        result["FDDBRZJHM"] = value
    from_identity_check = from_applicant.get("identityCheck") or {}
    if (value := from_identity_check.get("method")) is not None:
        result["HYFS"] = CHECK_BACK[value]
    if (value := from_identity_check.get("checkedAt")) is not None:
        result["HYSJ"] = _compact(value)
    if (value := from_identity_check.get("officer")) is not None:
        result["HYRY"] = value
    from_contact = source.get("contact") or {}
    if (value := from_contact.get("name")) is not None:
        result["LXRXM"] = value
    if (value := from_contact.get("idType")) is not None:
        result["LXRZJLX"] = ID_BACK[value]
    if (value := from_contact.get("idNumber")) is not None:
        result["LXRZJHM"] = value
    if (value := from_contact.get("phone")) is not None:
        result["LXRSJ"] = value
    from_agent = source.get("agent") or {}
    to_dlr: dict[str, Any] = {}
    if (value := from_agent.get("name")) is not None:
        to_dlr["XM"] = value
    if (value := from_agent.get("idType")) is not None:
        to_dlr["ZJLX"] = ID_BACK[value]
    if (value := from_agent.get("idNumber")) is not None:
        to_dlr["ZJHM"] = value
    if (value := from_agent.get("phone")) is not None:
        to_dlr["DH"] = value
    from_mandate = from_agent.get("mandate") or {}
    if (value := from_mandate.get("number")) is not None:
        to_dlr["WTSBH"] = value
    if (value := from_mandate.get("validFrom")) is not None:
        to_dlr["WTKSRQ"] = _compact_day(value)
    if (value := from_mandate.get("validUntil")) is not None:
        to_dlr["WTJSRQ"] = _compact_day(value)
    if (value := source.get("applyType")) is not None:
        result["SQLX"] = APPLY_BACK[value]
    if (value := source.get("projectType")) is not None:
        result["BJLX"] = PROJECT_BACK[value]
    if (value := source.get("channel")) is not None:
        result["TJFS"] = CHANNEL_BACK[value]
    if (value := source.get("summary")) is not None:
        result["BLZY"] = value
    if (value := source.get("content")) is not None:
        result["SQNR"] = value
    from_investment_project = source.get("investmentProject") or {}
    if (value := from_investment_project.get("code")) is not None:
        result["TZXMDM"] = value
    if (value := from_investment_project.get("name")) is not None:
        result["TZXMMC"] = value
    if (value := source.get("appliedAt")) is not None:
        result["SBSJ"] = _compact(value)
    if (value := source.get("collectedAt")) is not None:
        result["SJSJ"] = _compact(value)
    if (value := source.get("promisedBy")) is not None:
        result["CNBJSJ"] = f"{value[:10]} {value[11:19]}"
    from_case_numbers = source.get("caseNumbers") or {}
    if (value := from_case_numbers.get("collecting")) is not None:
        result["SBLSH"] = value
    if (value := from_case_numbers.get("short")) is not None:
        result["SBLSH_SHORT"] = value
    if (value := from_case_numbers.get("receipt")) is not None:
        result["SBHZH"] = value
    if (value := from_case_numbers.get("queryPassword")) is not None:
        result["CXMM"] = value
    if (value := source.get("materials")) is not None:
        result["SBCLQD"] = [_to_regional_material(one) for one in value]
    from_collection = source.get("collection") or {}
    from_authority = from_collection.get("authority") or {}
    if (value := from_authority.get("name")) is not None:
        result["SJBMMC"] = value
    if (value := from_authority.get("code")) is not None:
        result["SJBMDM"] = value
    if (value := from_collection.get("window")) is not None:
        result["CKBH"] = value
    if (value := from_collection.get("officer")) is not None:
        result["SJRY"] = value
    if (value := from_collection.get("formalCheck")) is not None:
        result["XSSC"] = "1" if value else "0"
    from_authority = source.get("authority") or {}
    if (value := from_authority.get("name")) is not None:
        result["BLBMMC"] = value
    if (value := from_authority.get("code")) is not None:
        result["BLBMDM"] = value
    from_delivery = source.get("delivery") or {}
    if (value := from_delivery.get("method")) is not None:
        result["LQFS"] = DELIVERY_BACK[value]
    if (value := from_delivery.get("recipient")) is not None:
        result["SJR"] = value
    if (value := from_delivery.get("phone")) is not None:
        result["SJRDH"] = value
    if (value := from_delivery.get("address")) is not None:
        result["SJRDZ"] = value
    from_tolerance = source.get("tolerance") or {}
    if (value := from_tolerance.get("applied")) is not None:
        result["RQSL"] = "1" if value else "0"
    if (value := source.get("remark")) is not None:
        result["BZ"] = value
    if to_dlr:
        result["DLR"] = to_dlr
    return result
