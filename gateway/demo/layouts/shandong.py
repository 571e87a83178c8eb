"""A system that speaks Shandong's nested arrays: each part of a document is an array, even where it has one row."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Final

import orjson

from gateway.demo.case import Case, Step
from gateway.demo.layouts.codes import authority_code, implementation_code, item_name

_BEIJING: Final = timezone(timedelta(hours=8))
_WRITTEN: Final = "%Y-%m-%d %H:%M:%S"
_RESIDENT_ID: Final = "31"
_NATURAL_PERSON: Final = "20"
_PROMISED: Final = "1"  # 承诺件; GB/T 39046 has 2
_PROXY: Final = "2"  # 异地代收代办

# The one-window case status (办件状态) after each event, and the action where several events share one.
_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "collected": ("02", ""),
    "accepted": ("05", ""),
    "notice": ("06", "1"),
    "supplemented": ("06", "2"),
    "refused": ("07", ""),
    "voided": ("09", ""),
    "decided": ("10", "1"),
    "certificate_issued": ("10", "2"),
    "delivered": ("10", "3"),
    "rated": ("10", "4"),
    "rectified": ("10", "5"),
    "closed": ("10", "6"),
    "special_procedure_started": ("11", ""),
    "reviewed": ("12", "1"),
    "special_procedure_ended": ("12", "2"),
    "returned": ("13", "1"),
    "withdrawn": ("13", "2"),
    "lapsed": ("13", "3"),
}
_EVENTS: Final = {state: event for event, state in _STATES.items()}


class ShandongLayout:
    """Writes and reads documents as a Shandong system does."""

    name = "shandong"
    media_type = "application/json"

    def items(self, region: str, count: int) -> list[bytes]:
        """Return service items of a region, one document each."""
        return [orjson.dumps(_item(region, number)) for number in range(count)]

    def application(self, case: Case) -> bytes:
        """Return a case with its applicant, window and materials, each an array."""
        return orjson.dumps(
            {
                "ApplyInfo": [_apply_info(case)],
                "applicant": [
                    {
                        "APPLYERTYPE": _NATURAL_PERSON,
                        "APPLYERNAME": case.applicant,
                        "CERTTYPE": _RESIDENT_ID,
                        "CERTNUM": case.id_number,
                        "MOBILE": case.phone,
                        "CONTACT_NAME": case.applicant,
                        "CONTACT_MOBILE": case.phone,
                    }
                ],
                "window": [{"NAME": "跨省通办窗口", "OUCODE": authority_code(case.collecting_region)}],
                "material": [
                    {"NAME": material, "MUST": "1", "RECEIVE_WAY": "2", "COPIES": "1", "SORT_ORDER": str(order)}
                    for order, material in enumerate(case.materials, 1)
                ],
            }
        )

    def event(self, step: Step) -> bytes:
        """Return what happened: the case's state, and an array named for what the event is about."""
        status, action = _STATES[step.type]
        info = {
            "FLOWSN": step.case_number,
            "STATUS": status,
            "OUNAME": step.authority,
            "OUCODE": step.authority_code,
            "AREACODE": step.region[:6],
            "OPERATEUSERNAME": step.officer,
            "OPERATEDATE": _written(step.at),
        }
        if action:
            info["ACTION"] = action
        name, row = _PARTS.get(step.type, _no_part)(step)
        return orjson.dumps({"EventInfo": [info]} | ({name: [row]} if name else {}))

    def read_application(self, body: bytes) -> Case:
        """Return the case out of an application handed over in this layout."""
        document = orjson.loads(body)
        (info,), (applicant,) = document["ApplyInfo"], document["applicant"]
        return Case(
            case_number=info.get("FLOWSN", ""),
            item_code=info.get("ITEM_ID") or info["INNER_CODE"],
            item_name=info["TASKNAME"],
            collecting_region=info["RECEIVE_AREACODE"].ljust(12, "0"),
            handling_region=info["AREACODE"].ljust(12, "0"),
            applicant=applicant["APPLYERNAME"],
            id_number=applicant["CERTNUM"],
            phone=applicant.get("MOBILE") or applicant.get("CONTACT_MOBILE", ""),
            materials=tuple(material["NAME"] for material in document.get("material", ())),
            applied_at=datetime.strptime(info["APPLYDATE"], _WRITTEN).replace(tzinfo=_BEIJING),
        )

    def read_event(self, body: bytes) -> str:
        """Return the type of an event handed over in this layout."""
        (info,) = orjson.loads(body)["EventInfo"]
        return _EVENTS[info["STATUS"], info.get("ACTION", "")]


def _written(at: datetime) -> str:
    return at.astimezone(_BEIJING).strftime(_WRITTEN)


def _apply_info(case: Case) -> dict[str, Any]:
    return {
        "FLOWSN": case.case_number,
        "ITEM_ID": case.item_code,
        "TASKNAME": case.item_name,
        "AREACODE": case.handling_region[:6],
        "RECEIVE_AREACODE": case.collecting_region[:6],
        "CROSS_MODE": _PROXY,
        "ASSORT": _PROMISED,
        "APPLYWAY": "8",
        "PROJECTNAME": f"{case.applicant}申请{case.item_name}",
        "APPLYDATE": _written(case.applied_at),
        "RECEIVEDATE": _written(case.applied_at),
        "OUCODE": case.item_code[:18],
    }


