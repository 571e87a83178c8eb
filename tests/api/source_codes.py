"""Finds every stable code in the source: what each error class, raise and fault is called."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

GATEWAY = Path(__file__).parents[2] / "gateway"
_SILENT = {"contract", "demo"}  # what describes, and what plays: neither answers anybody


class Taker(NamedTuple):
    """A function that takes a `code`: at which position (-1 for by name only), and which error it returns, if any."""

    position: int
    returns: str


def codes_in_source(root: Path = GATEWAY) -> dict[str, set[str]]:
    """Return each code with the error classes it is raised as; an empty set for one that only faults carry."""
    paths = [path for path in sorted(root.rglob("*.py")) if not _SILENT & set(path.relative_to(root).parts)]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in paths]
    public = {name: taker for tree in trees for name, taker in _takers(tree) if not name.startswith("_")}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for tree in trees:
        takers = public | dict(_takers(tree))
        for code, raised in (
            *_class_codes(tree),
            *_called_codes(tree, takers),
            *_lent_codes(tree),
            *_listed_codes(tree),
            *_answered_codes(tree),
            *_told_codes(tree),
        ):
            found[code] |= {raised} - {""}
    return dict(found)


def _class_codes(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
            for statement in node.body:
                match statement:
                    case (
                        ast.Assign(targets=[ast.Name("code")], value=ast.Constant(str(code)))
                        | ast.AnnAssign(target=ast.Name("code"), value=ast.Constant(str(code)))
                    ):
                        yield code, node.name


def _takers(tree: ast.Module) -> Iterator[tuple[str, Taker]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args) if argument.arg != "self"]
            if "code" in names or any(argument.arg == "code" for argument in node.args.kwonlyargs):
                returned = ast.unparse(node.returns) if node.returns else ""
                position = names.index("code") if "code" in names else -1
                yield node.name, Taker(position, returned if returned.endswith("Error") else "")


def _called_codes(tree: ast.Module, takers: dict[str, Taker]) -> Iterator[tuple[str, str]]:
    for call in _calls(tree):
        taker = takers.get(_name(call), Taker(-1, ""))
        raised = _name(call) if _name(call).endswith("Error") else taker.returns
        values = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
        values += call.args[taker.position : taker.position + 1] if taker.position >= 0 else []
        yield from ((code, raised) for value in values for code in _constants(value))


def _lent_codes(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the codes that a function gives to a fault or a variable, and raises an error under."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            borrowers = [_name(call) for call in _calls(node) if _borrows(call)]
            lent = [code for call in _calls(node) if _name(call) == "Fault" for code in _keyword_constants(call)]
            lent += [code for value in _assigned(node) for code in _constants(value)]
            yield from ((code, borrower) for code in lent for borrower in borrowers)


def _listed_codes(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield HTTP_CODES' values, and the keys of tables from codes to (English, Chinese).

    Where the module raises an error under such a code, that is the error.
    """
    borrowers = [_name(call) for call in _calls(tree) if _borrows(call)] or [""]
    for node in tree.body:
        match node:
            case ast.AnnAssign(target=ast.Name("HTTP_CODES"), value=ast.Dict(values=values)):
                yield from ((code, "") for value in values for code in _constants(value))
            case ast.Assign(value=ast.Dict() as table) | ast.AnnAssign(value=ast.Dict() as table) if _is_told(table):
                yield from ((code, each) for key in table.keys if key for code in _constants(key) for each in borrowers)


def _answered_codes(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the codes of answers written as dicts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if key is not None and _constants(key) == ["code"]:
                    yield from ((code, "") for code in _constants(value) if code.isidentifier() and code.islower())


def _told_codes(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield every code that stands before its meaning in English and in Chinese, in a table or a call.

    A tuple of more than four is the head of a sheet.
    """
    for node in ast.walk(tree):
        listed = node.elts if isinstance(node, ast.Tuple) else node.args if isinstance(node, ast.Call) else []
        if isinstance(node, ast.Tuple) and len(listed) > 4:
            continue
        texts = [_constants(each) for each in listed]
        for first, english, chinese in zip(texts, texts[1:], texts[2:], strict=False):
            if len(first) == len(english) == len(chinese) == 1 and _chinese(chinese[0]) and not _chinese(english[0]):
                yield from ((code, "") for code in first if code.isidentifier())


def _chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def _is_told(table: ast.Dict) -> bool:
    """Tell whether every value is a pair of texts."""
    pairs = [value.elts for value in table.values if isinstance(value, ast.Tuple)]
    return len(pairs) == len(table.values) > 0 and all(
        len(pair) == 2 and all(_constants(text) for text in pair) for pair in pairs
    )


def _calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _borrows(call: ast.Call) -> bool:
    return _name(call).endswith("Error") and any(
        keyword.arg == "code" and isinstance(keyword.value, ast.Attribute | ast.Name) for keyword in call.keywords
    )


def _assigned(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name("code")], value=value):
                yield value


def _keyword_constants(call: ast.Call) -> list[str]:
    return [code for keyword in call.keywords if keyword.arg == "code" for code in _constants(keyword.value)]


def _constants(value: ast.expr) -> list[str]:
    match value:
        case ast.Constant(str(code)) if code:
            return [code]
        case ast.IfExp(body=body, orelse=orelse):
            return _constants(body) + _constants(orelse)
    return []
