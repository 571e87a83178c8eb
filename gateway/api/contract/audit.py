"""What auditors call; proofs, checkpoints and hashes need no token, for they name nobody."""

from typing import Final

from gateway.api.contract.messages import ref
from gateway.api.contract.operation import Answer, Media, Operation, Parameter, Text
from gateway.api.contract.steps import EVERY, QUERY, SIGNED, STORE

_HASH_EXAMPLE: Final = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
_NOTE_EXAMPLE: Final = f"ankang.example/log\n1\n{_HASH_EXAMPLE}\n\n— ankang.example/log 5ZpLkQ…\n"


def _filter(name: str, en: str, zh: str, example: str, **schema: str) -> Parameter:
    return Parameter(
        name=name, place="query", about=Text(en=en, zh=zh), schema={"type": "string", **schema}, example=example
    )


def _size(name: str, en: str, zh: str, example: str, *, required: bool = False) -> Parameter:
    schema = {"type": "integer", "minimum": 0}
    return Parameter(
        name=name, place="query", about=Text(en=en, zh=zh), schema=schema, example=example, required=required
    )


_ENTRIES: Final = Operation(
    id="searchEntries",
    method="GET",
    path="/audit/v1/entries",
    group="audit",
    title=Text(en="Search the log", zh="检索日志"),
    about=Text(
        en="Who exchanged what, when, and with which result, newest first; refused and failed exchanges too. No entry "
        "holds personal data. The search itself becomes an entry before it is answered. For auditors.",
        zh="按时间倒序返回交换各方、时间与结果，包括被拒绝与失败的交换；条目不含个人信息。"
        "检索行为本身先写入日志再应答。仅限审计方。",
    ),
    parameters=(
        _filter("kind", "Kind of entry.", "条目类型。", "exchange_received"),
        _filter("outcome", "accepted, refused or failed.", "结果。", "refused"),
        _filter("exchange", "Exchange id.", "交换编号。", "019a40b2-6e1f-7a52-9c3e-5b8d1f0a2c47"),
        _filter("number", "Collaboration number.", "业务协同编号。", "420300-1B7XD-9T73YR"),
        _filter("partner", "Partner id, as source or destination.", "合作方标识（来源或去向）。", "shiyan-portal"),
        _filter("item_code", "Item code.", "事项编码。", "11610900MB2957XXXX4610114010000"),
        _filter(
            "since",
            "From this instant on (RFC 3339).",
            "起始时间（RFC 3339）。",
            "2026-11-02T00:00:00Z",
            format="date-time",
        ),
        _filter(
            "until",
            "Before this instant (RFC 3339).",
            "截止时间（RFC 3339）。",
            "2026-11-03T00:00:00Z",
            format="date-time",
        ),
        _size(
            "before",
            "Entries below this index; taken from the Link header.",
            "序号小于此值，取自 Link 响应头。",
            "4711",
        ),
        Parameter(
            name="limit",
            place="query",
            about=Text(en="Entries a page, at most 100.", zh="每页条数，至多 100。"),
            schema={"type": "integer", "minimum": 1, "maximum": 100, "default": 100},
            example="100",
        ),
    ),
    answers=(
        Answer(
            status=200,
            about=Text(en="A page of entries.", zh="一页条目。"),
            headers={
                "Link": Text(en="RFC 8288: where the next page is, rel=next.", zh="RFC 8288：下一页地址，rel=next。")
            },
            media=(
                Media(
                    type="application/json",
                    schema=ref("EntryPage"),
                    example={
                        "entries": [
                            {
                                "index": 4710,
                                "leaf_hash": _HASH_EXAMPLE,
                                "entry": {
                                    "id": "019a40b2-7001-7c11-8a55-2f6d0e9b4c13",
                                    "kind": "exchange_refused",
                                    "outcome": "refused",
                                    "code": "token_expired",
                                },
                            }
                        ]
                    },
                ),
            ),
        ),
    ),
    codes=(*SIGNED, *QUERY),
)

