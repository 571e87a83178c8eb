"""What a conversion has to say about one value or one row, and the sentences it says it with.

A codec that cannot go on raises a Remark; one that can, but with less than it was given, raises a Remark with a value.
Compiled tables turn remarks into notes, and an adapter turns notes into faults, losses and extensions.
"""

import re
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from gateway.core.errors import Fault

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "type_wrong": ("The value has the wrong type.", "值的类型不正确。"),
    "code_unmapped": ("The code has no partner in the code table.", "该代码在对照表中没有对应值。"),
    "boolean_unreadable": ("The value is none of the declared ways to say yes or no.", "该值不是约定的是否取值。"),
    "number_unreadable": ("The value is not a number of the declared form.", "该值不是约定格式的数字。"),
    "number_unsafe": ("The number cannot be carried exactly.", "该数字无法精确传递。"),
    "date_unreadable": ("The value is not a date in an accepted format.", "该值不是可接受格式的日期。"),
    "datetime_unreadable": ("The value is not a time in an accepted format.", "该值不是可接受格式的时间。"),
    "duration_unreadable": ("The value is not a time limit in an accepted form.", "该值不是可接受格式的时限。"),
    "region_unreadable": ("The value is not a division code.", "该值不是行政区划代码。"),
    "base_code_unreadable": ("The value is not a sound base code.", "该值不是有效的基本编码。"),
    "organisation_unreadable": ("The value is not an organisation code.", "该值不是机构代码。"),
    "constant_differs": (
        "The value differs from the only one this format can carry.",
        "该值与此格式唯一可用的值不同。",
    ),
    "separator_inside": ("An element of the list contains the separator.", "列表元素中含有分隔符。"),
    "parts_unreadable": ("The value does not have the declared parts.", "该值不符合约定的组成格式。"),
    "parts_missing": ("Some parts of a composite value are missing.", "组合值缺少部分内容。"),
    "parts_ambiguous": ("The parts could not be told apart again once joined.", "各部分组合后将无法再区分。"),
    "embedded_json_malformed": ("The text does not hold valid JSON.", "文本内容不是有效的 JSON。"),
    "array_not_single": ("The array must have exactly one element.", "数组必须恰好有一个元素。"),
    "variant_unknown": ("No message variant of this document has these values.", "没有与这些取值对应的报文类型。"),
    "format_schema": ("The value breaks a rule of the format's own schema.", "该值不符合格式自身的结构约束。"),
    "value_unwritable": ("The value cannot be written in this format.", "该值无法以此格式写出。"),
    "document_too_deep": ("The document is nested too deeply.", "文档嵌套过深。"),
    "required_missing": ("A required field is missing.", "缺少必填字段。"),
}

# A value is repeated back only where it looks like a code: shorter than a phone or identity number, and no words.
_ECHOABLE: Final = re.compile(r"[A-Za-z0-9._-]{1,8}", re.ASCII)

FAULT: Final = 0
EXTENSION: Final = 1
LOSS: Final = 2
OVERFLOW: Final = 3
FINDING: Final = 4


class Problem(NamedTuple):
    """Why a value was refused; `part` picks the pointer of a row with several, `inside` leads on from it."""

    code: str
    expected: str = ""
    got: str | None = None
    part: int = 0
    inside: str = ""


class Note(NamedTuple):
    """One thing found at one place.

    The payload is a fault's Problem, a finding's code, and the value of an extension, a loss or an overflow.
    """

    kind: int
    pointer: str
    payload: Any


class Remark(Exception):  # noqa: N818 - not an error yet: the table decides what becomes of it
    """Raised by a codec; with a value, the conversion goes on and what was left behind is a loss.

    `lost` says which of a row's several places held more than the value does.
    """

    def __init__(self, problems: tuple[Problem, ...] = (), value: object = None, lost: tuple[int, ...] = (0,)) -> None:
        super().__init__()
        self.problems = problems
        self.value = value
        self.lost = lost


def refuse(code: str, expected: str = "", value: object = None) -> Remark:
    """Make the remark that refuses a value; it is repeated back only where it looks like a code."""
    return Remark((Problem(code, expected, echo(value)),))


