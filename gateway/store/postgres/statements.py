"""Named statements as PostgreSQL takes them: `:name` where a value goes, numbered once when a file is read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.store.named import statements

_NAME = re.compile(r"(?<!:):([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, and the names of its values in the order of their numbers."""

    sql: str
    names: tuple[str, ...]

    def values(self, named: Mapping[str, Any]) -> list[Any]:
        """Return the values in the order of their numbers."""
        return [named[name] for name in self.names]


def compiled(text: str) -> Statement:
    """Return a statement whose values are numbered; a name that comes twice is one value."""
    names = tuple(dict.fromkeys(_NAME.findall(text)))
    numbers = {name: f"${number}" for number, name in enumerate(names, 1)}
    return Statement(_NAME.sub(lambda found: numbers[found[1]], text), names)


def prepared(area: str) -> Mapping[str, Statement]:
    """Return the statements of an area of the store by name."""
    file = Path(__file__).parent / "statements" / f"{area}.sql"
    return {name: compiled(text) for name, text in statements(file).items()}


def columns(rows: Sequence[Mapping[str, Any]], names: Sequence[str], prefix: str = "") -> dict[str, list[Any]]:
    """Return rows as one list for each column, to be spread out again by `unnest`."""
    return {prefix + name: [row[name] for row in rows] for name in names}
