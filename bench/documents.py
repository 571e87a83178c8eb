"""Applications with Chinese text, as a window in Shiyan sends them on the national tables; no two alike.

They have 3 kB unless another size is asked for: then they have fewer words, or more materials with longer remarks.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from gateway.core.catalogue.items import service_item
from gateway.core.model import ServiceItem
from gateway.demo.layouts.codes import authority_code, implementation_code, item_name

LAYOUT = "national"
MEDIA_TYPE = "application/json"
SHIYAN = "420300000000"
ANKANG = "610900000000"
ITEM = 8  # 内资企业及分支机构设立登记
# What an application may be without.
_SPARED = {
    *("APPLYCONTENT", "REMARK", "ADDRESS", "ZIPCODE", "LEGAL", "PROMISEDATE", "DELIVERYTYPE"),
    *("CONTACTNAME", "CONTACTTYPE", "CONTACTCODE", "CONTACTMOBILE", "RECEIVENAME", "RECEIVEMOBILE", "RECEIVEADDRESS"),
}
_PERSON = "11010519491231002X"  # the number that GB 11643 uses as its example


def applications(label: str, count: int, *, size: int = 0, handling: str = ANKANG) -> Iterator[bytes]:
    """Yield applications whose case numbers begin with a label, of about `size` bytes, for an item of a region."""
    row = _row_of(size, handling) if size else _row(handling)
    for number in range(count):
        yield orjson.dumps(row | {"PROJECTNO": f"{label}-{number:07d}", "COLLECTWINDOWNO": f"A{number % 90:02d}"})


def spread(regions: Sequence[str], label: str, count: int) -> Iterator[bytes]:
    """Yield applications that are handled by these regions in turn."""
    each = [applications(f"{label}-{at}", count // len(regions) + 1, handling=to) for at, to in enumerate(regions)]
    return (next(each[number % len(each)]) for number in range(count))


def _row_of(size: int, handling: str) -> dict[str, Any]:
    """Return a row of about so many bytes, from 1 kB to 400 kB."""
    row = _row(handling) | {"UP_PRO_MATERIAL": []}
    if len(orjson.dumps(row)) > size:
        row = {name: value for name, value in row.items() if name not in _SPARED}
    (first, *_) = _row(handling)["UP_PRO_MATERIAL"]
    long = first | {"REMARK": "原件与复印件一致，已加盖公章，由窗口人员当场核对。" * 8}
    missing = max(0, size - len(orjson.dumps(row)))
    many = missing // len(orjson.dumps(long))
    return row | {
        "UP_PRO_MATERIAL": [long | {"MATERIALGUID": f"M{number:06d}", "ORDERNUM": number} for number in range(many)]
    }


def item() -> ServiceItem:
    """Return the service item applied for, as the handling side publishes it."""
    return service_item(
        {
            "implementationCode": implementation_code(ANKANG, ITEM),
            "name": item_name(ITEM),
            "region": ANKANG,
            "type": "01",
            "status": "in-use",
            "version": 1,
        }
    )


def _row(handling: str) -> dict[str, Any]:
    code = implementation_code(handling, ITEM)
    return {
        "TABLE": "UP_PRO_ACCEPT",
        "TASKCODE": code,
        "CATALOGCODE": code[19:],
        "TASKNAME": item_name(ITEM),
        "TASKVERSION": 1,
        "PROJECTTYPE": "2",
        "PROJECTNAME": "关于某某（十堰）科技有限公司安康分公司设立登记的申请",
        "APPLYTYPE": "1",
        "APPLYDATE": "2026-03-04 09:29:58",
        "ORGCODE": authority_code(handling),
        "ORGNAME": "安康市行政审批服务局",
        "PROMISEDATE": "2026-03-18 17:30:00",
        "APPLYCONTENT": "拟在陕西省安康市设立分公司，经营范围与总公司一致。" * 4,
        "REMARK": "材料齐全",
        "APPLYERNAME": "某某（十堰）科技有限公司",
        "APPLYERTYPE": "2",
        "APPLYERPAGETYPE": "111",
        "APPLYERPAGECODE": _PERSON,
        "LEGAL": "王小明",
        "ADDRESS": "湖北省十堰市茅箭区北京中路8号",
        "ZIPCODE": "442000",
        "APPLYERMOBILE": "13800138000",
        "CONTACTNAME": "王小明",
        "CONTACTTYPE": "111",
        "CONTACTCODE": _PERSON,
        "CONTACTMOBILE": "13800138000",
        "AGENTNAME": "李四",
        "AGENTTYPE": "111",
        "AGENTCODE": _PERSON,
        "AGENTMOBILE": "13900139000",
        "CROSSMODE": "2",
        "COLLECTAREACODE": SHIYAN,
        "HANDLEAREACODE": handling,
        "COLLECTDATE": "2026-03-04 09:32:10",
        "COLLECTORGCODE": authority_code(SHIYAN),
        "COLLECTORGNAME": "十堰市行政审批局",
        "COLLECTUSERNAME": "李四",
        "ISFORMALCHECK": "1",
        "DELIVERYTYPE": "2",
        "RECEIVENAME": "王小明",
        "RECEIVEMOBILE": "13800138000",
        "RECEIVEADDRESS": "十堰市茅箭区北京中路8号",
        "UP_PRO_MATERIAL": [
            {
                "MATERIALNAME": "企业名称预先核准通知书原件及复印件",
                "MATERIALGUID": f"MATERIAL22D0910{number}",
                "GETTYPE": "2",
                "GETNUM": 1,
                "ISGET": "1",
                "GETTIME": "2026-03-04 09:31:07",
                "ISNEED": "1",
                "MATERIALATTACHNAME": "名称核准通知书.pdf",
                "ORDERNUM": number - 15,
            }
            for number in range(16, 21)
        ],
    }
