"""What operators call; auditors may read."""

from typing import Final

from gateway.api.contract.messages import ref
from gateway.api.contract.operation import Answer, Media, Operation, Parameter, Text
from gateway.api.contract.steps import JUDGE, QUERY, SIGNED, STEP

_PATH: Final = "/operations/v1/adapters"

_LAYOUT: Final = Parameter(
    name="layout",
    place="path",
    required=True,
    about=Text(en="Name of the layout.", zh="格式名称。"),
    schema={"type": "string"},
    example="national",
)
_VERSION: Final = Parameter(
    name="version",
    place="path",
    required=True,
    about=Text(en="A version of it.", zh="版本号。"),
    schema={"type": "string"},
    example="1.0.0",
)

VERSION_EXAMPLE: Final = {
    "layout": "henan",
    "version": "1.1.0",
    "state": "checked",
    "passed": True,
    "origin": "uploaded",
    "digest": "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
    "put_at": "2026-11-02T08:30:00.000Z",
    "put_by": "operator.shiyan",
}


def _json(schema: str, example: object = None) -> tuple[Media, ...]:
    return (Media(type="application/json", schema=ref(schema), example=example),)


def _version_answer(en: str, zh: str) -> tuple[Answer, ...]:
    return (
        Answer(
            status=200, about=Text(en=en, zh=zh), media=_json("AdapterVersion", VERSION_EXAMPLE | {"state": "active"})
        ),
    )


def _step(name: str, path: str, title: Text, about: Text, codes: tuple[str, ...]) -> Operation:
    parameters = (_LAYOUT, _VERSION) if "{version}" in path else (_LAYOUT,)
    return Operation(
        id=name,
        method="POST",
        path=_PATH + path,
        group="operations",
        title=title,
        about=about,
        parameters=parameters,
        answers=_version_answer("The version as it is now.", "版本当前状态。"),
        codes=(*SIGNED, *STEP, *codes),
    )


def _reading(name: str, path: str, told: tuple[Text, Text], answer: Answer, codes: tuple[str, ...]) -> Operation:
    return Operation(
        id=name,
        method="GET",
        path=_PATH + path,
        group="operations",
        title=told[0],
        about=told[1],
        parameters=(_LAYOUT, _VERSION, *_SINCE) if path.endswith("/changes") else (_LAYOUT, _VERSION),
        answers=(answer,),
        codes=(*SIGNED, *codes, "path_unknown", "adapter_version_unknown"),
    )


_SINCE: Final = (
    Parameter(
        name="since",
        place="query",
        required=True,
        about=Text(en="The version to compare with.", zh="用于比较的版本。"),
        schema={"type": "string"},
        example="1.0.0",
    ),
)

_UPLOAD: Final = Operation(
    id="uploadAdapter",
    method="POST",
    path=_PATH,
    group="operations",
    title=Text(en="Upload an adapter", zh="上传适配器"),
    about=Text(
        en="The files of an adapter by path: text as it is, anything else as base64. They are judged in a process of "
        "their own, within limits of time and memory. What holds becomes a checked version, what can be read but does "
        "not hold a draft; what cannot be loaded is refused with every reason, by file and row. A version never "
        "changes. For operators.",
        zh="按路径提交适配器文件：文本原样，其他内容用 base64。检查在限时限内存的独立进程中进行：通过者成为待启用版本，"
        "可读但未通过者成为草稿，无法载入者连同每一处原因（文件与行）一并拒绝。版本内容不可更改。仅限运维方。",
    ),
    body=(
        Media(
            type="application/json",
            schema=ref("AdapterUpload"),
            example={"files": {"adapter.toml": 'name = "henan"\n', "README.txt": {"base64": "5rKz5Y2X"}}},
        ),
    ),
    answers=(
        Answer(
            status=201,
            about=Text(en="Kept, with its report.", zh="已留存，附检查报告。"),
            media=_json("UploadedAdapter", {**VERSION_EXAMPLE, "report": {"passed": True}}),
        ),
        Answer(
            status=200,
            about=Text(en="It was kept before; nothing changed but a draft that passes now.", zh="此前已留存。"),
            media=_json("UploadedAdapter", {**VERSION_EXAMPLE, "report": {"passed": True}}),
        ),
    ),
    codes=(*SIGNED, *JUDGE, "upload_malformed", "adapter_version_exists"),
)

