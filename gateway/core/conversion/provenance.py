"""Says for every field of a canonical document which regional field it comes from, by which row and codec."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gateway.core.conversion.pointer import escape, find, join
from gateway.core.conversion.rows import Path, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where one canonical field comes from.

    `row` is the row's JSON Pointer in its table, "" where no row made the field: an extension, or what tells a variant.
    """

    canonical: str
    regional: tuple[str, ...]
    row: str
    codec: str


def origins(rows: tuple[Row, ...], canonical: dict[str, Any], layout: str) -> tuple[Origin, ...]:
    """Trace every field that is there, array elements one by one."""
    found = list(_of_rows(rows, canonical, "", ""))
    extensions = canonical.get("extensions")
    own = extensions.get(layout) if type(extensions) is dict else None
    for at in own if type(own) is dict else ():
        above = f"/extensions/{layout}/{escape(at)}"
        found.append(Origin(canonical=above, regional=(at,), row="", codec="extension"))
    return tuple(found)


def canonical_pointer(rows: tuple[Row, ...], regional: Path) -> str | None:
    """Return the pointer of the canonical field that a regional one is made of, or None where no row makes it."""
    for row in rows:
        for path in row.regional if row.canonical and row.name != "part" else ():
            rest = regional[len(path) :]
            if regional[: len(path)] != path:
                continue
            at = join(row.canonical[0])
            if row.rows is None or not rest or not row.repeats(regional=False):
                return at
            inner = canonical_pointer(row.rows, rest[1:])
            return f"{at}/{rest[0]}{inner or ''}"
    return None


def fed_by(rows: tuple[Row, ...], regional: Path) -> Iterator[str]:
    """Yield the pointers of all that is made of a regional place, of what lies in it or of what it lies in."""
    for row in rows:
        for path in row.regional:
            rest = regional[len(path) :]
            if regional[: len(path)] != path and path[: len(regional)] != regional:
                continue
            if row.rows is None or not rest or not row.repeats(regional=False):
                yield from map(join, row.canonical)
            else:
                above = f"{join(row.canonical[0])}/{rest[0]}"
                yield from (above + inner for inner in fed_by(row.rows, rest[1:]))


def _of_rows(rows: tuple[Row, ...], document: object, canonical: str, regional: str) -> Iterator[Origin]:
    for row in rows:
        for path in row.canonical if row.reads else ():
            value = find(document, path)
            if value is None:
                continue
            at, sources = canonical + join(path), tuple(regional + join(one) for one in row.regional)
            if row.rows is None or row.separator:
                yield Origin(canonical=at, regional=sources, row=row.place, codec=row.name)
            elif type(value) is list:
                for index, element in enumerate(value):
                    yield from _of_rows(row.rows, element, f"{at}/{index}", f"{sources[0]}/{index}")
            elif row.name == "json":
                yield from _of_rows(row.rows, value, at, sources[0])
