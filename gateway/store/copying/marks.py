"""Marks as rows, the same in both databases."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from gateway.flow.ports import TreeHead
from gateway.store.copying.ends import Mark, Origin
from gateway.store.times import to_us


def mark_row(mark: Mark) -> dict[str, Any]:
    """Return every column of a mark."""
    head = mark.origin.head
    return {
        "copy": mark.copy,
        "moved": mark.moved,
        "place": mark.place,
        "epoch": mark.origin.epoch,
        "size": head.size,
        "root": head.root,
        "filling": mark.table,
        "after": orjson.dumps(mark.after, default=_hexadecimal).decode(),
        "at": to_us(datetime.now(UTC)),
    }


def as_mark(row: Mapping[str, Any]) -> Mark:
    """Return the mark of a row."""
    return Mark(
        copy=row["copy"],
        moved=bool(row["moved"]),
        place=row["place"],
        origin=Origin(epoch=row["epoch"], head=TreeHead(size=row["size"], root=row["root"])),
        table=row["filling"],
        after=tuple(map(_read_back, orjson.loads(row["after"]))),
    )


def _hexadecimal(value: object) -> dict[str, str]:
    """Return bytes, which JSON has not, as an object, which no key is."""
    if not isinstance(value, bytes):
        raise TypeError
    return {"hex": value.hex()}


def _read_back(value: Any) -> Any:
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value