def reduced(value: object, *lost: int) -> Remark:
    """Make the remark that lets a value through which says less than the one received, at these parts of it."""
    return Remark(value=value, lost=lost or (0,))


def echo(value: object) -> str | None:
    """Return a value that looks like a code, and None for what might be personal."""
    text = str(value) if type(value) in (str, int) else ""
    return text if _ECHOABLE.fullmatch(text) else None


def fault(pointer: str, problem: Problem) -> Fault:
    """Say one problem at one place in both languages."""
    english, chinese = MESSAGES[problem.code]
    return Fault(
        pointer=pointer,
        code=problem.code,
        message=english,
        message_zh=chinese,
        expected=problem.expected,
        got=problem.got,
    )


def settle(remark: Remark, pointers: tuple[str, ...], notes: list[Note]) -> Any:
    """Note what a codec remarked, and return the value to go on with, if any."""
    notes += [Note(FAULT, pointers[problem.part] + problem.inside, problem) for problem in remark.problems]
    if remark.value is not None:
        notes += [Note(LOSS, pointers[part], None) for part in remark.lost]
    return remark.value


def rebase(notes: list[Note], start: int, prefix: str) -> int:
    """Lead the pointers of all notes since `start` on from `prefix`; return where the next ones start."""
    for index in range(start, len(notes)):
        note = notes[index]
        notes[index] = Note(note.kind, prefix + note.pointer, note.payload)
    return len(notes)


@dataclass(frozen=True, kw_only=True, slots=True)
class RowFault:
    """A reason not to load an adapter, at one place of one of its files."""

    file: str
    pointer: str
    code: str
    expected: str


ROW_MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "file_missing": ("A file that the adapter names is missing.", "适配器引用的文件不存在。"),
    "file_unreadable": ("The file cannot be read as what its name says.", "文件无法按其类型读取。"),
    "file_not_utf8": ("The file is not in UTF-8.", "文件不是 UTF-8 编码。"),
    "key_repeated": ("A key stands twice in one table.", "同一个表中有重复的键。"),
    "too_large": ("The adapter is larger than allowed.", "适配器超出允许的大小。"),
    "too_many_rows": ("The table has more rows than allowed.", "映射表行数超出限制。"),
    "too_deep": ("The rows are nested deeper than allowed.", "映射行嵌套过深。"),
    "name_invalid": ("The name is not allowed.", "名称不合规则。"),
    "option_missing": ("A required entry is missing.", "缺少必需的条目。"),
    "option_unknown": ("The entry is unknown here.", "此处不认识该条目。"),
    "option_invalid": ("The entry has a value that is not allowed.", "条目的取值不合规则。"),
    "codec_unknown": ("There is no such codec.", "没有这种编解码器。"),
    "path_invalid": ("The path is not one a row may have.", "路径不合规则。"),
    "path_reserved": ("The path belongs to the gateway.", "该路径为网关保留。"),
    "rows_contradict": ("Two rows contradict each other.", "两行映射互相矛盾。"),
    "code_list_unknown": ("There is no such code table or list.", "没有这样的代码表。"),
    "code_repeated": ("A code has two partners in one direction.", "同一方向上一个代码有两个对应值。"),
    "code_uncovered": (
        "A canonical code has no partner and is not listed as refused.",
        "规范代码无对应值且未声明拒绝。",
    ),
    "loss_undeclared": (
        "A code that does not come back as itself must say lossy = true.",
        "不能原样返回的代码须声明 lossy = true。",
    ),
    "code_unlisted": ("The canonical code is not in its list.", "规范代码不在代码清单中。"),
    "variants_overlap": ("Two variants could claim the same document.", "两个报文类型可能匹配同一文档。"),
    "schema_invalid": ("The regional schema cannot be compiled.", "区域结构定义无法编译。"),
}


def row_fault(found: RowFault) -> Fault:
    """Say one reason in both languages; the pointer leads on from the file's name after a #."""
    english, chinese = ROW_MESSAGES[found.code]
    return Fault(
        pointer=f"{found.file}#{found.pointer}",
        code=found.code,
        message=english,
        message_zh=chinese,
        expected=found.expected,
    )
