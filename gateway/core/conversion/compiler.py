"""Compiles a table's rows, once for each direction, to one straight-line Python function a level of nesting.

The source text is made of our own words and numbered names only: k0, s1, m2 … . Everything an adapter says (keys,
paths, codes, values) reaches the function as a value bound to such a name, so there is nothing to escape and nothing
to inject. A function takes a document and a list of notes, never raises, and runs each row exactly once.
"""

import hashlib
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any, Final
from weakref import WeakValueDictionary

from gateway.core.conversion import pointer as pointers
from gateway.core.conversion import runtime
from gateway.core.conversion.codecs.codec import SAFE_INTEGER, Shortcut, Way
from gateway.core.conversion.remarks import (
    EXTENSION,
    FAULT,
    FINDING,
    LOSS,
    OVERFLOW,
    Note,
    Problem,
    Remark,
    refuse,
    settle,
)
from gateway.core.conversion.rows import Path, Row

_ABSENT: Final[dict[str, Any]] = {"null": None, "blank": ""}

# Variants that share a table differ in bound values only, so they share the code; it goes when the last of them does.
_CODES: Final[WeakValueDictionary[bytes, CodeType]] = WeakValueDictionary()


def compile_rows(rows: tuple[Row, ...], *, reading: bool) -> runtime.Step:
    """Return the function that converts a document in one direction."""
    space: dict[str, Any] = {
        "__builtins__": {"type": type, "dict": dict, "str": str, "int": int},
        "Remark": Remark,
        "settle": settle,
        "FAULT": FAULT,
        "LOSS": LOSS,
        "OVERFLOW": OVERFLOW,
        "FINDING": FINDING,
        "STRAY": EXTENSION if reading else LOSS,
        "Note": Note,
        "NOT_OBJECT": Problem("type_wrong", "an object"),
        "object_at": runtime.object_at,
        "sole_at": runtime.sole_at,
        "strays": runtime.stray(EXTENSION if reading else LOSS),
        "SAFE": SAFE_INTEGER,
        "UNSAFE": -SAFE_INTEGER,
    }
    return _Level(rows, space, reading=reading, top=True).function()


def _code(body: str) -> CodeType:
    """Return the code of a function with this body; while one like it is in use, it is the same."""
    source = f"def f(d, N):\n{body}"
    digest = hashlib.sha256(source.encode()).digest()
    code = _CODES.get(digest)
    if code is None:
        whole = compile(source, "<mapping table>", "exec")  # our own words only, see above
        (code,) = (one for one in whole.co_consts if isinstance(one, CodeType))
        _CODES[digest] = code
    return code


