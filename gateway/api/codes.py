"""What every stable code means and what to do about it, in English and Chinese.

The table is data (schemas/api/codes.json), so that partners' programs, docs/errors.md and the docs page read the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import orjson

from gateway.resources import data_folder


@dataclass(frozen=True, kw_only=True, slots=True)
class Meaning:
    """One code: its title, and what its receiver should do."""

    code: str
    raised: tuple[str, ...]  # the error classes it comes with; none for a code that only stands inside `errors`
    title: str
    title_zh: str
    action: str
    action_zh: str


@cache
def meanings() -> Mapping[str, Meaning]:
    """Return every code with its meaning, in the order of the table."""
    rows = orjson.loads((data_folder("schemas") / "api" / "codes.json").read_bytes())["codes"]
    return {row["code"]: Meaning(**{**row, "raised": tuple(row["raised"])}) for row in rows}


def meaning_of(code: str) -> Meaning:
    """Return what a code means; one that the table lacks means what `rejected` means."""
    known = meanings()
    return known.get(code, known["rejected"])
