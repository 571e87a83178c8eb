"""What changed between two versions of an adapter: rows by table, codes by table, and the files beside them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.rows import DEPTH_LIMIT
from gateway.core.conversion.toml_reading import read_toml

_TABLE: Final = ".mapping.toml"
_CODES: Final = "codes/"

ADDED: Final = "added"
REMOVED: Final = "removed"
CHANGED: Final = "changed"


@dataclass(frozen=True, kw_only=True, slots=True)
class RowChange:
    """One row that is not what it was; `what` names the entries that differ."""

    table: str
    change: str
    canonical: tuple[str, ...]  # paths, led on from those of the rows around it
    regional: tuple[str, ...]
    was_canonical: tuple[str, ...] = ()  # only of a row that moved
    was_regional: tuple[str, ...] = ()
    what: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeChange:
    """One code that is not mapped as it was; `now` and `was` say to what, in one direction."""

    table: str
    change: str
    code: str
    direction: str  # "to-canonical" or "to-regional"
    was: str = ""
    now: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Everything that changed from one version to another."""

    old: str  # layout, version and digest
    new: str
    rows: tuple[RowChange, ...]
    codes: tuple[CodeChange, ...]
    files: tuple[tuple[str, str], ...]  # path and what happened to it, tables and codes among them

    def record(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


Files = Mapping[str, bytes]
_Key = tuple[tuple[str, ...], tuple[str, ...]]
_Rows = dict[_Key, list[dict[str, Any]]]


def compare(old: tuple[Adapter, Files], new: tuple[Adapter, Files]) -> Comparison:
    """Compare two adapters that have been loaded, so that their files are known to be sound."""
    before, after = old[1], new[1]
    tables = sorted(name for name in {*before, *after} if name.endswith(_TABLE))
    return Comparison(
        old=f"{old[0].name} {old[0].version} {old[0].digest}",
        new=f"{new[0].name} {new[0].version} {new[0].digest}",
        rows=tuple(change for name in tables for change in _row_changes(name, _rows(before, name), _rows(after, name))),
        codes=tuple(_code_changes(old[0], new[0])),
        files=tuple(_file_changes(before, after)),
    )


def _file_changes(before: Files, after: Files) -> Iterator[tuple[str, str]]:
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            yield name, ADDED if name not in before else REMOVED if name not in after else CHANGED


def _code_changes(old: Adapter, new: Adapter) -> Iterator[CodeChange]:
    for table in sorted({*old.manifest.codes, *new.manifest.codes}):
        before, after = old.manifest.codes.get(table), new.manifest.codes.get(table)
        for direction, side in (("to-canonical", "read"), ("to-regional", "write")):
            was: Mapping[str, str] = getattr(before, side) if before else {}
            now: Mapping[str, str] = getattr(after, side) if after else {}
            for code in sorted({*was, *now}):
                if was.get(code) != now.get(code):
                    change = ADDED if code not in was else REMOVED if code not in now else CHANGED
                    yield CodeChange(
                        table=table,
                        change=change,
                        code=code,
                        direction=direction,
                        was=was.get(code, ""),
                        now=now.get(code, ""),
                    )


def _row_changes(table: str, before: _Rows, after: _Rows) -> Iterator[RowChange]:
    for key in after:
        if key in before and (what := _differing(before[key], after[key])):
            yield RowChange(table=table, change=CHANGED, canonical=key[0], regional=key[1], what=what)
    gone, come = [key for key in before if key not in after], [key for key in after if key not in before]
    for side in (0, 1):  # a row that keeps one of its ends has moved
        for key in tuple(come):
            origin = next((other for other in gone if key[side] and other[side] == key[side]), None)
            if origin is not None:
                gone.remove(origin)
                come.remove(key)
                what = _differing(before[origin], after[key])
                yield RowChange(
                    table=table,
                    change=CHANGED,
                    canonical=key[0],
                    regional=key[1],
                    was_canonical=origin[0],
                    was_regional=origin[1],
                    what=(("regional", "canonical")[side], *what),
                )
    yield from (RowChange(table=table, change=REMOVED, canonical=key[0], regional=key[1]) for key in gone)
    yield from (RowChange(table=table, change=ADDED, canonical=key[0], regional=key[1]) for key in come)


def _differing(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> tuple[str, ...]:
    """Return the entries that rows between the same places do not share; a row more or less is itself one."""
    if len(before) != len(after):
        return ("rows",)
    pairs = list(zip(before, after, strict=True))
    names = {name for pair in pairs for one in pair for name in one}
    return tuple(sorted(name for name in names if any(one.get(name) != other.get(name) for one, other in pairs)))


def _rows(files: Files, table: str) -> _Rows:
    found: _Rows = {}
    if table in files:
        for key, entries in _flat(read_toml(files[table]).get("rows", []), ("", ""), 1):
            found.setdefault(key, []).append(entries)
    return found


def _flat(rows: Iterable[dict[str, Any]], above: tuple[str, str], depth: int) -> Iterator[tuple[_Key, dict[str, Any]]]:
    """Yield every row with its paths led on from those around it, nested rows after the one they are in."""
    for row in rows:
        canonical, regional = (_paths(row, side, lead) for side, lead in zip(_SIDES, above, strict=True))
        yield (canonical, regional), {name: row[name] for name in row if name not in (*_SIDES, "rows")}
        if depth < DEPTH_LIMIT and isinstance(row.get("rows"), list):
            inner = tuple(
                f"{paths[0]}/*" if paths else lead for paths, lead in ((canonical, above[0]), (regional, above[1]))
            )
            yield from _flat(row["rows"], (inner[0], inner[1]), depth + 1)


_SIDES: Final = ("canonical", "regional")


def _paths(row: Mapping[str, Any], side: str, above: str) -> tuple[str, ...]:
    written = row.get(side, ())
    return tuple(above + path for path in ([written] if isinstance(written, str) else written))