class _Level:
    """The function of one level of rows: one object in, one object out (or one plain value)."""

    def __init__(self, rows: tuple[Row, ...], space: dict[str, Any], *, reading: bool, top: bool) -> None:
        self.reading, self.top = reading, top
        moving = [row for row in rows if (row.reads if reading else row.writes)]
        moving.sort(key=_is_part)  # a part yields to what other rows say, and is compared with what they wrote
        # An ignored or overflowing field is only ever taken; nothing is written for it here.
        self.rows = [row for row in moving if self._from(row) or row.name not in ("ignore", "overflow")]
        self.space = space
        self.lines: list[str] = []
        self.keys: dict[str, str] = {}
        self.sources: dict[Path, str] = {(): "d"}  # object path → variable
        self.known: dict[Path, set[str]] = {(): set()}
        self.targets: dict[Path, str] = {(): "o"}
        self.pruned: list[str] = []
        self.plain_source = any(() in self._from(row) for row in self.rows)
        self.plain_target = any(() in self._to(row) for row in self.rows)

    def function(self) -> runtime.Step:
        """Generate, compile and return the level's function."""
        if self.top and not self.reading:
            self.known[()].add("extensions")
            if any(map(_is_part, self.rows)):
                self.known[()].add("quarantine")  # whoever reads finds the same again
        for row in self.rows:
            for path in self._from(row):
                self._know(path)
        self.emit("o = None" if self.plain_target else "o = {}")
        if not self.plain_source:
            self._open_sources()
        self._emit_rows()
        self.lines.extend(reversed(self.pruned))
        return FunctionType(_code("".join(f" {line}\n" for line in [*self.lines, "return o"])), self.space)

    def emit(self, line: str, indent: int = 0) -> None:
        """Add one line of the function's body."""
        self.lines.append(" " * indent + line)

    def bind(self, prefix: str, value: object) -> str:
        """Give a value a numbered name in the function's namespace."""
        name = f"{prefix}{len(self.space)}"
        self.space[name] = value
        return name

    def key(self, token: str) -> str:
        """Return the name bound to one key."""
        if token not in self.keys:
            self.keys[token] = self.bind("k", token)
        return self.keys[token]

    def _from(self, row: Row) -> tuple[Path, ...]:
        return row.paths(reading=self.reading)[0]

    def _to(self, row: Row) -> tuple[Path, ...]:
        paths = row.paths(reading=self.reading)[1]
        if _is_part(row) and not self.reading:
            return ()
        return paths[:1] if row.name == "first-of" else paths

    # Where values come from

    def _know(self, path: Path) -> None:
        """Remember the keys that lead to a path, so that any other key is a stray."""
        node: Path = ()
        for index, name in enumerate(path):
            if name == "0":
                node = path[: index + 1]
                self.known.setdefault(node, set())
                continue
            self.known.setdefault(node, set()).add(name)
            if index + 1 < len(path) and path[index + 1] != "0":
                node = path[: index + 1]
                self.known.setdefault(node, set())

    def _open_sources(self) -> None:
        """Fetch every object that rows take from, and note what no row knows."""
        not_object = "N.append(Note(FAULT, '', NOT_OBJECT))"
        self.emit(f"if type(d) is not dict: {not_object}; return None")
        for path in sorted(self.known, key=len):
            if path:
                self._open(path)
            variable = self.sources[path]
            known = self.bind("u", frozenset(self.known[path]))
            covers = self.bind("c", self.space[known].issuperset)
            contains = self.bind("h", self.space[known].__contains__)
            at = self.bind("q", pointers.join(path))
            self.emit(f"if not {covers}({variable}): strays({variable}, {contains}, {at}, N)")

    def _open(self, path: Path) -> None:
        sole = path[-1] == "0"
        parent, token = (path[:-2], path[-2]) if sole else (path[:-1], path[-1])
        variable = self.sources[path] = f"a{len(self.sources)}"
        at = self.bind("q", pointers.join((*parent, token)))
        self.emit(f"{variable} = {self.sources[parent]}.get({self.key(token)})")
        if sole:
            self.emit(f"{variable} = sole_at({variable}, {at}, N)")
        else:
            self.emit(f"if type({variable}) is not dict: {variable} = object_at({variable}, {at}, N)")

    def taken(self, path: Path) -> str:
        """Return the expression that takes the value at a path."""
        return f"{self.sources[path[:-1]]}.get({self.key(path[-1])})" if path else "d"

    # Where values go

    def placed(self, path: Path) -> str:
        """Return the assignment target of a path, opening the objects it stands in."""
        if not path:
            return "o"
        return f"{self._opened(path[:-1])}[{self.key(path[-1])}]"

    def _opened(self, path: Path) -> str:
        if path in self.targets:
            return self.targets[path]
        sole = path[-1] == "0"
        parent, token = (path[:-2], path[-2]) if sole else (path[:-1], path[-1])
        above = self._opened(parent)
        variable = self.targets[path] = f"o{len(self.targets)}"
        self.emit(f"{variable} = {{}}")
        self.emit(f"{above}[{self.key(token)}] = " + (f"[{variable}]" if sole else variable))
        self.pruned.append(f"if not {variable}: del {above}[{self.key(token)}]")
        return variable

    # Rows

    def _emit_rows(self) -> None:
        readers: dict[Path, list[str]] = {}
        for row in self.rows:
            targets = [self.placed(path) for path in self._to(row)]
            condition = self._condition(row)
            for path in self._from(row):
                readers.setdefault(path, []).append(condition)
            if condition:
                self.emit(f"if {condition}:")
            self._emit_row(row, targets, 1 if condition else 0)
            self._emit_empty(row, targets)
        for path, conditions in readers.items():
            if all(conditions):
                at = self.bind("q", pointers.join(path))
                self.emit(f"if not ({' or '.join(conditions)}):")
                self.emit(f"v = {self.taken(path)}", 1)
                self.emit(f"if v is not None: N.append(Note(STRAY, {at}, v))", 1)

    def _condition(self, row: Row) -> str:
        condition = row.when(reading=self.reading)
        if condition is None:
            return ""
        variable = f"b{len(self.lines)}"
        self.emit(f"{variable} = {self.bind('w', holds(condition.at, condition.values))}(d)")
        return variable

    def _emit_row(self, row: Row, targets: list[str], indent: int) -> None:
        paths = self._from(row)
        if not paths:
            self.emit(f"{targets[0]} = {self.bind('x', row.value)}" if targets else "pass", indent)
        elif row.name in ("constant", "ignore", "overflow"):
            self._emit_unmoved(row, paths[0], indent)
        elif _is_part(row):
            self._emit_part(row, paths[0], targets, indent)
        elif len(paths) == 1 and len(targets) == 1:
            self._emit_single(row, paths[0], targets[0], indent)
        else:
            self._emit_several(row, paths, targets, indent)

    def _emit_unmoved(self, row: Row, path: Path, indent: int) -> None:
        """Emit a row whose value goes nowhere: a constant to compare, something ignored, or an overflow."""
        at = pointers.join(path)
        self.emit(f"v = {self.taken(path)}", indent)
        if row.name == "constant":
            step = self.bind("s", runtime.guarded(constant(row.value), (at,)))
            self.emit(f"if v is not None: {step}(v, N)", indent)
        else:
            kind, payload = ("LOSS", "None") if row.name == "ignore" else ("OVERFLOW", "v")
            self.emit(f"if v is not None: N.append(Note({kind}, {self.bind('q', at)}, {payload}))", indent)

    def _emit_part(self, row: Row, path: Path, targets: list[str], indent: int) -> None:
        """Emit a part of a text: taken where no other row says it, and lost where the text written has another."""
        way = self._way(row)
        if way is None:  # pragma: no cover - a part has a codec
            raise AssertionError(row.name)
        self.emit(f"v = {self.taken(path)}", indent)
        if self.reading:
            at = self.bind("q", pointers.join(path))
            step = self.bind("s", runtime.part(way.carry, pointers.join(path)))
            above, key = targets[0][:-1].split("[")
            found = f"v is not None and (w := {step}(v, N)) is not None"
            self.emit(f"if {found} and {above}.setdefault({key}, w) != w:", indent)
            self.emit(f"N.append(Note(FINDING, {at}, 'parts_contradict'))", indent + 1)
        elif not any(path in self._from(other) for other in self.rows if not _is_part(other)):
            same, at = self.bind("s", runtime.says(way.carry, row.regional[0])), self.bind("q", pointers.join(path))
            self.emit(f"if v is not None and not {same}(o, v): N.append(Note(LOSS, {at}, v))", indent)

    def _emit_single(self, row: Row, path: Path, target: str, indent: int) -> None:
        """Emit the common case as an expression, and the codec for whatever that does not cover."""
        way, at = self._way(row), pointers.join(path)
        self.emit(f"v = {self.taken(path)}", indent)
        if way is None or row.name == "first-of":
            step = self.bind("s", self._step(row, (at,)))
            self.emit(f"if v is not None and (w := {step}(v, N)) is not None: {target} = w", indent)
            return
        covered = self._emit_shortcut(way, target, indent)
        self.emit("elif v is not None:" if covered else "if v is not None:", indent)
        carry, where = self.bind("s", way.carry), self.bind("q", (at,))
        self.emit("try:", indent + 1)
        self.emit(f"if (w := {carry}(v)) is not None: {target} = w", indent + 2)
        self.emit("except Remark as r:", indent + 1)
        self.emit(f"if (w := settle(r, {where}, N)) is not None: {target} = w", indent + 2)

    def _emit_shortcut(self, way: Way, target: str, indent: int) -> bool:
        if way.shortcut is Shortcut.TEXT:
            self.emit("if type(v) is str:", indent)
            self.emit(f"if v: {target} = v", indent + 1)
        elif way.shortcut is Shortcut.STRIPPED:
            self.emit("if type(v) is str:", indent)
            self.emit(f"if w := v.strip(): {target} = w", indent + 1)
        elif way.shortcut is Shortcut.LOOKUP and way.partners is not None:
            partner = self.bind("m", dict(way.partners).get)
            self.emit(f"if type(v) is str and (w := {partner}(v)) is not None: {target} = w", indent)
        elif way.shortcut is Shortcut.TRUTH and way.partners is not None:
            self.emit(f"if v is True: {target} = {self.bind('x', way.partners[True])}", indent)
            self.emit(f"elif v is False: {target} = {self.bind('x', way.partners[False])}", indent)
        elif way.shortcut is Shortcut.SAME_INTEGER:
            self.emit(f"if type(v) is int and UNSAFE <= v <= SAFE: {target} = v", indent)
        else:
            return False
        return True

    def _emit_several(self, row: Row, paths: tuple[Path, ...], targets: list[str], indent: int) -> None:
        step = self.bind("s", self._step(row, tuple(map(pointers.join, paths))))
        values = ", ".join(self.taken(path) for path in paths)
        self.emit(f"v = ({values})" if len(paths) > 1 else f"v = {values}", indent)
        nothing = self.bind("n", (None,) * len(paths)) if len(paths) > 1 else "None"
        self.emit(f"if v != {nothing} and (w := {step}(v, N)) is not None:", indent)
        if len(targets) == 1:
            self.emit(f"{targets[0]} = w", indent + 1)
        for index, target in enumerate(targets if len(targets) > 1 else ()):
            self.emit(f"if w[{index}] is not None: {target} = w[{index}]", indent + 1)

    def _emit_empty(self, row: Row, targets: list[str]) -> None:
        """Emit what a regional field holds where there is no value, if its row says so."""
        if self.reading or row.empty not in _ABSENT:
            return
        for target in targets:
            above, key = target[:-1].split("[")
            self.emit(f"if {key} not in {above}: {target} = {self.bind('x', _ABSENT[row.empty])}")

    def _way(self, row: Row) -> Way | None:
        if row.codec is None:
            return None
        return row.codec.read if self.reading else row.codec.write

    def _step(self, row: Row, at: tuple[str, ...]) -> runtime.Step:
        """Return what converts a row's value where no shortcut does."""
        if row.name == "array" and row.separator:
            join = runtime.joined if self.reading else runtime.parted
            return join(self._nested(row), at[0], row.separator)
        if row.name == "array":
            return runtime.each(self._nested(row), at[0])
        if row.name == "json":
            inner = self._nested(row) if row.rows is not None else None
            inner = runtime.each(inner, "") if inner is not None and row.listed else inner
            return runtime.unfolded(inner, at[0]) if self.reading else runtime.folded(inner, at[0])
        way = self._way(row)
        if way is None:  # pragma: no cover - every other row has a codec
            raise AssertionError(row.name)
        if row.name == "first-of" and self.reading:
            return runtime.first_of(way.carry, at)
        return runtime.guarded(way.carry, at)

    def _nested(self, row: Row) -> runtime.Step:
        return _Level(row.rows or (), self.space, reading=self.reading, top=False).function()


def constant(value: object) -> Callable[[Any], None]:
    """Make the check that a value is the only one there can be."""

    def check(found: Any) -> None:
        if type(found) is not type(value) or found != value:
            raise refuse("constant_differs", str(value), found)

    return check


def holds(at: Path, values: tuple[Any, ...]) -> Callable[[object], bool]:
    """Make the question whether the value at a place is one of these (none: whether there is one at all)."""
    wanted = {(type(value), value) for value in values}

    def ask(document: object) -> bool:
        found = pointers.find(document, at)
        if not wanted:
            return found is not None and found != ""
        return type(found) in (str, int, bool) and (type(found), found) in wanted

    return ask


def _is_part(row: Row) -> bool:
    return row.name == "part"
