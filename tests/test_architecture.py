"""What ARCHITECTURE.md promises of the source, where no linter can hold it; each rule is seen to bite."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from pathlib import Path

import pytest

from gateway.core import errors

GATEWAY = Path(__file__).parents[1] / "gateway"
FILE_LINES, FUNCTION_LINES = 400, 60

FORBIDDEN_IN_CORE = frozenset(
    [
        "aiohttp",
        "aiosqlite",
        "asyncio",
        "io",
        "logging",
        "os",
        "pathlib",
        "random",
        "secrets",
        "select",
        "signal",
        "socket",
        "sqlite3",
        "structlog",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "urllib.request",
        "uuid",
        "uuid_utils",
    ]
)
CLOCKS = frozenset({"now", "utcnow", "today", "open", "print", "input"})
VAGUE = frozenset(
    ["base", "common", "helper", "helpers", "manager", "managers", "misc", "shared", "tools", "util", "utils"]
)
# They read what partners answer, or stand for a partner; nothing here says what this gateway answers.
READERS_OF_STATUSES = frozenset({"flow/settle.py", "partners/transports/http.py", "cli/jwks.py", "demo/system.py"})
# 200 and 500 are limits of many kinds too, and say nothing alone.
STATUSES = frozenset(map(int, HTTPStatus)) - {100, 200, 300, 500}
SQL = re.compile(
    r"\s*(?:SELECT\b.+\bFROM\b|INSERT\s+INTO\b|UPDATE\s+\w+\s+SET\b|DELETE\s+FROM\b|(?:CREATE|DROP|ALTER)\s+(?:TABLE|INDEX)\b"
    r"|PRAGMA\s|BEGIN\s+IMMEDIATE|COMMIT$|ROLLBACK$)",
    re.DOTALL,
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, kw_only=True)
class Module:
    """One source file of the gateway; `place` is its path below gateway/."""

    place: str
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(self.tree))

    @cached_property
    def imports(self) -> frozenset[str]:
        plain = (alias.name for node in self.nodes if isinstance(node, ast.Import) for alias in node.names)
        parts = (
            name
            for node in self.nodes
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
            for name in (node.module or "", f"{node.module}.{alias.name}")
        )
        return frozenset((*plain, *parts))


MODULES = tuple(
    Module(place=path.relative_to(GATEWAY).as_posix(), source=path.read_text("utf-8"))
    for path in sorted(GATEWAY.rglob("*.py"))
)


def impurities(module: Module) -> Iterator[str]:
    """`core` performs no I/O, reads no clock and draws no lots."""
    if not module.place.startswith("core/"):
        return
    yield from (name for name in module.imports if {name, name.partition(".")[0]} & FORBIDDEN_IN_CORE)
    for node in module.nodes:
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in CLOCKS:
                yield f"line {node.lineno}: {name}()"


def vague_names(module: Module) -> Iterator[str]:
    """A module is called after what is in it."""
    yield from VAGUE & {*Path(module.place).with_suffix("").parts}


def long_files(module: Module) -> Iterator[str]:
    """A file is read in one sitting."""
    if (lines := len(module.source.splitlines())) > FILE_LINES:
        yield f"{lines} lines"


def long_functions(module: Module) -> Iterator[str]:
    """A function fits a screen."""
    for node in module.nodes:
        if isinstance(node, Function) and (lines := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES:
            yield f"{node.name}: {lines} lines"


def statuses(module: Module) -> Iterator[str]:
    """Only `api` says what HTTP calls a failure."""
    if module.place.startswith("api/") or module.place in READERS_OF_STATUSES:
        return
    if "http.HTTPStatus" in module.imports:
        yield "imports HTTPStatus"
    for node in module.nodes:
        if isinstance(node, ast.Constant) and type(node.value) is int and node.value in STATUSES:
            yield f"line {node.lineno}: {node.value}"


def statements(module: Module) -> Iterator[str]:
    """Only `store` holds SQL, and speaks to a database; and one module what is said to the databases of regions."""
    if module.place.startswith("store/"):
        return
    if not module.place.startswith("partners/tables/"):
        yield from (name for name in module.imports if name.partition(".")[0] in {"sqlite3", "aiosqlite", "asyncpg"})
    if module.place == "partners/tables/sql.py":
        return
    for node in module.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value):
            yield f"line {node.lineno}: SQL"


def unexplained_catches(module: Module) -> Iterator[str]:
    """Who catches everything says why, or lets it go on."""
    lines = module.source.splitlines()
    for node in module.nodes:
        if not isinstance(node, ast.ExceptHandler) or not _catches_all(node):
            continue
        passes_on = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
        if not passes_on and not re.search(r"#(?! noqa)|# noqa: \S+ - ", lines[node.lineno - 1]):
            yield f"line {node.lineno}"


def undescribed(module: Module) -> Iterator[str]:
    """Everything public says what it is for."""
    if not ast.get_docstring(module.tree):
        yield "the module"
    yield from _undescribed_in(module.tree)


def stray_errors(module: Module) -> Iterator[str]:
    """The tree of errors is drawn, and so defined, in one place."""
    if module.place == "core/errors.py":
        return
    families = {name for name, _ in defined_tree()} | {"GatewayError"}
    for node in module.nodes:
        if isinstance(node, ast.ClassDef) and families & {getattr(base, "id", "") for base in node.bases}:
            yield node.name


def _catches_all(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or getattr(kind, "id", "") in {"Exception", "BaseException"} for kind in caught)


def _undescribed_in(scope: ast.Module | ast.ClassDef) -> Iterator[str]:
    for node in scope.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        if not ast.get_docstring(node):
            yield f"line {node.lineno}: {node.name}"
        if isinstance(node, ast.ClassDef):
            yield from _undescribed_in(node)


Rule = Callable[[Module], Iterable[str]]
# A rule, and a source that breaks it: a rule that lets its breach through protects nothing.
BREACHES: tuple[tuple[Rule, str, str], ...] = (
    (impurities, "core/x.py", "import time"),
    (impurities, "core/x.py", "from os import environ"),
    (impurities, "core/x.py", "from urllib import request"),
    (impurities, "core/x.py", "def f():\n    from random import random"),
    (impurities, "core/x.py", "import datetime\nat = datetime.datetime.now()"),
    (impurities, "core/x.py", "from datetime import datetime\nat = datetime.utcnow()"),
    (impurities, "core/x.py", "text = open('x').read()"),
    (vague_names, "flow/utils.py", ""),
    (vague_names, "common/thing.py", ""),
    (long_files, "flow/x.py", "x = 1\n" * (FILE_LINES + 1)),
    (long_functions, "flow/x.py", "async def f():\n" + "    x = 1\n" * FUNCTION_LINES),
    (statuses, "flow/x.py", "from http import HTTPStatus"),
    (statuses, "core/x.py", "STATUS = 409"),
    (statements, "flow/x.py", "row = run('SELECT a FROM b')"),
    (statements, "api/x.py", "text = 'INSERT INTO exchanges VALUES (1)'"),
    (statements, "cli/x.py", "import sqlite3"),
    (statements, "partners/tables/x.py", "row = run('SELECT a FROM b')"),
    (statements, "partners/x.py", "import asyncpg"),
    (unexplained_catches, "flow/x.py", "try:\n    f()\nexcept Exception:\n    g()"),
    (unexplained_catches, "flow/x.py", "try:\n    f()\nexcept (OSError, Exception):  # noqa: BLE001\n    g()"),
    (unexplained_catches, "flow/x.py", "try:\n    f()\nexcept:\n    g()"),
    (undescribed, "flow/x.py", "x = 1"),
    (undescribed, "flow/x.py", '"""It."""\ndef f():\n    pass'),
    (undescribed, "flow/x.py", '"""It."""\nclass A:\n    """It."""\n    async def f(self):\n        pass'),
    (stray_errors, "flow/x.py", "class StrangeError(RetryableError):\n    pass"),
)
RULES = tuple(dict.fromkeys(rule for rule, _, _ in BREACHES))


@pytest.mark.parametrize("rule", RULES)
def test_the_source_keeps_the_rule(rule: Rule):
    broken = [f"gateway/{module.place}: {breach}" for module in MODULES for breach in rule(module)]

    assert not broken, rule.__doc__


@pytest.mark.parametrize(("rule", "place", "source"), BREACHES)
def test_a_breach_of_the_rule_is_caught(rule: Rule, place: str, source: str):
    assert list(rule(Module(place=place, source=source)))


def test_what_is_allowed_is_not_called_a_breach():
    explained = "try:\n    f()\nexcept Exception:  # noqa: BLE001 - the process entry\n    g()"
    passed_on = "try:\n    f()\nexcept BaseException:\n    close()\n    raise"
    allowed = (
        (impurities, "flow/x.py", "import time\nat = time.now()"),
        (statuses, "flow/x.py", "LIMIT = 500"),
        (statements, "store/x.py", "run('SELECT a FROM b')"),
        (statements, "partners/tables/x.py", "import asyncpg"),
        (statements, "partners/tables/sql.py", "ALL = 'SELECT a FROM b'"),
        (statements, "cli/x.py", "help = 'Select the ones from last year.'"),
        (unexplained_catches, "cli/x.py", explained),
        (unexplained_catches, "cli/x.py", passed_on),
    )

    assert not [breach for rule, place, source in allowed for breach in rule(Module(place=place, source=source))]


def test_the_error_tree_drawn_is_the_error_tree_defined():
    assert drawn_tree(errors.__doc__ or "") == defined_tree()


def test_a_drawing_that_differs_is_noticed():
    drawing = errors.__doc__ or ""
    line = next(line for line in drawing.splitlines() if "ReplayedTokenError" in line)

    assert drawn_tree(drawing.replace(line, "")) != defined_tree()
    assert drawn_tree(drawing.replace("· ReplayedTokenError", "+ ReplayedTokenError")) != defined_tree()


def drawn_tree(drawing: str) -> list[tuple[str, str]]:
    """Return each error of the drawing with the one that it hangs on, in the order drawn."""
    tree, above = list[tuple[str, str]](), [""] * 4
    for bullet, name in re.findall(r"^\s*([*+·-]) (\w+Error)\b", drawing, re.MULTILINE):
        depth = "*-+·".index(bullet)
        above[depth] = name
        if depth:
            tree.append((name, above[depth - 1]))
    return tree


def defined_tree() -> list[tuple[str, str]]:
    """Return each error with its parent, in the order defined."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.GatewayError)]
    return [
        (kind.__name__, kind.__base__.__name__) for kind in kinds if kind.__base__ and kind is not errors.GatewayError
    ]
