"""The messages about versions of adapters, as JSON Schemas."""

from typing import Any, Final

from gateway.api.contract.operation import Schema
from gateway.core.conversion.versions import Origin, Step, VersionState

_TIME: Final = {"type": "string", "format": "date-time"}
_TEXT: Final = {"type": "string"}
_CONTENT: Final = {
    "oneOf": [
        {"type": "string", "title": "UTF-8 文本"},
        {
            "type": "object",
            "properties": {"base64": {"type": "string", "contentEncoding": "base64"}},
            "required": ["base64"],
            "additionalProperties": False,
        },
    ]
}
_REPORT: Final = {
    "type": "object",
    "title": "检查报告",
    "description": "Conformance report: examples, generated documents, coverage, collisions, codes without partner.",
    "required": ["passed"],
}


def _record(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


_VERSION: Final = {
    "layout": {**_TEXT, "title": "格式"},
    "version": {**_TEXT, "title": "版本"},
    "state": {"enum": list(VersionState), "title": "状态"},
    "passed": {"type": "boolean", "title": "检查是否通过"},
    "origin": {"enum": list(Origin), "title": "来源"},
    "digest": {**_TEXT, "title": "摘要", "description": "RFC 9530 digest over the listing of its files."},
    "put_at": {**_TIME, "title": "留存时间"},
    "put_by": {**_TEXT, "title": "留存者"},
}
_HISTORY: Final = _record({"step": {"enum": list(Step)}, "version": _TEXT, "at": _TIME, "by": _TEXT})

ADAPTER_MESSAGES: Final[dict[str, Schema]] = {
    "AdapterUpload": _record(
        {"files": {"type": "object", "title": "文件", "additionalProperties": _CONTENT, "maxProperties": 500}}
    ),
    "AdapterFiles": _record(
        {"files": {"type": "object", "title": "文件", "additionalProperties": _CONTENT["oneOf"][1]}}
    ),
    "AdapterVersion": _record(_VERSION),
    "AdapterVersions": _record(
        {"versions": {"type": "array", "items": {"$ref": "#/components/schemas/AdapterVersion"}}}
    ),
    "UploadedAdapter": _record({**_VERSION, "report": _REPORT}),
    "ShownAdapter": _record(
        {
            **_VERSION,
            "report": _REPORT,
            "history": {"type": "array", "items": _HISTORY, "title": "启用历史"},
            "standing": {
                "type": "array",
                "items": _TEXT,
                "title": "可回退版本",
                "description": "Versions that a roll back goes through, the one in service last; empty text for none.",
            },
        }
    ),
    "AdapterChanges": _record(
        {
            "old": _TEXT,
            "new": _TEXT,
            "rows": {"type": "array", "items": {"type": "object"}, "title": "映射行"},
            "codes": {"type": "array", "items": {"type": "object"}, "title": "代码"},
            "files": {"type": "array", "items": {"type": "array", "items": _TEXT}, "title": "文件"},
        }
    ),
}
