"""One service item on one line of a table: what an operator sorts and filters a catalogue by."""

from collections.abc import Callable
from typing import Any, Final

from gateway.core.catalogue.linting import Document
from gateway.core.conversion.pointer import find, tokens

Cell = str | int | float | None
_YES: Final = {True: "yes 是", False: "no 否"}


def _plain(pointer: str) -> Callable[[Document], Cell]:
    parts = tokens(pointer)

    def cell(document: Document) -> Cell:
        value: Any = find(document, parts)
        if isinstance(value, bool):
            return _YES[value]
        return "^".join(map(str, value)) if isinstance(value, list) else value

    return cell


def _count(name: str) -> Callable[[Document], Cell]:
    return lambda document: len(document[name]) if document.get(name) is not None else None


# Codes stand as in the canonical form; several in one cell are joined with ^, as in the national tables.
COLUMNS: Final[dict[str, Callable[[Document], Cell]]] = {
    "implementation code 实施编码": _plain("/implementationCode"),
    "handling item code 业务办理项编码": _plain("/handlingItemCode"),
    "local code 地方实施编码": _plain("/localImplementationCode"),
    "base code 基本编码": _plain("/baseCode"),
    "name 事项名称": _plain("/name"),
    "type 事项类型": _plain("/type"),
    "division 行政区划": _plain("/region"),
    "authority 实施主体": _plain("/authority/name"),
    "authority code 实施主体编码": _plain("/authority/code"),
    "level 行使层级": _plain("/level"),
    "status 事项状态": _plain("/status"),
    "version 事项版本": _plain("/version"),
    "in force from 计划生效日期": _plain("/effectiveFrom"),
    "in force to 计划取消日期": _plain("/effectiveTo"),
    "class of case 办件类型": _plain("/projectType"),
    "whom it serves 服务对象": _plain("/serviceObjects"),
    "statutory limit 法定办结时限": _plain("/statutoryLimit/days"),
    "its unit 单位": _plain("/statutoryLimit/unit"),
    "promised limit 承诺办结时限": _plain("/promisedLimit/days"),
    "its unit 时限单位": _plain("/promisedLimit/unit"),
    "charged 是否收费": _plain("/charged"),
    "materials 材料数": _count("materials"),
    "online 是否网办": _plain("/online"),
    "depth 网上办理深度": _plain("/onlineDepth"),
    "visits 到办事现场次数": _plain("/onSiteVisits"),
    "scope 通办范围": _plain("/scope"),
    "modes 跨省通办模式": _plain("/crossRegion/modes"),
}
