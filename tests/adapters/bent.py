"""Bends documents that are right: Hypothesis draws where, and what stands there instead."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.text(max_size=12),
    st.sampled_from(
        ["", " ", "0", "1", "9" * 40, "是", "２０个工作日", "20个工作日", "1;2", "{", "[1,2]", "\ud7ff", "<br>"]
    ),
    st.sampled_from(["20260229", "2026-11-22 08:30:00", "1772415000000", "420300000000", "11010519491231002X", "~~"]),
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
    max_leaves=6,
)
_ACTS = ("replace", "remove", "wrap", "repeat", "rename", "add")

Path = tuple[str | int, ...]


def bent(document: Any) -> st.SearchStrategy[Any]:
    """Return documents that differ from a right one in one to four places."""
    places = list(_places(document))
    edits = st.lists(st.tuples(st.sampled_from(places), st.sampled_from(_ACTS), _VALUES), min_size=1, max_size=4)
    return edits.map(lambda chosen: _edited(document, chosen))


def grafted(document: dict[str, Any], others: list[dict[str, Any]]) -> st.SearchStrategy[Any]:
    """Return documents that say one to six things more, each as another document of the same form says it."""
    known = [(name, other[name]) for other in others for name in other if name not in document]
    if not known:
        return st.just(document)
    return st.lists(st.sampled_from(known), min_size=1, max_size=6).map(lambda more: {**document, **dict(more)})


def _places(document: Any, above: Path = ()) -> Iterator[Path]:
    inner = document.items() if isinstance(document, dict) else enumerate(document)
    for name, value in inner:
        yield (*above, name)
        if isinstance(value, dict | list):
            yield from _places(value, (*above, name))


def _edited(document: Any, edits: list[tuple[Path, str, Any]]) -> Any:
    document = copy.deepcopy(document)
    for path, act, value in edits:
        _edit(document, path, act, copy.deepcopy(value))
    return document


def _edit(document: Any, path: Path, act: str, value: Any) -> None:
    """Do one edit; where an earlier one removed the place, nothing."""
    above = document
    for name in path[:-1]:
        try:
            above = above[name]
        except (KeyError, IndexError, TypeError):
            return
    name = path[-1]
    there = name in above if isinstance(above, dict) else isinstance(above, list) and _within(above, name)
    if not there:
        return
    old = above[name]
    if act == "remove":
        del above[name]
    elif act == "rename" and isinstance(above, dict):
        above[f"{name}X"] = above.pop(name)
    elif act == "add" and isinstance(above, dict):
        above["strange"] = value
    else:
        above[name] = {"wrap": [old], "repeat": [old, old]}.get(act, value)


def _within(above: list[Any], name: str | int) -> bool:
    return isinstance(name, int) and name < len(above)
