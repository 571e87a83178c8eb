"""The arithmetic of docs/capacity.md is right: every sum it shows is done again here."""

import ast
import operator
import re
from collections.abc import Callable
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "capacity.md"
SPANS = re.compile(r"`([0-9(][^`]* = [^`]+)`")
NUMBER = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?")
ROUNDED = 0.02  # what is shown may be rounded by
OPERATIONS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def sums() -> list[str]:
    """Return every span of the page that says what something comes to."""
    return SPANS.findall(PAGE.read_text(encoding="utf-8"))


def value(node: ast.expr) -> float:
    match node:
        case ast.BinOp():
            return OPERATIONS[type(node.op)](value(node.left), value(node.right))
        case ast.Constant(value=int() | float() as number):
            return number
    raise AssertionError(f"not a sum: {ast.dump(node)}")


def done(left: str) -> float:
    """Return what the left side comes to; units are words behind its numbers, and change nothing."""
    written = left.replace(",", "").translate(str.maketrans("×÷−", "*/-"))
    return value(ast.parse(re.sub(r"[^0-9+\-*/(). ]|/s", "", written).strip(), mode="eval").body)


@pytest.mark.parametrize("shown", sums())
def test_what_is_shown_is_what_it_comes_to(shown):
    left, _, right = shown.rpartition(" = ")
    told = float(NUMBER.findall(right)[0].replace(",", ""))

    assert told == pytest.approx(done(left), rel=ROUNDED)


def test_the_page_shows_its_sums():
    assert len(sums()) > 20


def test_a_wrong_sum_is_noticed():
    assert done("8.31 × 20 applications/s") == pytest.approx(166.2)
    assert done("(2 + 4) ÷ 3 − 1") == 1
