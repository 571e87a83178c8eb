"""What partners call: regional systems in their own format, gateways in canonical form."""

from typing import Final

from gateway.api.contract.messages import ref
from gateway.api.contract.operation import Answer, Media, Operation, Parameter, Text
from gateway.api.contract.search import SEARCH
from gateway.api.contract.steps import APPLICATION, BATCH, CONVERT, EVENT, QUERY, READ, SIGNED
from gateway.core.cloudevent import CloudEvent

_EXCHANGE_ID: Final = "019a40b2-6e1f-7a52-9c3e-5b8d1f0a2c47"
_NUMBER_EXAMPLE: Final = "420300-1B7XD-9T73YR"
_PUBLICATION_EXAMPLE: Final = "eyJhbGciOiJFZERTQSIsInR5cCI6Iml0ZW0tcHVibGljYXRpb24rand0In0.eyJ2ZXJzaW9uIjoxfQ.c2ln"
_RECEIPT_EXAMPLE: Final = "eyJhbGciOiJFZERTQSIsInR5cCI6ImV4Y2hhbmdlLXJlY2VpcHQrand0In0.eyJpc3MiOiI0MjAzMDAuZ3cifQ.c2ln"

_NUMBER: Final = Parameter(
    name="number",
    place="path",
    required=True,
    about=Text(
        en="The collaboration number, as the receipt's `subject` says it.", zh="业务协同编号，即回执中的 `subject`。"
    ),
    schema={"type": "string"},
    example=_NUMBER_EXAMPLE,
)

_OWN_FORMAT: Final = (
    Media(type="application/json"),
    Media(type="application/xml"),
    Media(type="text/xml"),
    Media(type="application/soap+xml"),
    Media(type="application/x-www-form-urlencoded"),
    Media(type="text/csv"),
    Media(type="text/tab-separated-values"),
)

_ACCEPTED: Final = Answer(
    status=202,
    about=Text(
        en="Taken: everything the receipt promises is durable. A repeat gets these very bytes again.",
        zh="已接收：回执所承诺的内容均已落盘。重复发送将逐字节得到相同应答。",
    ),
    media=(
        Media(
            type="application/json",
            schema=ref("Accepted"),
            example={"exchange": _EXCHANGE_ID, "number": _NUMBER_EXAMPLE, "receipt": _RECEIPT_EXAMPLE},
        ),
    ),
)

_SUBMIT: Final = Operation(
    id="submitApplication",
    method="POST",
    path="/federation/v1/applications",
    group="federation",
    title=Text(en="Submit an application", zh="提交办件"),
    about=Text(
        en="Send the application in your own layout, byte for byte as your system writes it; the adapter registered "
        "for "
        "you reads it (examples: `adapters/<layout>/examples/`). It is checked whole, and every fault is told at once. "
        "Once taken, it is relayed to the handling region by itself.",
        zh="按本系统自有格式原样发送办件，由登记的适配器读取（示例见 `adapters/<layout>/examples/`）。"
        "网关整体校验并一次性告知全部"
        "错误；接收后自动转递至办理地。",
    ),
    body=_OWN_FORMAT,
    answers=(_ACCEPTED,),
    codes=(*SIGNED, *CONVERT, *APPLICATION),
)

_REPORT: Final = Operation(
    id="reportEvent",
    method="POST",
    path="/federation/v1/applications/{number}/events",
    group="federation",
    title=Text(en="Report an event", zh="上报办件事件"),
    about=Text(
        en="Say what happened to an application (accepted, notice, decided, …) in your own layout. The other side gets "
        "it in its own; events of one application arrive in the order they were taken here.",
        zh="按自有格式上报办件进展（受理、补正、办结等），对方以其自有格式收到；同一办件的事件按接收顺序送达。",
    ),
    parameters=(_NUMBER,),
    body=_OWN_FORMAT,
    answers=(_ACCEPTED,),
    codes=(*SIGNED, *CONVERT, *EVENT),
)

