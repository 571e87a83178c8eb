"""The rates that regions are compared by: what each counts, of what, and what it leaves out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from gateway.core.catalogue.elements import missing
from gateway.core.catalogue.guangdong import CORE
from gateway.core.catalogue.guides import has_guide
from gateway.core.catalogue.linting import Document, Outcome

_HOUR, _WORKING, _MONTHS = "hours", "working days", "months"
# Units of one family convert exactly; the size, in hours, says how much an item weighs in the sum. That a month is
# 30 days is a weight only: a month is never compared with days.
_UNITS: Final[Mapping[str, tuple[str, int]]] = MappingProxyType(
    {
        "hour": (_HOUR, 1),
        "calendar-day": (_HOUR, 24),
        "week": (_HOUR, 168),
        "working-day": (_WORKING, 24),
        "month": (_MONTHS, 720),
        "year": (_MONTHS, 8640),
    }
)
_HANDLED_ONLINE: Final = frozenset({"acceptance", "handling", "result-feedback", "certificate-feedback"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """What one item adds to a rate; `notes` are counted beside it: why it is left out, or what it lacks."""

    numerator: int = 0
    denominator: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """One rate, written down in words and as a function of an item and of whether its system is connected."""

    id: str
    title: str
    title_zh: str
    numerator: str
    denominator: str
    rule_zh: str
    source: str
    unit: str = "items"
    share: Callable[[Document, bool], Share] | None = None  # None for what is counted over base items


def is_online(document: Document) -> bool | None:
    """Tell whether an item is handled online: as it says, else by its depth; None where it says neither."""
    told: Any = document.get("online")
    if told is not None:
        return bool(told)
    depth = document.get("onlineDepth")
    return None if depth is None else bool(_HANDLED_ONLINE.intersection(depth))


def _completeness(document: Document, _: bool) -> Share:  # noqa: FBT001 - one shape for every rate
    lacking = missing(document)
    return Share(numerator=not lacking, denominator=1, notes=lacking)


def _guide_completeness(document: Document, _: bool) -> Share:  # noqa: FBT001 - the same
    guide = has_guide(document)
    if not guide:
        return Share(notes=("type_not_told" if guide is None else "no_guide",))
    broken = tuple(rule.id for rule in CORE if rule.judge(document).outcome is Outcome.BROKEN)
    return Share(numerator=not broken, denominator=1, notes=broken)


def _online(document: Document, _: bool) -> Share:  # noqa: FBT001 - the same
    online = is_online(document)
    return Share(numerator=bool(online), denominator=1, notes=("not_told",) if online is None else ())


def _time_reduction(document: Document, _: bool) -> Share:  # noqa: FBT001 - the same
    statutory, promised = document.get("statutoryLimit") or {}, document.get("promisedLimit") or {}
    first, second = statutory.get("days"), promised.get("days")
    if first is None:
        return Share(notes=("no_statutory_limit",))
    if promised.get("unit") != "immediate" and second is None:
        return Share(notes=("no_promised_limit",))
    if first == 0:
        return Share(notes=("statutory_limit_at_once",))
    family, size = _UNITS.get(statutory.get("unit", ""), ("", 0))
    promised_family, promised_size = _UNITS.get(promised.get("unit", ""), ("", 0))
    if promised.get("unit") == "immediate" or second == 0:
        promised_family, promised_size = family, 0
    if not family or family != promised_family:
        return Share(notes=("units_differ",))
    saved = first * size - (second or 0) * promised_size
    return Share(numerator=saved, denominator=first * size, notes=("promised_longer",) if saved < 0 else ())


def _docking(document: Document, connected: bool) -> Share:  # noqa: FBT001 - the same
    if not is_online(document):
        return Share()
    named = bool((document.get("businessSystem") or {}).get("name"))
    return Share(numerator=connected, denominator=1, notes=("named_not_connected",) if named > connected else ())


# What is counted beside a rate; columns and rules are counted under their own names.
NOTES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "codes_of_no_base_item": ("base codes that no base item has", "基本目录中不存在的基本编码"),
        "type_not_told": ("left out: the type is not told", "未计：事项类型未细分"),
        "no_guide": ("left out: nobody applies for them", "未计：非依申请事项"),
        "not_told": ("counted as not online: not told", "未填，计为不可网办"),
        "no_statutory_limit": ("left out: no statutory limit", "未计：无法定时限"),
        "no_promised_limit": ("left out: no promised limit", "未计：无承诺时限"),
        "statutory_limit_at_once": ("left out: nothing to reduce", "未计：法定即办"),
        "units_differ": ("left out: units that cannot be compared", "未计：单位不可比"),
        "promised_longer": ("promised longer than statutory", "承诺时限长于法定时限"),
        "named_not_connected": ("their system is named and not connected", "已登记业务系统但未对接"),
    }
)

CLAIM: Final = Rate(
    id="claim",
    title="Claim rate",
    title_zh="认领率",
    numerator="claimable base items that at least one published item of the region implements",
    denominator="base items in force whose levels of government are within the region, and which are the nation's or "
    "its province's; one managed at several levels (7) counts at every level",
    rule_zh="已认领基本目录项÷可认领基本目录项。可认领：生效中、行使层级属于该地区、地域码为国家或本省；分级管理（7）各级均计",
    source="认领率; which base items can be claimed is inferred",
    unit="base items",
)
COMPLETENESS: Final = Rate(
    id="completeness",
    title="Element completeness",
    title_zh="要素完整度",
    numerator="items that have every obligatory element",
    denominator="items",
    rule_zh="必填要素齐全的事项÷全部事项。必填要素为国家库表的非空字段；处罚、强制、征收、检查类只计身份要素",
    source="NOT NULL columns of TASK_GENERAL_BASIC and TASK_GENERAL_EXTEND; of penalties, coercion, levies and "
    "inspections only what identifies them (inferred)",
    share=_completeness,
)
GUIDE: Final = Rate(
    id="guide",
    title="Guide completeness",
    title_zh="办事指南完整度",
    numerator="items with a guide that break none of the 14 core rules GD-C01 to GD-C14",
    denominator="items with a guide",
    rule_zh="14项核心要素齐全的事项÷有办事指南的事项",
    source="Guangdong's core fields",
    share=_guide_completeness,
)
ONLINE: Final = Rate(
    id="online",
    title="Online rate",
    title_zh="可网办率",
    numerator="items handled online: as they say or, where they do not say it, of depth acceptance or further",
    denominator="items; one that tells nothing is not online",
    rule_zh="可网办事项÷全部事项。以“是否网办”为准，未填的按网上办理深度（受理及以上）；均未填的计为不可网办",
    source="ISONLINE, ONLINEHANDLEDEPTH",
    share=_online,
)
REDUCTION: Final = Rate(
    id="reduction",
    title="Time reduction",
    title_zh="减时率",
    numerator="sum of statutory minus promised limits",
    denominator="sum of statutory limits, of items that tell both in units that convert exactly: hours, days and "
    "weeks; working days; months and years",
    rule_zh="（法定时限合计−承诺时限合计）÷法定时限合计。仅计两者均有且单位可比的事项，工作日不与自然日相比",
    source="(法定−承诺)/法定; in hours, a day of either kind 24 and a month 720, as weights",
    unit="hours",
    share=_time_reduction,
)
DOCKING: Final = Rate(
    id="docking",
    title="Docking rate",
    title_zh="对接率",
    numerator="items handled online whose region an active system or gateway answers for here",
    denominator="items handled online",
    rule_zh="所在地区已有启用的对接系统或网关的可网办事项÷可网办事项。仅登记业务系统名称的不计为已对接",
    source="inferred: an application for such an item reaches the system that handles it; a system that is only named "
    "does not count",
    share=_docking,
)
RATES: Final = (CLAIM, COMPLETENESS, GUIDE, ONLINE, REDUCTION, DOCKING)