def _item(region: str, number: int) -> dict[str, Any]:
    return {
        "ItemInfo": [_item_info(region, number)],
        "window": [{"ADDRESS": "政务服务中心一楼", "NAME": "跨省通办窗口", "OFFICE_HOUR": "工作日9:00-17:00"}],
        "legalbasis": [{"SORT_ORDER": "1", "NAME": "国办发〔2020〕35号", "CONTENT": "加快推进政务服务“跨省通办”。"}],
        "charge": [],
        "condition": [{"NAME": "申请材料齐全"}, {"NAME": "符合法定形式"}],
        "material": [
            {"NAME": "居民身份证", "PUBLISHER": "公安机关", "ORIGIN": "1", "COPY": "1", "MUST": "1", "REMARK": ""},
            {"NAME": "申请表", "PUBLISHER": "申请人", "ORIGIN": "1", "COPY": "0", "MUST": "2", "REMARK": "可容缺"},
        ],
        "outmap": [],
    }


def _item_info(region: str, number: int) -> dict[str, Any]:
    code = implementation_code(region, number)
    return {
        "NAME": item_name(number),
        "CODE": code,
        "CATALOG_CODE": code[19:],
        "ITEM_TYPE": code[21:23],
        "STATE": "1",
        "VERSION": "1",
        "AREA_CODE": region[:6],
        "ORG_CODE": code[:18],
        "ORG_NAME": "行政审批服务局",
        "ORG_PROPERTY": "1",
        "TITLE_NAME": "自然人",
        "AUTH_LEVEL": code[18],
        "LAW_TIME": "20",
        "LAW_TIME_UNIT_VALUE": "工作日",
        "AGREE_TIME": "5",
        "AGREE_TIME_UNIT_VALUE": "工作日",
        "IS_CHARGE": "0",
        "ASSORT": _PROMISED,
        "CROSS_SCOPE": "2",
        "IS_ONLINE": "3",
        "CONSULT_PHONE": "12345",
        "CONSULT_EMAIL": "12388",  # the supervision phone stands in the column named for e-mail
        "PAY_ONLINE": "0",
        "IS_DELIVERY": "1",
    }


_Part = tuple[str, dict[str, Any]]


def _no_part(_: Step) -> _Part:
    return "", {}


def _notice(step: Step) -> _Part:
    missing = {"NAME": "居民户口簿", "REASON": "未提交户主页", "REMEDY": "上传户主页和本人页的扫描件"}
    number = f"补告〔{step.at:%Y}〕{step.case_number[-4:]}号"
    return "notice", {"NOTICE_NO": number, "REASON": "申请材料不齐全", "material": [missing]}


def _supplement(_: Step) -> _Part:
    return "supplement", {"IS_COMPLETE": "1", "material": [{"NAME": "居民户口簿", "RECEIVE_WAY": "2", "COPIES": "1"}]}


def _acceptance(step: Step) -> _Part:
    promised = _written(step.at + timedelta(days=7))
    number = f"受理〔{step.at:%Y}〕{step.case_number[-4:]}号"
    return "accept", {"RECEIPT_NO": number, "ASSORT": _PROMISED, "PROMISEENDDATE": promised}


def _refusal(_: Step) -> _Part:
    return "refuse", {"REASON": "申请事项不属于本机关职权范围", "BASIS": "《中华人民共和国行政许可法》第三十二条"}


def _review(step: Step) -> _Part:
    return "step", {"STEP": "2", "STEP_NAME": "审核", "STEP_ACTION": "1", "START_DATE": _written(step.at)}


def _special_procedure(_: Step) -> _Part:
    return "special", {"SPECIAL_NO": "1", "SPECIAL_TYPE": "2", "SPECIAL_NAME": "专家评审", "REASON": "依法需要专家评审"}


def _result(_: Step) -> _Part:
    return "result", {"BANJIERESULT": "6", "RESULT_NOTE": "准予许可"}  # 6 is granted here, and something else elsewhere


def _certificate(step: Step) -> _Part:
    number = f"证〔{step.at:%Y}〕{step.case_number[-6:]}"
    return "certificate", {"NAME": "办理结果证明", "CERT_NO": number, "ISSUE_OUNAME": step.authority}


def _delivery(_: Step) -> _Part:
    return "delivery", {"SEND_WAY": "2", "CARRIER": "中国邮政", "EXPRESS_NO": "EX000000017CN", "IS_SIGNED": "1"}


def _rating(_: Step) -> _Part:
    return "rating", {"STARS": "5", "CONTENT": "不用跑回老家，很方便。"}  # five stars are the best


def _rectification(_: Step) -> _Part:
    return "rectify", {"RESULT": "1", "IS_VERIFIED": "1", "MEASURES": "已向申请人当面致歉并整改", "IS_CALLBACK": "1"}


_PARTS: Final[Mapping[str, Callable[[Step], _Part]]] = {
    "notice": _notice,
    "supplemented": _supplement,
    "accepted": _acceptance,
    "refused": _refusal,
    "reviewed": _review,
    "special_procedure_started": _special_procedure,
    "special_procedure_ended": _special_procedure,
    "decided": _result,
    "certificate_issued": _certificate,
    "delivered": _delivery,
    "rated": _rating,
    "rectified": _rectification,
}
