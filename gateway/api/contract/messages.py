"""The JSON messages of the interface as JSON Schemas (2020-12), by name; OpenAPI lists them as components."""

from typing import Any, Final

from gateway.api.contract.adapter_messages import ADAPTER_MESSAGES
from gateway.api.contract.operation import Schema
from gateway.core.audit.entry import EntryKind, Outcome
from gateway.core.casework.lifecycle import State
from gateway.core.cloudevent import BATCH_LIMIT
from gateway.core.model import DeliveryState


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

_EXCHANGE: Final = _text("The exchange id the sender chose, a UUIDv7.", "交换编号")
_NUMBER: Final = _text("Collaboration number, used by all sides.", "业务协同编号", minLength=1)
_RECEIPT: Final = _text("Signed receipt: a compact JWS, typ exchange-receipt+jwt.", "签名回执", minLength=1)
_REGION: Final = _text("Division code, 12 digits.", "行政区划代码", pattern="^[0-9]{12}$")
_TIME: Final = {"type": "string", "format": "date-time"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_HASH: Final = _text("SHA-256 in base64.", "散列值", pattern="^[A-Za-z0-9+/]{43}=$")

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

_ACCEPTED: Final = _record({"exchange": _EXCHANGE, "number": _NUMBER, "receipt": _RECEIPT})

_BATCH_RESULTS: Final = _record(
    {
        "results": _list(
            {
                "oneOf": [
                    _record({"exchange": _EXCHANGE, "receipt": _RECEIPT}),
                    _record({"exchange": _EXCHANGE, "problem": ref("Problem")}),
                ]
            },
            minItems=1,
            maxItems=BATCH_LIMIT,
            description="One result for each exchange, in the order sent.",
        )
    }
)

_CLOUD_EVENT: Final = {
    "type": "object",
    "description": "One exchange as CloudEvents 1.0 in JSON; its bytes are kept, so they are never written anew.",
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {**UUID7, "title": "交换编号", "description": "The exchange id, the same on every retry and hop."},
        "source": _text("Id of the sending gateway.", "来源网关"),
        "type": _text("What happened.", "类型", pattern="^cn\\.tongban\\.[a-z_.]+\\.v1$"),
        "subject": _NUMBER,
        "time": _TIME,
        "datacontenttype": {"const": "application/json"},
        "dataschema": _text("URI of the canonical form of `data`.", "数据结构", format="uri"),
        "data": {"type": "object", "title": "规范报文", "description": "Canonical application or event."},
        "adapter": _text("Adapter that made `data`.", "适配器"),
        "adapterversion": _text("Its version.", "适配器版本"),
        "mappingdigest": _text("Digest of its mapping (RFC 9530).", "映射摘要"),
        "sourcedigest": _text("Digest of the original bytes (RFC 9530).", "原始报文摘要"),
        "resultdigest": _text("Digest of the canonical bytes (RFC 9530).", "规范报文摘要"),
        "origintoken": _text("Token under which the original bytes were first signed.", "原始令牌"),
    },
    "required": ["specversion", "id", "source", "type", "subject", "time", "dataschema", "data"],
}

_APPLICATION: Final = _record(
    {
        "number": _NUMBER,
        "exchange": {**_EXCHANGE, "description": "The exchange that began it."},
        "state": {"enum": list(State), "title": "办件状态"},
        "mode": _text("Handling mode.", "办理模式"),
        "item": _record({"code": _text("Item code.", "事项编码"), "name": _text("Item name.", "事项名称")}),
        "collecting_region": _REGION,
        "handling_region": _REGION,
        "source": _text("Partner it came from.", "来源方"),
        "target": _text("Partner it went to.", "去向方"),
        "created_at": _TIME,
        "updated_at": _TIME,
        "history": _list(
            _record(
                {
                    "exchange": _EXCHANGE,
                    "kind": _text("application.submitted or event.<type>.", "类型"),
                    "sender": _text("Partner that sent it.", "发送方"),
                    "digest": _text("RFC 9530 digest of the bytes.", "摘要"),
                    "received_at": _TIME,
                }
            ),
            title="交换记录",
        ),
        "deliveries": _list(
            _record(
                {
                    "exchange": _EXCHANGE,
                    "kind": _text("application.submitted or event.<type>.", "类型"),
                    "destination": _text("Partner it goes to.", "接收方"),
                    "state": {"enum": list(DeliveryState), "title": "投递状态"},
                    "attempts": {"type": "integer", "minimum": 0, "title": "尝试次数"},
                    "code": _text(
                        "Why the last attempt failed or its rows were rejected; empty where neither.", "失败代码"
                    ),
                    "rejected": {
                        "type": "boolean",
                        "title": "是否被退回",
                        "description": "Whether the receiver, once it had the rows, rejected one of them.",
                    },
                    "faults": _list(ref("Fault"), title="错误", description="What exactly the receiver found wrong."),
                }
            ),
            title="投递",
        ),
    }
)

