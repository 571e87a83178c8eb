"""Catalogues as regions publish them, made to measure: canonical items by the hundred, and a store that holds them."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.core.catalogue.items import base_item, service_item
from gateway.flow.ports import Store
from gateway.store import open_store

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
XINYI, JIUQUAN, SHIYAN, BAOSHAN, ZHANGJIAGANG = (
    "320381000000",
    "620900000000",
    "420300000000",
    "310113000000",
    "320582000000",
)
_ORGANISATION = "11{region}00000000{level}A"


def base_code(number: int, *, province: str = "00", kind: str = "20") -> str:
    """Return a base code (基本编码): division, type, main item, sub item."""
    return f"{province}{kind}{number:05}000"


def item(number: int, region: str = SHIYAN, *, level: str = "3", base: str = "", **said: Any) -> dict[str, Any]:
    """Return a canonical item that says what it must and, besides, what is said of it; None takes a field away."""
    tied = base or base_code(number)
    plain = {
        "implementationCode": _ORGANISATION.format(region=region[:6], level=level)[:18] + level + tied,
        "baseCode": tied,
        "name": f"事项{number}",
        "type": tied[2:4],
        "region": region,
        "level": [level],
        "status": "in-use",
        "version": 1,
    }
    return {name: value for name, value in (plain | said).items() if value is not None}


def complete_item(number: int, region: str = SHIYAN, **said: Any) -> dict[str, Any]:
    """Return an item with every obligatory element, and a guide that breaks no rule."""
    return item(number, region, **(GUIDE | said))


GUIDE: dict[str, Any] = {
    "authority": {"name": "行政审批局", "code": "11420300000000000A", "nature": "1"},
    "legalBasis": [{"name": "中华人民共和国行政许可法"}],
    "powerSource": "statutory",
    "statutoryLimit": {"days": 20, "unit": "working-day"},
    "promisedLimit": {"days": 5, "unit": "working-day"},
    "projectType": "2",
    "reviewType": "review-then-approve",
    "conditions": "本市户籍",
    "materials": [{"name": "申请表", "necessity": "required", "blankForm": "form.doc"}],
    "flow": {"description": "受理→审核→审批→办结→送达"},
    "specialProcedures": [{"name": "无"}],
    "charged": False,
    "onlinePayment": False,
    "serviceObjects": ["1"],
    "onSiteVisits": 0,
    "mobile": {"singleSignOn": True},
    "computer": {"singleSignOn": True},
    "handlingPlace": "政务服务中心",
    "handlingTime": "工作日 9:00-17:00",
    "consultation": {"phone": "0719-8100001"},
    "supervision": {"phone": "0719-8100002"},
    "inServiceCentre": True,
    "results": [{"type": "proof", "name": "证明", "sample": "sample.jpg"}],
    "courier": True,
    "online": True,
    "onlineDepth": ["handling", "result-feedback"],
    "deliveryMethods": ["courier"],
    "scope": "national",
    "appointment": True,
    "intermediaryServices": [],
}


@asynccontextmanager
async def catalogue_of(
    folder: Path, documents: Iterable[Mapping[str, Any]], *, base: Iterable[Mapping[str, Any]] = ()
) -> AsyncIterator[Store]:
    """Open a store that holds these items, and these base items, and nothing else."""
    store = await open_store(f"sqlite:///{folder}/catalogue.sqlite", create=True)
    try:
        await store.put_items([service_item(document) for document in documents])
        await store.put_items([base_item({"name": "基本目录项", "type": "20"} | dict(each)) for each in base])
        yield store
    finally:
        await store.close()
