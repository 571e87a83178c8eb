"""The textbook competitor: an interpreter that walks the same table row by row, with JSON Pointer getters."""

import tomllib
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

LAYOUT = Path(__file__).parent / "layout"


class Interpreter:
    """Carries documents by looking every row up again for every document."""

    def __init__(self) -> None:
        self.rows = tomllib.loads((LAYOUT / "application.mapping.toml").read_text())["rows"]
        self.codes: dict[str, list[dict[str, str]]] = {
            path.stem: tomllib.loads(path.read_text())["values"] for path in (LAYOUT / "codes").glob("*.toml")
        }

    def to_canonical(self, document: dict[str, Any]) -> dict[str, Any]:
        """Convert a regional application."""
        return self._convert(self.rows, document, "regional", "canonical")

    def to_regional(self, document: dict[str, Any]) -> dict[str, Any]:
        """Convert a canonical application."""
        return self._convert(self.rows, document, "canonical", "regional")

    def _convert(self, rows: list[Any], document: dict[str, Any], source: str, target: str) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for row in rows:
            value = resolve(document, row[source])
            if value is None:
                continue
            if row.get("codec") == "array":
                carried: Any = [self._convert(row["rows"], one, source, target) for one in value]
            else:
                carried = self._carry(row, value, source, target)
            assign(result, row[target], carried)
        return result

    def _carry(self, row: dict[str, Any], value: Any, source: str, target: str) -> Any:
        codec = row.get("codec", "text")
        if codec == "code":
            return next(one[target] for one in self.codes[row["table"]] if one[source] == value)
        if codec == "boolean":
            return value == row["true"] if target == "canonical" else row["true"] if value else row["false"]
        if codec == "region":
            return value.ljust(12, "0") if target == "canonical" else value[: row["digits"]]
        if codec in ("date", "datetime"):
            return CARRY[codec, target](value, FORMATS[row["formats"][0]])
        return value.strip() if codec == "text" else value


def resolve(document: Any, pointer: str) -> Any:
    """Return the value at an RFC 6901 pointer, or None."""
    for token in pointer.split("/")[1:]:
        if not isinstance(document, dict):
            return None
        document = document.get(token.replace("~1", "/").replace("~0", "~"))
    return document


def assign(document: dict[str, Any], pointer: str, value: object) -> None:
    """Set the value at an RFC 6901 pointer, making objects on the way."""
    *above, last = (token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])
    for token in above:
        document = document.setdefault(token, {})
    document[last] = value


def parsed(value: str, form: str) -> datetime:
    """Read a regional time, which is Beijing time."""
    return datetime.strptime(value, form).replace(tzinfo=BEIJING)


BEIJING = timezone(timedelta(hours=8))
FORMATS = {"YYYYMMDD": "%Y%m%d", "YYYYMMDDhhmmss": "%Y%m%d%H%M%S", "YYYY-MM-DD hh:mm:ss": "%Y-%m-%d %H:%M:%S"}
CARRY: dict[tuple[str, str], Callable[[str, str], str]] = {
    ("date", "canonical"): lambda value, form: parsed(value, form).date().isoformat(),
    ("date", "regional"): lambda value, form: datetime.fromisoformat(value).strftime(form),
    ("datetime", "canonical"): lambda value, form: parsed(value, form).isoformat(),
    ("datetime", "regional"): lambda value, form: datetime.fromisoformat(value).strftime(form),
}