_READ: Final = Operation(
    id="readApplication",
    method="GET",
    path="/federation/v1/applications/{number}",
    group="federation",
    title=Text(en="Read where an application stands", zh="查询办件状态"),
    about=Text(
        en="State, what crossed and what is still under way, for the parties of the application; to anybody else it "
        "does "
        "not exist. Holds ids, codes and times, never content.",
        zh="返回办件状态、交换记录与在途投递，仅办件相关方可见，其他方一律视为不存在。只含编号、代码与时间，"
        "不含办件内容。",
    ),
    parameters=(_NUMBER,),
    answers=(
        Answer(
            status=200,
            about=Text(en="Where it stands.", zh="办件状态。"),
            media=(
                Media(
                    type="application/json",
                    schema=ref("Application"),
                    example={
                        "number": _NUMBER_EXAMPLE,
                        "exchange": _EXCHANGE_ID,
                        "state": "accepted",
                        "mode": "online",
                        "item": {"code": "11610900MB2957XXXX4610114010000", "name": "养老保险关系转移接续"},
                        "collecting_region": "420300000000",
                        "handling_region": "610900000000",
                        "source": "shiyan-portal",
                        "target": "ankang-gateway",
                        "created_at": "2026-11-02T08:30:00.000Z",
                        "updated_at": "2026-11-02T08:31:12.345Z",
                        "history": [
                            {
                                "exchange": _EXCHANGE_ID,
                                "kind": "application.submitted",
                                "sender": "shiyan-portal",
                                "digest": "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
                                "received_at": "2026-11-02T08:30:00.000Z",
                            }
                        ],
                        "deliveries": [
                            {
                                "exchange": _EXCHANGE_ID,
                                "kind": "application.submitted",
                                "destination": "ankang-gateway",
                                "state": "settled",
                                "attempts": 1,
                                "code": "",
                                "rejected": False,
                                "faults": [],
                            }
                        ],
                    },
                ),
            ),
        ),
    ),
    codes=(*SIGNED, "number_unknown"),
)

_EVENT_EXAMPLE: Final = {
    "specversion": "1.0",
    "id": _EXCHANGE_ID,
    "source": "ankang-gateway",
    "type": "cn.tongban.event.accepted.v1",
    "subject": _NUMBER_EXAMPLE,
    "time": "2026-11-02T08:31:12.345Z",
    "datacontenttype": "application/json",
    "dataschema": "https://tongban.cn/schemas/canonical/v1/event",
    "data": {"type": "accepted", "…": "the canonical event, see schemas/canonical/v1"},
}

_RELAY: Final = Operation(
    id="relayExchanges",
    method="POST",
    path="/federation/v1/exchanges",
    group="federation",
    title=Text(en="Relay exchanges, gateway to gateway", zh="网关间转递"),
    about=Text(
        en="One exchange as a CloudEvent, or 1 to 32 in a batch under one token. Each of a batch is taken or refused "
        "on "
        "its own, and answered in the order sent.",
        zh="以 CloudEvents 传送单条，或以一个令牌批量传送 1 至 32 条。批量中逐条独立接收或拒绝，按发送顺序应答。",
    ),
    body=(
        Media(type=CloudEvent.MEDIA_TYPE, schema=ref("CloudEvent"), example=_EVENT_EXAMPLE),
        Media(
            type=CloudEvent.BATCH_MEDIA_TYPE,
            schema={"type": "array", "items": ref("CloudEvent"), "minItems": 1, "maxItems": 32},
        ),
    ),
    answers=(
        _ACCEPTED,
        Answer(
            status=200,
            about=Text(en="The results of a batch.", zh="批量处理结果。"),
            media=(
                Media(
                    type="application/json",
                    schema=ref("BatchResults"),
                    example={"results": [{"exchange": _EXCHANGE_ID, "receipt": _RECEIPT_EXAMPLE}]},
                ),
            ),
        ),
    ),
    codes=(*SIGNED, *READ, *BATCH, *APPLICATION, *EVENT[1:]),
)