_INCLUSION: Final = Operation(
    id="proveInclusion",
    method="GET",
    path="/audit/v1/entries/{index}/proof",
    group="audit",
    signed=False,
    title=Text(en="Prove that an entry is in the log", zh="条目存在性证明"),
    about=Text(
        en="An RFC 9162 inclusion proof towards a signed checkpoint: of `size`, or the newest. The entry itself is not "
        "shown, only its hash.",
        zh="依据 RFC 9162，给出条目在已签名检查点中的存在性证明；检查点为 `size` 所指或最新。只返回条目散列值，"
        "不返回条目内容。",
    ),
    parameters=(
        Parameter(
            name="index",
            place="path",
            required=True,
            about=Text(en="Where the entry stands.", zh="条目序号。"),
            schema={"type": "integer", "minimum": 0},
            example="0",
        ),
        _size("size", "Size of a released checkpoint.", "已发布检查点的规模。", "1"),
    ),
    answers=(
        Answer(
            status=200,
            about=Text(en="The proof.", zh="证明。"),
            media=(
                Media(
                    type="application/json",
                    schema=ref("InclusionProof"),
                    example={
                        "index": 0,
                        "leaf_hash": _HASH_EXAMPLE,
                        "size": 1,
                        "root": _HASH_EXAMPLE,
                        "proof": [],
                        "checkpoint": _NOTE_EXAMPLE,
                    },
                ),
            ),
        ),
    ),
    codes=(*EVERY, *STORE, *QUERY, "path_unknown", "entry_unknown", "checkpoint_unknown", "proof_invalid"),
)

_CONSISTENCY: Final = Operation(
    id="proveConsistency",
    method="GET",
    path="/audit/v1/consistency",
    group="audit",
    signed=False,
    title=Text(en="Prove that the log only grew", zh="一致性证明"),
    about=Text(
        en="An RFC 9162 proof that the tree of `to` entries begins with that of `from`. Ask with two checkpoints you "
        "hold: if the proof fails, history was rewritten.",
        zh="依据 RFC 9162，证明规模为 `to` 的日志以规模为 `from` 的日志开头。请用手中的两个检查点核验；"
        "验证失败即说明历史被改写。",
    ),
    parameters=(
        _size("from", "The earlier size.", "较早的规模。", "1", required=True),
        _size("to", "The later size.", "较晚的规模。", "2", required=True),
    ),
    answers=(
        Answer(
            status=200,
            about=Text(en="The proof.", zh="证明。"),
            media=(
                Media(
                    type="application/json",
                    schema=ref("ConsistencyProof"),
                    example={"from": 1, "to": 2, "proof": [_HASH_EXAMPLE]},
                ),
            ),
        ),
    ),
    codes=(*EVERY, *STORE, *QUERY, "tree_size_unknown", "proof_invalid"),
)

_CHECKPOINT: Final = Operation(
    id="readCheckpoint",
    method="GET",
    path="/audit/v1/checkpoint",
    group="audit",
    signed=False,
    title=Text(en="Read the newest checkpoint", zh="最新检查点"),
    about=Text(
        en="Size and root of the log as a C2SP signed note (tlog-checkpoint). Keep it: with it nobody can rewrite what "
        "came before, unseen.",
        zh="以 C2SP 签名附注（tlog-checkpoint）给出日志规模与根。请妥善保存：此前的历史便无法被悄然改写。",
    ),
    answers=(
        Answer(
            status=200,
            about=Text(en="The signed note.", zh="签名附注。"),
            media=(Media(type="text/plain", example=_NOTE_EXAMPLE),),
        ),
    ),
    codes=(*EVERY, *STORE),
)

_TILE: Final = Operation(
    id="readTile",
    method="GET",
    path="/audit/v1/tile/{path}",
    group="audit",
    signed=False,
    title=Text(en="Read a tile", zh="读取瓦片"),
    about=Text(
        en="The log as C2SP tlog-tiles: `<level>/<index>[.p/<width>]` for hashes, open to all; and "
        "`entries/<index>[.p/<width>]` for the entries themselves, with an auditor's Exchange-Token. A full tile never "
        "changes, so it may be kept for ever.",
        zh="以 C2SP tlog-tiles 形式提供日志：`<level>/<index>[.p/<width>]` 为散列值，公开；"
        "`entries/<index>[.p/<width>]` 为条目"
        "内容，须携带审计方 Exchange-Token。完整瓦片永不改变，可永久缓存。",
    ),
    parameters=(
        Parameter(
            name="path",
            place="path",
            required=True,
            about=Text(en="The tile's path; it holds slashes.", zh="瓦片路径，含斜杠。"),
            schema={"type": "string"},
            example="0/000",
        ),
    ),
    answers=(
        Answer(
            status=200,
            about=Text(
                en="Hashes of 32 bytes one after another, or entries each behind its length as a big-endian uint16.",
                zh="连续的 32 字节散列值，或以大端 uint16 长度为前缀的条目。",
            ),
            media=(Media(type="application/octet-stream"),),
            headers={"Cache-Control": Text(en="immutable for a full tile of hashes.", zh="完整散列瓦片为 immutable。")},
        ),
    ),
    codes=(*SIGNED, "not_found", "tile_unknown"),
)

AUDIT: Final = (_ENTRIES, _INCLUSION, _CONSISTENCY, _CHECKPOINT, _TILE)
