"""Reads mapping tables: each row ties canonical paths to regional ones through a codec."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.core.conversion import pointer as pointers
from gateway.core.conversion.codecs import catalogue
from gateway.core.conversion.codecs.codec import Codec
from gateway.core.conversion.codecs.codes import CodeTable
from gateway.core.conversion.options import Options

ROW_LIMIT: Final = 2000
DEPTH_LIMIT: Final = 8
_PATH_LENGTH: Final = 256
_PATH_TOKENS: Final = 12
_DIRECTIONS: Final = ("both", "to-canonical", "to-regional")
_EMPTY: Final = ("omit", "null", "blank")

Path = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """A row applies only where the value at `at` is one of `values`; no values means: where there is any."""

    at: Path
    values: tuple[Any, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One checked row of a table."""

    number: int  # position in its table, from 0
    place: str  # JSON Pointer of the row in its file
    name: str  # of the codec
    canonical: tuple[Path, ...]
    regional: tuple[Path, ...]
    codec: Codec | None = None  # None for the structural ones: array, json, constant, ignore, overflow
    rows: "tuple[Row, ...] | None" = None  # of an array or embedded JSON
    reads: bool = True
    writes: bool = True
    lossy: bool = False
    value: Any = None  # of a constant
    empty: str = "omit"  # what stands in the regional document where there is no value
    when_regional: Condition | None = None
    when_canonical: Condition | None = None
    reason: str = ""
    limit: int = 0  # characters an overflow field holds
    separator: str = ""  # of an array whose elements are one canonical text
    listed: bool = False  # of embedded JSON that is an array, whose elements the nested rows are about

    def paths(self, *, reading: bool) -> "tuple[tuple[Path, ...], tuple[Path, ...]]":
        """Return the paths this row takes from and gives to, in one direction."""
        return (self.regional, self.canonical) if reading else (self.canonical, self.regional)

    def repeats(self, *, regional: bool) -> bool:
        """Tell whether what stands on one side is an array of elements that the nested rows are about."""
        return self.listed or (self.name == "array" and (regional or not self.separator))

    def when(self, *, reading: bool) -> Condition | None:
        """Return the condition of one direction."""
        return self.when_regional if reading else self.when_canonical


def carries_whole(row: Row, part: Row) -> bool:
    """Tell whether a row carries, both ways and always, the text that another takes a part of."""
    conditional = row.when_regional or row.when_canonical
    return row.name == "text" and row.regional == part.regional and row.reads and row.writes and not conditional


@dataclass(kw_only=True, slots=True)
class RowReader:
    """Reads the rows of one table file; owned by one loading."""

    tables: Mapping[str, CodeTable]
    left: int = field(default=ROW_LIMIT)

    def rows(self, options: Options, depth: int = 1) -> tuple[Row, ...]:
        """Read `rows`, nested ones too; what is wrong becomes complaints."""
        if depth > DEPTH_LIMIT:
            options.complain("too_deep", "rows", f"at most {DEPTH_LIMIT} levels")
            return ()
        entries = options.elements("rows", limit=ROW_LIMIT)
        self.left -= len(entries)
        if self.left < 0:
            options.complain("too_many_rows", "rows", f"at most {ROW_LIMIT} rows in a file")
            return ()
        return tuple(self._row(entry, number, depth) for number, entry in enumerate(entries))

    def _row(self, options: Options, number: int, depth: int) -> Row:
        name = options.choice("codec", catalogue.NAMES, "text")
        canonical, regional = _paths(options, "canonical"), _paths(options, "regional")
        _check_shape(options, name, catalogue.Shape(canonical=len(canonical), regional=len(regional)))
        only = options.choice("only", _DIRECTIONS, "both")
        codec, rows = self._codec(options, name, (canonical, regional)), None
        if name == "array" or (name == "json" and options.has("rows")):
            rows = self.rows(options, depth + 1)
        separator = _separator(options, rows or ()) if name == "array" else ""
        values = options.scalars("value") if name == "constant" else ()
        row = Row(
            number=number,
            place=options.pointer,
            name=name,
            canonical=canonical,
            regional=regional,
            codec=codec,
            rows=rows,
            reads=only != "to-regional",
            writes=only != "to-canonical",
            lossy=options.flag("lossy"),
            value=values[0] if values else None,
            empty=options.choice("empty", _EMPTY, "omit"),
            when_regional=_condition(options, "when_regional"),
            when_canonical=_condition(options, "when_canonical"),
            reason=options.text("reason", None if name == "ignore" else ""),
            limit=options.integer("limit", 2000, low=16, high=1_000_000) if name == "overflow" else 0,
            separator=separator,
            listed=name == "json" and rows is not None and options.flag("array"),
        )
        options.text("note", "")
        options.finish()
        return row

    def _codec(self, options: Options, name: str, sides: tuple[tuple[Path, ...], tuple[Path, ...]]) -> Codec | None:
        canonical, regional = sides
        if name in catalogue.SINGLE:
            return catalogue.single(options, name, self.tables)
        if name == "first-of":
            return catalogue.element(options, "of", self.tables)
        if name in ("duration", "list", "join", "part", "name-and-number"):
            shape = catalogue.Shape(canonical=len(canonical), regional=len(regional))
            return catalogue.several(options, name, shape, self.tables)
        return None