_LIST: Final = Operation(
    id="listAdapters",
    method="GET",
    path=_PATH,
    group="operations",
    title=Text(en="List the versions of adapters", zh="列出适配器版本"),
    about=Text(
        en="Every version that was ever kept, by layout, in the order in which they came. For operators and auditors.",
        zh="按格式列出全部版本，以留存先后为序。限运维方与审计方。",
    ),
    parameters=(
        Parameter(
            name="layout",
            place="query",
            about=Text(en="Only of this layout.", zh="仅此格式。"),
            schema={"type": "string"},
            example="national",
        ),
    ),
    answers=(
        Answer(
            status=200,
            about=Text(en="The versions.", zh="版本列表。"),
            media=_json("AdapterVersions", {"versions": [VERSION_EXAMPLE]}),
        ),
    ),
    codes=(*SIGNED, *QUERY),
)

_READ: Final = _reading(
    "readAdapter",
    "/{layout}/{version}",
    (
        Text(en="Read a version", zh="查看版本"),
        Text(
            en="State, conformance report, and the history of the layout: what served when, and who decided.",
            zh="返回状态、检查报告，以及该格式的启用历史：何时由谁启用了哪个版本。",
        ),
    ),
    Answer(
        status=200,
        about=Text(en="The version.", zh="版本。"),
        media=_json(
            "ShownAdapter",
            {
                **VERSION_EXAMPLE,
                "report": {"passed": True},
                "history": [
                    {
                        "step": "activate",
                        "version": "1.0.0",
                        "at": "2026-11-01T00:00:00.000Z",
                        "by": "operator.shiyan",
                    }
                ],
                "standing": ["1.0.0"],
            },
        ),
    ),
    JUDGE,
)

_FILES: Final = _reading(
    "readAdapterFiles",
    "/{layout}/{version}/files",
    (
        Text(en="Read the files of a version", zh="读取版本文件"),
        Text(
            en="Byte for byte, in base64, kept for ever: with them a conversion that the log names can be run again.",
            zh="逐字节返回（base64），永久留存：据此可重新执行日志所载的任一转换。",
        ),
    ),
    Answer(
        status=200,
        about=Text(en="The files by path.", zh="按路径列出文件。"),
        media=_json("AdapterFiles", {"files": {"adapter.toml": {"base64": "bmFtZSA9ICJoZW5hbiIK"}}}),
    ),
    ("corrupted", "adapter_damaged"),
)

_CHANGES: Final = _reading(
    "compareAdapters",
    "/{layout}/{version}/changes",
    (
        Text(en="Compare two versions", zh="比较两个版本"),
        Text(
            en="What changed since another version: rows by table with their paths on both sides, codes by direction, "
            "and files.",
            zh="列出相对另一版本的变化：各表映射行（规范与区域路径）、各方向代码、文件。",
        ),
    ),
    Answer(
        status=200,
        about=Text(en="What changed.", zh="变化。"),
        media=_json(
            "AdapterChanges", {"old": "henan 1.0.0", "new": "henan 1.1.0", "rows": [], "codes": [], "files": []}
        ),
    ),
    (*JUDGE, *QUERY),
)

_ACTIVATE: Final = _step(
    "activateAdapter",
    "/{layout}/{version}/activate",
    Text(en="Activate a version", zh="启用版本"),
    Text(
        en="It converts for its layout from now on, on every node within a second; documents under way finish on the "
        "version they began with. One that is active already stays so.",
        zh="自此由该版本转换，各节点一秒内生效；在途报文仍按原版本完成。已启用的版本保持不变。",
    ),
    ("adapter_not_checked",),
)
_RETIRE: Final = _step(
    "retireAdapter",
    "/{layout}/{version}/retire",
    Text(en="Retire a version", zh="停用版本"),
    Text(
        en="It serves no longer; refused while active partners speak its layout, and they are named.",
        zh="停止使用该版本；仍有启用中的合作方使用该格式时拒绝，并列出合作方。",
    ),
    ("adapter_in_use",),
)
_ROLL_BACK: Final = _step(
    "rollBackAdapter",
    "/{layout}/rollback",
    Text(en="Roll back to the version before", zh="回退到上一版本"),
    Text(
        en="The version that served before converts again; once more goes further back.",
        zh="恢复上一启用版本；再次调用则继续回退。",
    ),
    ("adapter_no_earlier", "adapter_not_checked"),
)

# The roll back stands before what is read by version: its last word is no version.
OPERATING: Final = (_UPLOAD, _LIST, _ROLL_BACK, _READ, _FILES, _CHANGES, _ACTIVATE, _RETIRE)
