"""What a front-end database says of rows that it will never take, as faults with a place."""

from typing import Final

from gateway.core.errors import Fault, InvalidDocumentError

# Code: message, message in Chinese.
_WORDS: Final = {
    "row_refused": ("the front-end database takes no such row", "前置库拒绝该行数据"),
    "value_refused": ("the column takes no such value", "该字段不接受此值"),
    "value_required": ("the column must have a value", "该字段不能为空"),
}


def refused(why: str, column: str = "") -> InvalidDocumentError:
    """Return why a database will never take a row; the column only where the database names it."""
    message, message_zh = _WORDS[why]
    fault = Fault(pointer=f"/{column}" if column else "", code=why, message=message, message_zh=message_zh)
    return InvalidDocumentError(_WORDS["row_refused"][0], code="rows_refused", faults=(fault,))