def _paths(options: Options, side: str) -> tuple[Path, ...]:
    written = options.texts(side) if options.has(side) else ()
    several: list[Path] = []
    for path in written:
        try:
            parts = pointers.tokens(path)
        except ValueError:
            options.complain("path_invalid", side, "a JSON Pointer")
            continue
        if len(path) > _PATH_LENGTH or len(parts) > _PATH_TOKENS or not all(map(_plain, parts)):
            options.complain("path_invalid", side, f"at most {_PATH_TOKENS} names; 0 is the only index")
            continue
        if side == "canonical" and parts[:1] == ("extensions",):
            options.complain("path_reserved", side, "another path than /extensions")
            continue
        several.append(parts)
    return tuple(several)


def _plain(part: str) -> bool:
    return part not in ("", "-") and (part == "0" or not part.isdecimal())


def _check_shape(options: Options, name: str, shape: catalogue.Shape) -> None:
    """Check that the row has as many paths on each side as its codec ties together."""
    canonical, regional = shape.canonical, shape.regional
    if name in ("constant", "ignore"):
        fits, expected = canonical + regional == 1, "one path, on one side"
    elif name == "overflow":
        fits, expected = (canonical, regional) == (0, 1), "one regional path"
    elif name == "first-of":
        fits, expected = canonical == 1 and regional > 1, "one canonical and several regional paths"
    elif name == "duration":
        fits, expected = canonical == 2 and regional in (1, 2), "two canonical paths, one or two regional"  # noqa: PLR2004 - amount and unit
    elif name == "name-and-number":
        fits, expected = (canonical, regional) == (2, 2), "a name and a number on each side"
    elif name == "join":
        fits, expected = (
            min(canonical, regional) == 1 < max(canonical, regional),
            "one path on one side, several on the other",
        )
    else:
        fits, expected = (canonical, regional) == (1, 1), "one path on each side"
    if not fits:
        options.complain("option_invalid", "canonical" if canonical != 1 else "regional", expected)


def _separator(options: Options, rows: tuple[Row, ...]) -> str:
    """Return what joins the elements of an array; the only thing they say canonically must then be a plain text."""
    separator = options.text("separator", "")
    said = [(row.name, row.canonical, row.reads, row.writes) for row in rows if row.canonical]
    if separator and (len(separator) != 1 or separator == " " or said != [("text", ((),), True, True)]):
        options.complain("option_invalid", "separator", "one character, not a space, between texts of one row")
    return separator


def _condition(options: Options, name: str) -> Condition | None:
    if not options.has(name):
        return None
    inner = options.nested(name)
    at = _paths(inner, "at")
    values = inner.scalars("is", ())
    inner.finish()
    if len(at) != 1:
        inner.complain("option_missing", "at", "one path")
        return None
    return Condition(at=at[0], values=values)
