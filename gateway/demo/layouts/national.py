"""A system that speaks the columns of the national exchange tables: one message a document, named by its table."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Final

import orjson

from gateway.demo.case import Case, Step
from gateway.demo.layouts.codes import authority_code, implementation_code, item_name

_BEIJING: Final = timezone(timedelta(hours=8))
_WRITTEN: Final = "%Y-%m-%d %H:%M:%S"
_RESIDENT_ID: Final = "111"
_PROXY: Final = "2"  # 异地代收代办

# What tells a message's event: its table, and in the two tables that hold several, one more column.
_MESSAGES: Final[Mapping[str, tuple[str, str, str]]] = {
    "collected": ("UP_PRO_PROCESS", "EVENTNAME", "10"),
    "notice": ("UP_PRO_NOTICE", "", ""),
    "supplemented": ("UP_PRO_SUPPLEMENT", "", ""),
    "accepted": ("UP_PRO_ACCEPT", "", ""),
    "refused": ("UP_PRO_PROCESS", "EVENTNAME", "13"),
    "reviewed": ("UP_PRO_PROCESS", "EVENTNAME", "1"),
    "special_procedure_started": ("UP_PRO_SPECIAL_PROCEDURE", "SPECIALSTATE", "1"),
    "special_procedure_ended": ("UP_PRO_SPECIAL_PROCEDURE", "SPECIALSTATE", "2"),
    "decided": ("UP_PRO_RESULT", "", ""),
    "certificate_issued": ("UP_LIC_DATA", "", ""),
    "delivered": ("UP_PRO_LOGISTICS", "", ""),
    "withdrawn": ("UP_PRO_PROCESS", "EVENTNAME", "20"),
    "returned": ("UP_PRO_PROCESS", "EVENTNAME", "21"),
    "voided": ("UP_PRO_PROCESS", "EVENTNAME", "22"),
    "lapsed": ("UP_PRO_PROCESS", "EVENTNAME", "23"),
    "rated": ("UP_PRO_EVALUATION", "", ""),
    "rectified": ("UP_PRO_RECTIFICATION", "", ""),
    "closed": ("UP_PRO_PROCESS", "EVENTNAME", "30"),
}
_EVENTS: Final = {message: event for event, message in _MESSAGES.items()}
_TELLING: Final = {table: column for table, column, _ in _MESSAGES.values()}
_WHEN: Final = {
    "UP_PRO_ACCEPT": "ACCEPTDATE",
    "UP_PRO_RESULT": "RESULTDATE",
    "UP_PRO_SPECIAL_PROCEDURE": "SPECIALTIME",
}
_REVIEWED: Final = frozenset({"1", "2", "9"})  # 通过, 退回, 其他


class NationalLayout:
    """Writes and reads documents as a system on the national tables does."""

    name = "national"
    media_type = "application/json"

    def items(self, region: str, count: int) -> list[bytes]:
        """Return service items of a region, one document each."""
        return [orjson.dumps(_item(region, number)) for number in range(count)]

    def application(self, case: Case) -> bytes:
        """Return a row of UP_PRO_ACCEPT with its materials."""
        row = {
            "TABLE": "UP_PRO_ACCEPT",
            "PROJECTNO": case.case_number,
            "CATALOGCODE": case.item_code[19:],
            "TASKCODE": case.item_code,
            "TASKNAME": case.item_name,
            "TASKVERSION": 1,
            "PROJECTTYPE": "2",
            "PROJECTNAME": f"{case.applicant}申请{case.item_name}",
            "APPLYERNAME": case.applicant,
            "APPLYERTYPE": "1",
            "APPLYERPAGETYPE": _RESIDENT_ID,
            "APPLYERPAGECODE": case.id_number,
            "APPLYERMOBILE": case.phone,
            "CONTACTNAME": case.applicant,
            "CONTACTTYPE": _RESIDENT_ID,
            "CONTACTCODE": case.id_number,
            "CONTACTMOBILE": case.phone,
            "APPLYTYPE": "1",
            "APPLYDATE": _written(case.applied_at),
            "ORGCODE": case.item_code[:18],
            "CROSSMODE": _PROXY,
            "COLLECTAREACODE": case.collecting_region,
            "HANDLEAREACODE": case.handling_region,
            "COLLECTDATE": _written(case.applied_at),
            "COLLECTORGCODE": authority_code(case.collecting_region),
            "UP_PRO_MATERIAL": [
                {"MATERIALNAME": material, "GETTYPE": "2", "GETNUM": 1, "ORDERNUM": order}
                for order, material in enumerate(case.materials, 1)
            ],
        }
        return orjson.dumps(row)

    def event(self, step: Step) -> bytes:
        """Return what happened as a row of the table that its kind is reported in."""
        table, column, value = _MESSAGES[step.type]
        row: dict[str, Any] = {
            "TABLE": table,
            "PROJECTNO": step.case_number,
            "ORGCODE": step.authority_code,
            "ORGNAME": step.authority,
            "AREACODE": step.region,
            "HANDLEUSER" if table == "UP_PRO_SPECIAL_PROCEDURE" else "HANDLEUSERNAME": step.officer,
            _WHEN.get(table, "EVENTENDTIME"): _written(step.at),
        }
        if column:
            row[column] = value
        return orjson.dumps(row | _BODIES.get(step.type, _nothing_more)(step))

    def read_application(self, body: bytes) -> Case:
        """Return the case out of an application handed over in this layout."""
        row = orjson.loads(body)
        return Case(
            case_number=row.get("PROJECTNO", ""),
            item_code=row.get("TASKCODE") or row["LOCALTASKCODE"],
            item_name=row["TASKNAME"],
            collecting_region=row["COLLECTAREACODE"],
            handling_region=row["HANDLEAREACODE"],
            applicant=row["APPLYERNAME"],
            id_number=row["APPLYERPAGECODE"],
            phone=row.get("APPLYERMOBILE") or row.get("CONTACTMOBILE", ""),
            materials=tuple(material["MATERIALNAME"] for material in row.get("UP_PRO_MATERIAL", ())),
            applied_at=datetime.strptime(row["APPLYDATE"], _WRITTEN).replace(tzinfo=_BEIJING),
        )

    def read_event(self, body: bytes) -> str:
        """Return the type of an event handed over in this layout."""
        row = orjson.loads(body)
        column = _TELLING[row["TABLE"]]
        value = row[column] if column else ""
        if column == "EVENTNAME" and (value in _REVIEWED or not value):
            return "reviewed"
        return _EVENTS[row["TABLE"], column, value]


def _written(at: datetime) -> str:
    return at.astimezone(_BEIJING).strftime(_WRITTEN)


def _item(region: str, number: int) -> dict[str, Any]:
    code = implementation_code(region, number)
    return {
        "TABLE": "TASK_PUBLIC_BASIC" if code[21:23] == "20" else "TASK_GENERAL_BASIC",
        "TASKNAME": item_name(number),
        "CATALOGCODE": code[19:],
        "TASKCODE": code,
        "TASKTYPE": code[21:23],
        "USELEVEL": code[18],
        "TASKSTATE": "1",
        "TASKVERSION": 1,
        "AREACODE": region,
        "DEPTNAME": "行政审批局",
        "DEPTTYPE": "1",
        "DEPTCODE": code[:18],
        "ANTICIPATEDAY": 20,
        "ANTICIPATETYPE": "1",
        "PROMISEDAY": 5,
        "PROMISETYPE": "1",
        "ACCEPTCONDITION": "申请材料齐全、符合法定形式。",
        "HANDLEFLOW": "受理—审核—审批—办结—送达",
        "ISFEE": "0",
        "SERVERTYPE": "1",
        "PROJECTTYPE": "2",
        "HANDLETYPE": "1^2",
        "LIMITSCENENUM": 0,
        "TRANSACTADDR": "政务服务中心跨省通办窗口",
        "TRANSACTTIME": "工作日9:00-12:00，13:30-17:00",
        "LINKWAY": "12345",
        "SUPERVISEWAY": "12388",
        "HANDLEAREA": "2",
        "ISONLINE": "1",
        "ONLINEHANDLEDEPTH": "3^4^5",
        "TASK_GENERAL_MATERIAL": [
            {"MATERIALNAME": "居民身份证", "MATERIALTYPE": "1", "ISNEED": "1", "SOURCETYPE": "20", "ORDERNUM": 1},
            {"MATERIALNAME": "申请表", "MATERIALTYPE": "1", "ISNEED": "1", "SOURCETYPE": "10", "ORDERNUM": 2},
        ],
    }


def _nothing_more(_: Step) -> dict[str, Any]:
    return {}


def _notice(step: Step) -> dict[str, Any]:
    return {
        "NOTICENO": f"补告〔{step.at:%Y}〕{step.case_number[-4:]}号",
        "NOTICEDATE": _written(step.at),
        "LIMITDAY": 5,
        "LIMITTYPE": "1",
        "NOTICEREASON": "申请材料不齐全",
        "UP_PRO_NOTICE_MATERIAL": [
            {"MATERIALNAME": "居民户口簿", "REASON": "未提交户主页", "REMEDY": "上传户主页和本人页的扫描件"}
        ],
    }


def _supplement(step: Step) -> dict[str, Any]:
    return {
        "SUPPLEMENTDATE": _written(step.at),
        "ISCOMPLETE": "1",
        "UP_PRO_MATERIAL": [{"MATERIALNAME": "居民户口簿", "GETTYPE": "2", "GETNUM": 1}],
    }


def _acceptance(step: Step) -> dict[str, Any]:
    return {
        "ACCEPTDOCNO": f"受理〔{step.at:%Y}〕{step.case_number[-4:]}号",
        "PROJECTTYPE": "2",
        "PROMISEDATE": _written(step.at + timedelta(days=7)),
    }


def _refusal(_: Step) -> dict[str, Any]:
    return {
        "REFUSEREASON": "申请事项不属于本机关职权范围",
        "REFUSEBASIS": "《中华人民共和国行政许可法》第三十二条第一款第二项",
    }


def _review(step: Step) -> dict[str, Any]:
    return {
        "PROCESSNAME": "审核",
        "PROCESSTYPE": "4",
        "PROCESSSTATE": "2",
        "HANDLEEXPLAIN": "材料齐全，同意。",
        "EVENTSTARTTIME": _written(step.at),
    }


def _procedure(_: Step) -> dict[str, Any]:
    return {
        "SPECIALTYPE": "2",
        "SPECIALNAME": "检测",
        "SPECIALREASON": "需委托机构检测",
        "LIMITDAY": 10,
        "LIMITTYPE": "1",
    }


def _procedure_ended(step: Step) -> dict[str, Any]:
    return _procedure(step) | {"ENDTIME": _written(step.at), "RESULT": "检测合格"}


def _decision(_: Step) -> dict[str, Any]:
    return {
        "RESULTTYPE": "11",
        "RESULTEXPLAIN": "准予办理",
        "RESULTCETRNAME": "办理结果告知书",
        "ISDELIVERYRESULTS": "1",
    }


def _certificate(step: Step) -> dict[str, Any]:
    return {
        "CERTIFICATENAME": "办理结果告知书",
        "CERTIFICATENUMBER": f"告字{step.case_number[-8:]}",
        "CERTIFICATEAREACODE": step.region,
        "ISSUEDEPT": step.authority,
        "ISSUEDEPTCODE": step.authority_code,
        "ISSUEDATE": step.at.astimezone(_BEIJING).strftime("%Y-%m-%d"),
        "CERTIFICATESTATE": "01",
    }


def _delivery(step: Step) -> dict[str, Any]:
    return {
        "DELIVERYTYPE": "2",
        "LOGISTICSNO": f"EMS{step.case_number[-9:]}",
        "RECEIVEDATE": _written(step.at),
        "ISSIGNED": "1",
    }


def _rating(step: Step) -> dict[str, Any]:
    return {"SATISFACTION": "1", "EVALUATECHANNEL": "2", "EVALUATETIME": _written(step.at), "EVALUATENUM": 1}


def _rectification(step: Step) -> dict[str, Any]:
    return {
        "RECTIFYRESULT": "1",
        "RECTIFYMEASURE": "已向申请人说明情况并缩短办理时间",
        "RECTIFYTIME": _written(step.at),
        "ISCALLBACK": "1",
    }


_BODIES: Final[Mapping[str, Callable[[Step], dict[str, Any]]]] = {
    "notice": _notice,
    "supplemented": _supplement,
    "accepted": _acceptance,
    "refused": _refusal,
    "reviewed": _review,
    "special_procedure_started": _procedure,
    "special_procedure_ended": _procedure_ended,
    "decided": _decision,
    "certificate_issued": _certificate,
    "delivered": _delivery,
    "rated": _rating,
    "rectified": _rectification,
}
