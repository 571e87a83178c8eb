"""The query parameters by which items are searched for."""

from typing import Final

from gateway.api.contract.operation import Parameter, Text

_TEXT: Final = {"type": "string", "minLength": 1, "maxLength": 128}


def _parameter(name: str, en: str, zh: str, example: str, schema: dict[str, object] | None = None) -> Parameter:
    return Parameter(name=name, place="query", about=Text(en=en, zh=zh), schema=schema or _TEXT, example=example)


SEARCH: Final = (
    _parameter(
        "name",
        "A part of the name, of one character or more; several set apart by spaces. Wide and narrow forms, capitals "
        "and small letters are the same.",
        "事项名称的一部分，一个字即可；多个部分以空格分隔。不区分全角半角与大小写。",
        "公证",
    ),
    _parameter(
        "code",
        "Any code of the item, whole or its beginning: handling item, implementation or base code, local ones too.",
        "事项任一编码或其前缀：业务办理项编码、实施编码、基本编码及地方编码。",
        "000141004000",
    ),
    _parameter(
        "region",
        "Division code or its prefix.",
        "行政区划代码或其前缀。",
        "6109",
        {"type": "string", "pattern": "^[0-9]{2,12}$"},
    ),
    _parameter("mode", "Mode of handling across provinces: online, proxy or joint.", "跨省通办模式。", "online"),
    _parameter("subject", "Code of whom it serves, or a theme as published.", "服务对象代码，或主题分类。", "1"),
    _parameter(
        "authority",
        "Code of the authority, whole, or a part of its Chinese name.",
        "实施主体编码（完整），或其名称的一部分。",
        "市场监督管理局",
    ),
    _parameter("level", "Level of government that handles it.", "行使层级代码。", "4"),
    _parameter(
        "online",
        "Whether it is handled online.",
        "是否网办。",
        "true",
        {"type": "string", "enum": ["true", "false"]},
    ),
    _parameter(
        "at",
        "Only what is published at this instant: of each code, the newest version then in force.",
        "仅返回该时刻已发布的事项：每个编码在该时刻有效的最新版本。",
        "2026-11-02T08:30:00Z",
        {"type": "string", "format": "date-time"},
    ),
    _parameter(
        "kind",
        "Service items, or base items.",
        "实施清单事项，或基本目录事项。",
        "service-item",
        {"type": "string", "enum": ["service-item", "base-item"], "default": "service-item"},
    ),
    _parameter(
        "after",
        "Where the page before ended; taken from its Link header.",
        "上一页结束处，取自 Link 响应头。",
        "1024",
        {"type": "integer", "minimum": 0},
    ),
)
