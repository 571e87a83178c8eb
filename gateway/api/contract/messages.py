"""The JSON messages of the interface as JSON Schemas (2020-12), by name; OpenAPI lists them as components."""

from typing import Any, Final

from gateway.api.contract.operation import Schema


def ref(name: str) -> Schema:
    """Return a reference to a message by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def _text(en: str, zh: str, **more: object) -> dict[str, Any]:
    return {"type": "string", "title": zh, "description": en, **more}


def _record(properties: dict[str, Any], *, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _list(items: Schema, **more: object) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


UUID7: Final = {
    "type": "string",
    "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
}

_FAULT: Final = _record(
    {
        "pointer": _text("RFC 6901 JSON Pointer into the document as sent; empty for the whole.", "位置"),
        "code": _text("Stable code.", "代码", pattern="^[a-z][a-z0-9_]*$"),
        "message": _text("What is wrong, in English.", "英文说明"),
        "message_zh": _text("What is wrong, in Chinese.", "中文说明"),
        "expected": _text("What would have been right.", "应为"),
        "got": _text("What came, where it cannot be personal.", "实际"),
    },
    optional=("got",),
)

_PROBLEM: Final = _record(
    {
        "type": _text("URI of the kind of problem; ends in the code.", "问题类型", format="uri"),
        "title": _text("The code in words.", "英文标题"),
        "title_zh": _text("The code in words, in Chinese.", "中文标题"),
        "status": {"type": "integer", "minimum": 400, "maximum": 599, "title": "状态码"},
        "detail": _text("What to change, or whether to repeat.", "详情"),
        "code": _text("Stable code.", "代码", pattern="^[a-z][a-z0-9_]*$"),
        "diagnostic": {**UUID7, "title": "诊断编号", "description": "Under this id the operator finds the rest."},
        "errors": _list(ref("Fault"), title="全部错误", description="Every fault found, not only the first."),
    }
)

_JWKS: Final = _record(
    {
        "keys": _list(
            {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("kty", "kid", "alg", "use", "crv", "x", "y")},
                "required": ["kty", "kid", "alg", "use"],
            },
            minItems=1,
        )
    }
)

_HEALTH: Final = _record({"status": {"const": "alive"}})

_READINESS: Final = _record(
    {
        "status": {"enum": ["ready", "not_ready"]},
        "checks": _list(
            _record(
                {
                    "name": _text("What was checked.", "检查项"),
                    "ok": {"type": "boolean", "title": "是否正常"},
                    "code": _text("Why not.", "原因代码"),
                },
                optional=("code",),
            )
        ),
    }
)

MESSAGES: Final[dict[str, Schema]] = {
    "Fault": _FAULT,
    "Health": _HEALTH,
    "Jwks": _JWKS,
    "Problem": _PROBLEM,
    "Readiness": _READINESS,
}
