"""How much a mapping table costs beside hand-written code for the same fields, in both directions.

    python -m bench.convert [--json]

One application of about a hundred leaves. The ratio is the table's time over the hand-written function's, in one run.
"""

import sys
from typing import Any

import orjson

from bench import by_hand
from bench.convert_textbook import LAYOUT, Interpreter
from bench.rounds import measure, print_json, print_table
from gateway.core.conversion.loading import load_adapter
from gateway.core.model import DocumentKind
from gateway.resources import read_adapter_folder

KIND = DocumentKind.APPLICATION
TARGET = 3.0
GOAL = 1.5


def application() -> dict[str, Any]:
    """Return a canonical application as a window in Shiyan would send it, with five materials."""
    person = {"name": "王小明", "idType": "resident-id", "idNumber": "11010519491231002X", "phone": "13800138000"}
    material = {
        "name": "企业名称预先核准通知书原件及复印件",
        "code": "MATERIAL22D091016",
        "type": "either",
        "necessity": "required",
        "received": True,
        "copies": 2,
        "receivedAt": "2026-03-04T09:31:07+08:00",
        "fileName": "名称核准通知书.pdf",
    }
    return {
        "item": {
            "implementationCode": "11420300011400000X3420131001000",
            "baseCode": "420131001000",
            "handlingItemCode": "11420300011400000X342013100100001",
            "localBaseCode": "420131001000",
            "name": "内资企业及分支机构设立登记",
            "version": 3,
        },
        "collectingRegion": "420300000000",
        "handlingRegion": "610900000000",
        "mode": "proxy",
        "applicant": {
            "type": "enterprise",
            **person,
            "email": "wang@example.cn",
            "address": "湖北省十堰市茅箭区北京中路8号",
            "postcode": "442000",
            "legalRepresentative": {key: person[key] for key in ("name", "idType", "idNumber")},
            "identityCheck": {"method": "face-to-face", "checkedAt": "2026-03-04T09:30:00+08:00", "officer": "李四"},
        },
        "contact": person,
        "agent": {
            **person,
            "mandate": {"number": "WT-2026-0031", "validFrom": "2026-03-01", "validUntil": "2026-09-01"},
        },
        "applyType": "new",
        "projectType": "promised",
        "channel": "window",
        "summary": "关于某某（十堰）科技有限公司安康分公司设立登记的申请",
        "content": "拟在陕西省安康市设立分公司，经营范围与总公司一致。" * 4,
        "investmentProject": {"code": "2603-610900-04-01-123456", "name": "安康分公司建设项目"},
        "appliedAt": "2026-03-04T09:29:58+08:00",
        "collectedAt": "2026-03-04T09:32:10+08:00",
        "promisedBy": "2026-03-18T17:30:00+08:00",
        "caseNumbers": {
            "collecting": "11420300011400000X3420131001000202603040017",
            "short": "2603040017",
            "receipt": "HZ2026030400017",
            "queryPassword": "839201",
        },
        "materials": [{**material, "code": f"MATERIAL22D0910{number}"} for number in range(16, 21)],
        "collection": {
            "authority": {"name": "十堰市行政审批局", "code": "11420300011400000X"},
            "window": "A17",
            "officer": "李四",
            "formalCheck": True,
        },
        "authority": {"name": "安康市行政审批服务局", "code": "11610900MB29705161"},
        "delivery": {
            "method": "post",
            "recipient": "王小明",
            "phone": "13800138000",
            "address": "十堰市茅箭区北京中路8号",
        },
        "tolerance": {"applied": False},
        "remark": "材料齐全",
    }


def leaves(value: object) -> int:
    """Count the values that are neither objects nor arrays."""
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 1 if below is None else sum(map(leaves, below))


def main() -> None:
    """Compare results, then times."""
    adapter = load_adapter(read_adapter_folder(LAYOUT))
    message = adapter.channels[KIND].messages[KIND]
    textbook = Interpreter()
    canonical = application()
    regional = adapter.to_regional(KIND, canonical).document
    body = orjson.dumps(regional)
    for read, write in ((by_hand.to_canonical, by_hand.to_regional), (textbook.to_canonical, textbook.to_regional)):
        if (
            read(regional) != canonical
            or write(canonical) != regional
            or adapter.canonical_of(KIND, regional).document != canonical
        ):
            sys.exit("the contenders disagree")
    times = measure(
        {
            "to canonical: by hand": lambda: by_hand.to_canonical(regional),
            "to canonical: table": lambda: message.read(regional, []),
            "to canonical: textbook": lambda: textbook.to_canonical(regional),
            "to regional: by hand": lambda: by_hand.to_regional(canonical),
            "to regional: table": lambda: message.write(canonical, []),
            "to regional: textbook": lambda: textbook.to_regional(canonical),
            "bytes to canonical bytes: by hand": lambda: orjson.dumps(by_hand.to_canonical(orjson.loads(body))),
            "bytes to canonical bytes: adapter": lambda: adapter.to_canonical(KIND, body, "application/json"),
            "canonical to bytes: by hand": lambda: orjson.dumps(by_hand.to_regional(canonical)),
            "canonical to bytes: adapter": lambda: adapter.to_regional(KIND, canonical),
        }
    )
    rows, ratios = [], {}
    for name, found in times.items():
        floor = times[name.rsplit(":", 1)[0] + ": by hand"].median_us
        ratios[name] = round(found.median_us / floor, 2)
        rows.append((name, f"{found.median_us:.1f}", f"{found.low_us:.1f}-{found.high_us:.1f}", f"{ratios[name]:.2f}"))
    title = f"Conversion of {leaves(canonical)} leaves, {len(body)} bytes (target {TARGET}, goal {GOAL})"
    print_table(title, ("contender", "median us", "range", "x by hand"), rows)
    if "--json" in sys.argv:
        print_json(
            "convert",
            {"leaves": leaves(canonical), "bytes": len(body), "ratio": ratios, "target": TARGET, "goal": GOAL},
        )


if __name__ == "__main__":
    main()
