"""From the canonical form to the layout: one long function, because calls cost time."""

from datetime import date, datetime
from typing import Any

from bench.by_hand.codes import (
    APPLICANT_BACK,
    APPLY_BACK,
    CHANNEL_BACK,
    CHECK_BACK,
    DELIVERY_BACK,
    ID_BACK,
    MATERIAL_BACK,
    MODE_BACK,
    NECESSITY_BACK,
    PROJECT_BACK,
)


def _compact(text: str) -> str:
    datetime.fromisoformat(text)
    return f"{text[:4]}{text[5:7]}{text[8:10]}{text[11:13]}{text[14:16]}{text[17:19]}"


def _compact_day(text: str) -> str:
    date.fromisoformat(text)
    return f"{text[:4]}{text[5:7]}{text[8:10]}"


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