_ITEM: Final = {
    "code": _text("Item code.", "事项编码"),
    "region": _text("Division code.", "行政区划代码"),
    "name": _text("Name.", "事项名称"),
    "status": _text("Code of the list item-status.", "事项状态"),
    "version": {"type": "integer", "minimum": 0, "title": "版本"},
    "effective_from": {**_TIME, "type": ["string", "null"], "title": "生效时间"},
    "effective_to": {**_TIME, "type": ["string", "null"], "title": "失效时间"},
    "digest": _text("RFC 9530 digest of the canonical document.", "摘要"),
    "quarantine": _list({"type": "string"}, title="存疑代码", description="What is known to be wrong with it."),
    "document": {"type": "object", "title": "规范事项", "description": "Canonical service item."},
}

_ITEM_PAGE: Final = _record({"items": _list(_record(_ITEM))})

_PUBLICATION: Final = _text(
    "The owner's signed word: a compact JWS, typ item-publication+jwt.", "发布签名", minLength=1
)

_CHANGED_ITEMS: Final = _record(
    {
        "items": _list(_record({**_ITEM, "publication": _PUBLICATION})),
        "epoch": _text("Names the store that counts the changes.", "变更计数标识"),
        "cursor": _text("Where the next page begins.", "游标"),
        "complete": {"type": "boolean", "title": "已到末尾", "description": "Whether nothing changed after."},
    }
)

_ENTRY_PAGE: Final = _record(
    {
        "entries": _list(
            _record(
                {
                    "index": _COUNT,
                    "leaf_hash": _HASH,
                    "entry": {
                        "type": "object",
                        "title": "日志条目",
                        "description": "The leaf: its canonical bytes are what leaf_hash is over. No personal data.",
                        "required": ["id", "kind", "outcome"],
                        "properties": {"kind": {"enum": list(EntryKind)}, "outcome": {"enum": list(Outcome)}},
                    },
                }
            )
        )
    }
)

_INCLUSION: Final = _record(
    {
        "index": _COUNT,
        "leaf_hash": _HASH,
        "size": {**_COUNT, "description": "Size of the tree that the proof leads to."},
        "root": _HASH,
        "proof": _list(_HASH, title="证明路径", description="RFC 9162 2.1.3.1, sibling of the leaf first."),
        "checkpoint": _text("The signed note over size and root.", "检查点"),
    }
)

_CONSISTENCY: Final = _record(
    {
        "from": _COUNT,
        "to": _COUNT,
        "proof": _list(_HASH, title="一致性证明", description="RFC 9162 2.1.4.1."),
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
    **ADAPTER_MESSAGES,
    "Accepted": _ACCEPTED,
    "Application": _APPLICATION,
    "BatchResults": _BATCH_RESULTS,
    "CloudEvent": _CLOUD_EVENT,
    "ConsistencyProof": _CONSISTENCY,
    "ChangedItems": _CHANGED_ITEMS,
    "EntryPage": _ENTRY_PAGE,
    "Fault": _FAULT,
    "Health": _HEALTH,
    "InclusionProof": _INCLUSION,
    "ItemPage": _ITEM_PAGE,
    "Jwks": _JWKS,
    "Problem": _PROBLEM,
    "Readiness": _READINESS,
}