_ITEM_EXAMPLE: Final = {
    "code": "11610900MB2957XXXX4610114010000",
    "region": "610900000000",
    "name": "养老保险关系转移接续",
    "status": "in-use",
    "version": 1,
    "effective_from": "2026-01-01T00:00:00.000Z",
    "effective_to": None,
    "digest": "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
    "quarantine": [],
    "document": {"…": "the canonical service item, see schemas/canonical/v1"},
}

_ITEMS: Final = Operation(
    id="listItems",
    method="GET",
    path="/federation/v1/items",
    group="federation",
    title=Text(en="List service items", zh="查询事项清单"),
    about=Text(
        en="Item versions that are asked for, in the order in which they first came here: every one, or what is "
        "published at an instant. Follow the Link header until there is none: a page can be short and not the last, "
        "and pages stay right while items are added.",
        zh="按首次收录顺序返回符合条件的事项版本：全部版本，或某一时刻已发布的版本。"
        "沿 Link 响应头逐页读取直至没有下一页；一页可能不满而后面仍有内容，翻页期间新增事项不影响结果。",
    ),
    parameters=(
        *SEARCH,
        Parameter(
            name="limit",
            place="query",
            about=Text(en="Items a page, at most 100.", zh="每页条数，至多 100。"),
            schema={"type": "integer", "minimum": 1, "maximum": 100, "default": 100},
            example="100",
        ),
    ),
    answers=(
        Answer(
            status=200,
            about=Text(en="A page of items.", zh="一页事项。"),
            headers={
                "Link": Text(en="RFC 8288: where the next page is, rel=next.", zh="RFC 8288：下一页地址，rel=next。")
            },
            media=(
                Media(
                    type="application/json",
                    schema=ref("ItemPage"),
                    example={"items": [_ITEM_EXAMPLE]},
                ),
            ),
        ),
    ),
    codes=(*SIGNED, *QUERY),
)

_CHANGES: Final = Operation(
    id="listChangedItems",
    method="GET",
    path="/federation/v1/items/changes",
    group="federation",
    title=Text(en="Follow the changes of service items", zh="事项变更流"),
    about=Text(
        en="This gateway's own items in the order in which they last changed, each under its signed word: the "
        "feed that partners copy. An item stands once, at its last change. A cursor of another epoch begins anew.",
        zh="按最近变更顺序返回本网关自有事项，逐条附发布签名，供合作方镜像。每条事项仅出现一次；计数标识不同的游标从头开始。",
    ),
    parameters=(
        Parameter(
            name="since",
            place="query",
            about=Text(
                en="0, the default, to begin; then the cursor of the page before.",
                zh="从 0 开始，其后取上一页的 cursor。",
            ),
            schema={"type": "string"},
            example="0",
        ),
        Parameter(
            name="limit",
            place="query",
            about=Text(
                en="Items a page, at most 100; fewer where they are long.", zh="每页条数，至多 100；事项较长时更少。"
            ),
            schema={"type": "integer", "minimum": 1, "maximum": 100, "default": 100},
            example="100",
        ),
    ),
    answers=(
        Answer(
            status=200,
            about=Text(en="A page of changed items.", zh="一页变更事项。"),
            media=(
                Media(
                    type="application/json",
                    schema=ref("ChangedItems"),
                    example={
                        "items": [{**_ITEM_EXAMPLE, "publication": _PUBLICATION_EXAMPLE}],
                        "epoch": "5f0c9a71d2b34e88",
                        "cursor": "5f0c9a71d2b34e88-1204",
                        "complete": True,
                    },
                ),
            ),
        ),
    ),
    codes=(*SIGNED, *QUERY),
)

FEDERATION: Final = (_SUBMIT, _REPORT, _READ, _RELAY, _ITEMS, _CHANGES)
