"""A system that speaks Guangdong's GDBS objects: one XML message an event, in GBK, columns named by pinyin initials."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

import orjson
from lxml import etree

from gateway.demo.case import Case, Step
from gateway.demo.layouts.codes import authority_code, implementation_code, item_name

_BEIJING: Final = timezone(timedelta(hours=8))
_WRITTEN: Final = "%Y%m%dT%H%M%S"
_RESIDENT_ID: Final = "10"
_NATURAL_PERSON: Final = "0"
_PROXY: Final = "2"  # 异地代收代办
_ROOT: Final = "GDBS"
_CASE: Final = {"number": "SBLSH", "name": "MC", "code": "BM"}
_RATING: Final = {"number": "affairSerialNo", "name": "Name", "code": "Code"}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Object:
    """How one GDBS object says when, by which department and by whom it was made, and what tells it from others."""

    number: str
    when: str
    department: str
    officer: str = "BLRXM"
    telling: tuple[str, str] = ("", "")


_OBJECTS: Final[Mapping[str, _Object]] = {
    "collected": _Object(number="1", when="YSLSJ", department="YSLBM"),
    "accepted": _Object(number="2", when="SLSJ", department="SLBM", officer="SLRXM", telling=("SLZTDM", "1")),
    "refused": _Object(number="2", when="SLSJ", department="SLBM", officer="SLRXM", telling=("SLZTDM", "2")),
    "reviewed": _Object(number="3", when="SPSJ", department="SPBM", officer="SPRXM"),
    "decided": _Object(number="4", when="BJSJ", department="BJBM", telling=("BJJGDM", "0")),
    "returned": _Object(number="4", when="BJSJ", department="BJBM", telling=("BJJGDM", "1")),
    "voided": _Object(number="4", when="BJSJ", department="BJBM", telling=("BJJGDM", "2")),
    "lapsed": _Object(number="4", when="BJSJ", department="BJBM", telling=("BJJGDM", "5")),
    "special_procedure_started": _Object(number="5", when="TBCXKSRQ", department="SQBM"),
    "special_procedure_ended": _Object(number="6", when="TBCXJSRQ", department="BLBM"),
    "notice": _Object(number="7", when="BZGZSJ", department="BZGZBM", officer="BZGZFCRXM"),
    "supplemented": _Object(number="8", when="BZSJ", department="BZSLBM", officer="BZSLBLRXM"),
    "delivered": _Object(number="9", when="LQSJ", department="DJBM", officer="DJRXM"),
    "rated": _Object(number="10", when="evalTime", department="department", officer="affairDealOfficer"),
    "certificate_issued": _Object(number="11", when="FZSJ", department="FZBM"),
    "withdrawn": _Object(number="12", when="CJSJ", department="CJBM", officer="CJRXM"),
    "rectified": _Object(number="13", when="ZGSJ", department="BLBM"),
    "closed": _Object(number="14", when="GDSJ", department="GDBM"),
}
_TELLING: Final = {"2": "SLZTDM", "4": "BJJGDM"}
_EVENTS: Final = {(known.number, known.telling[1]): event for event, known in _OBJECTS.items()}


class GuangdongLayout:
    """Writes and reads documents as a Guangdong system does; items are JSON, cases XML."""

    name = "guangdong"
    media_type = "application/xml; charset=gbk"

    def items(self, region: str, count: int) -> list[bytes]:
        """Return service items of a region, one JSON document each."""
        return [orjson.dumps(_item(region, number)) for number in range(count)]

    def application(self, case: Case) -> bytes:
        """Return object 0 (申办信息)."""
        return _xml(
            {
                "DXLX": "0",
                "SBLSH": case.case_number,
                "SXBM": case.item_code,
                "SXMC": case.item_name,
                "SQRLX": _NATURAL_PERSON,
                "SQRMC": case.applicant,
                "SQRZJLX": _RESIDENT_ID,
                "SQRZJHM": case.id_number,
                "SQRSJ": case.phone,
                "LXRXM": case.applicant,
                "LXRSJ": case.phone,
                "SBXMMC": f"{case.applicant}申请{case.item_name}",
                "SBCLQD": "；".join(case.materials),
                "SBSJ": _written(case.applied_at),
                "SBJTWD": "跨省通办窗口",
                "XZQHDM": case.collecting_region,
                "GXDXZQHDM": case.handling_region,
                "KSTBMS": _PROXY,
                "SJBMBM": authority_code(case.collecting_region),
                "SJBBH": "1",
                "CL": [{"CLMC": material, "CLBYX": "0", "SQFS": "2", "SQSL": "1"} for material in case.materials],
            }
        )

    def event(self, step: Step) -> bytes:
        """Return the object that such an event is told by."""
        known = _OBJECTS[step.type]
        names = _RATING if step.type == "rated" else _CASE
        row: dict[str, Any] = {
            "DXLX": known.number,
            names["number"]: step.case_number,
            known.when: _written(step.at),
            f"{known.department}{names['name']}": step.authority,
            f"{known.department}{names['code']}": step.authority_code,
            known.officer: step.officer,
            "areaCode" if step.type == "rated" else "XZQHDM": step.region,
        }
        if known.telling[0]:
            row[known.telling[0]] = known.telling[1]
        return _xml(row | _COLUMNS.get(step.type, _no_columns)(step))

    def read_application(self, body: bytes) -> Case:
        """Return the case out of an application handed over in this layout."""
        root = _parsed(body)
        return Case(
            case_number=_text(root, "SBLSH"),
            item_code=_text(root, "SXBM", "DFSXBM"),
            item_name=_text(root, "SXMC"),
            collecting_region=_text(root, "XZQHDM"),
            handling_region=_text(root, "GXDXZQHDM"),
            applicant=_text(root, "SQRMC"),
            id_number=_text(root, "SQRZJHM"),
            phone=_text(root, "SQRSJ", "LXRSJ"),
            materials=tuple(_text(material, "CLMC") for material in root.findall("CL")),
            applied_at=datetime.strptime(_text(root, "SBSJ"), _WRITTEN).replace(tzinfo=_BEIJING),
        )

    def read_event(self, body: bytes) -> str:
        """Return the type of an event handed over in this layout."""
        root = _parsed(body)
        number = _text(root, "DXLX")
        value = _text(root, _TELLING[number]) if number in _TELLING else ""
        ended = number == _OBJECTS["decided"].number and (number, value) not in _EVENTS
        return "decided" if ended else _EVENTS[number, value]


def _written(at: datetime) -> str:
    return at.astimezone(_BEIJING).strftime(_WRITTEN)


def _xml(row: Mapping[str, Any]) -> bytes:
    """Write one object; a list becomes an element for each of its rows."""
    root = etree.Element(_ROOT)
    for name, value in row.items():
        for one in value if isinstance(value, list) else [value]:
            element = etree.SubElement(root, name)
            if isinstance(one, str):
                element.text = one
                continue
            for inner, text in one.items():
                etree.SubElement(element, inner).text = text
    written = etree.tostring(root, encoding="GBK", xml_declaration=True)
    return written if isinstance(written, bytes) else written.encode("gbk")


def _parsed(body: bytes) -> etree._Element:
    return etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))


def _text(element: etree._Element, *names: str) -> str:
    """Return the text of the first of these elements that says something."""
    return next((found for name in names if (found := element.findtext(name))), "")


def _item(region: str, number: int) -> dict[str, Any]:
    code = implementation_code(region, number)
    return {
        "TASK_CODE": code,
        "ITEMGUID": f"GD{code[18:]}",
        "BASECODE": code[19:],
        "DEPT_CODE": code[:18],
        "DEPT_NAME": "政务服务数据管理局",
        "TASK_TYPE": code[21:23],
        "AREA_CODE": region,
        "IS_ONLINE": "1",
        "TASK_NAME": item_name(number),
        "ACCEPT_CONDITION": "申请材料齐全，<br>符合法定形式。",
        "HANDLE_FLOW": "申请→受理→审查→决定→送达",
        "LAW_LIMIT": "20个工作日",
        "PROMISE_LIMIT": "5个工作日",
        "IS_FEE": "0",
        "HANDLE_ADDRESS": "政务服务中心跨省通办窗口",
        "CONSULT_TEL": "12345",
        "SUPERVISE_TEL": "12388",
        "ONLINE_DEPTH": "3^4^5^6",
        "HANDLE_TIME": "工作日9:00-12:00，13:00-17:00",
        "RESULT_DELIVERY": "2^3",
        "HANDLE_SCOPE": "跨省",
        "IS_EXPRESS": "1",
        "TASK_STATE": "1",
        "TASK_VERSION": "1",
        "USE_LEVEL": code[18],
        "SERVER_TYPE": "1",
        "PROJECT_TYPE": "2",
        "MATERIAL": [
            {"MATERIAL_NAME": "居民身份证", "MATERIAL_TYPE": "0", "IS_NEED": "0", "SOURCE_TYPE": "1"},
            {"MATERIAL_NAME": "申请表", "MATERIAL_TYPE": "0", "IS_NEED": "0", "SOURCE_TYPE": "0"},
        ],
    }


def _no_columns(_: Step) -> dict[str, Any]:
    return {}


def _notice(step: Step) -> dict[str, Any]:
    return {
        "BZGZSBH": f"补告〔{step.at:%Y}〕{step.case_number[-4:]}号",
        "BZGZYY": "申请材料不齐全",
        "BZCLQD": "居民户口簿",
        "BZCL": [{"CLMC": "居民户口簿", "BZYY": "未提交户主页", "BZYQ": "上传户主页和本人页的扫描件"}],
    }


def _supplement(_: Step) -> dict[str, Any]:
    return {"BZCLQD": "居民户口簿", "SFBQ": "1", "CL": [{"CLMC": "居民户口簿", "SQFS": "2", "SQSL": "1"}]}


def _acceptance(step: Step) -> dict[str, Any]:
    number = f"受理〔{step.at:%Y}〕{step.case_number[-4:]}号"
    return {"SLHZH": number, "GDBLSX": "20", "GDBLSXDW": "G", "CNBJSJ": _written(step.at + timedelta(days=7))}


def _refusal(_: Step) -> dict[str, Any]:
    return {"BSLYY": "申请事项不属于本机关职权范围", "BSLYJ": "《中华人民共和国行政许可法》第三十二条"}


def _review(_: Step) -> dict[str, Any]:
    return {"SPHJDM": "2", "SPHJMC": "审核", "SPHJZTDM": "2", "YWDZ": "1", "SPYJ": "材料齐全，同意。"}


def _start(_: Step) -> dict[str, Any]:
    return {"XH": "1", "TBCXZL": "B", "TBCXMC": "专家评审", "TBCXQDLY": "依法需要专家评审"}


def _end(_: Step) -> dict[str, Any]:
    return {"XH": "1", "TBCXJG": "专家评审通过"}


def _certificate(step: Step) -> dict[str, Any]:
    return {"ZJGZMC": "办理结果证明", "ZJBH": f"证〔{step.at:%Y}〕{step.case_number[-6:]}", "FZGZDW": step.authority}


def _delivery(_: Step) -> dict[str, Any]:
    return {"LQRXM": "本人", "LQRZJLX": _RESIDENT_ID, "LQFS": "2", "WLDH": "EX000000017CN", "SFQS": "1"}


def _rating(_: Step) -> dict[str, Any]:
    return {"satisfaction": "1", "userType": "0", "certificateType": "10", "evalContent": "很方便。"}


def _rectification(_: Step) -> dict[str, Any]:
    return {"ZGJG": "1", "SFSS": "1", "ZGCS": "已向申请人当面致歉并整改", "SFHF": "1"}


_COLUMNS: Final[Mapping[str, Callable[[Step], dict[str, Any]]]] = {
    "notice": _notice,
    "supplemented": _supplement,
    "accepted": _acceptance,
    "refused": _refusal,
    "reviewed": _review,
    "special_procedure_started": _start,
    "special_procedure_ended": _end,
    "decided": _certificate,
    "certificate_issued": _certificate,
    "delivered": _delivery,
    "rated": _rating,
    "rectified": _rectification,
}
