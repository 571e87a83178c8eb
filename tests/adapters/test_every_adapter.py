"""What every shipped adapter must do, whatever its layout."""

import copy
import tomllib
from collections.abc import Iterator
from functools import cache
from math import inf
from typing import Any

import orjson
import pytest

from gateway.adapters.drawn import Judged, Trial
from gateway.core.conversion.conformance import Report, Verdict, check, examples_in
from gateway.core.conversion.pointer import tokens
from gateway.core.errors import InvalidDocumentError
from gateway.resources import data_folder, read_adapter_folder, shipped_adapters, shipped_code_lists, shipped_forms

FORMS = shipped_forms()
# A layout that is still being written has no README yet; with it, it promises everything here.
FILES = {
    path.parent.name: read_adapter_folder(path.parent) for path in sorted(data_folder("adapters").glob("*/README.md"))
}
ADAPTERS = {name: adapter for name, adapter in shipped_adapters().items() if name in FILES}
EXAMPLES = {name: examples_in(files) for name, files in FILES.items()}
MESSAGES = [
    pytest.param(name, kind, message, id=f"{name}-{message}")
    for name, adapter in ADAPTERS.items()
    for kind, channel in adapter.channels.items()
    for message in channel.messages
]
every_adapter = pytest.mark.parametrize("name", list(ADAPTERS))
every_message = pytest.mark.parametrize(("name", "kind", "message"), MESSAGES)
every_example = pytest.mark.parametrize(
    ("name", "example"),
    [pytest.param(name, one, id=f"{name}-{one.kind}-{one.name}") for name, found in EXAMPLES.items() for one in found],
)


@cache
def _report(name: str) -> Report:
    return check(ADAPTERS[name], EXAMPLES[name], forms=FORMS, code_lists=shipped_code_lists())


@every_adapter
def test_it_is_named_like_its_folder_and_says_what_it_is_in_both_languages(name):
    manifest = ADAPTERS[name].manifest

    assert manifest.name == name
    assert manifest.title
    assert manifest.title_zh


@every_adapter
def test_every_message_has_an_example_and_every_example_holds(name):
    report = _report(name)

    assert report.unexemplified == ()
    assert [one for one in report.verdicts if one.faults or one.canonical_differs or one.returned_differs] == []
    assert [(one.name, at) for one in report.verdicts for at in _respelled_unasked(one)] == []


@every_example
def test_an_example_becomes_its_canonical_form_and_that_becomes_the_example_again(name, example):
    adapter = ADAPTERS[name]

    forth = adapter.to_canonical(example.kind, example.regional, example.media_type)
    back = adapter.to_regional(example.kind, orjson.loads(example.canonical))
    again = adapter.to_canonical(example.kind, back.body, back.media_type)

    assert forth.document == orjson.loads(example.canonical)
    assert FORMS[example.kind].faults(forth.document) == ()
    assert again.variant == forth.variant


@every_example
def test_a_code_without_a_partner_is_refused(name, example):
    adapter = ADAPTERS[name]
    document = adapter.read(example.kind, example.regional, example.media_type)
    variant = (
        adapter.channels[example.kind]
        .messages[adapter.to_canonical(example.kind, example.regional, example.media_type).variant]
        .variant
    )
    rows = tomllib.loads(FILES[name][variant.table].decode())["rows"]

    for broken in _with_a_wrong_code(document, rows):
        with pytest.raises(InvalidDocumentError):
            adapter.canonical_of(example.kind, broken)


@every_message
def test_what_its_own_schema_allows_is_refused_or_comes_back(name, kind, message):
    variant = ADAPTERS[name].channels[kind].messages[message].variant
    judged = Judged(adapter=ADAPTERS[name], files=FILES[name], examples=EXAMPLES[name], forms=FORMS)

    found = Trial(judged, kind, variant, inf).of(15)

    assert found.failures == ()
    assert found.ended == ""
    assert not found.refusals_only


@every_adapter
def test_its_readme_names_everything_that_is_lossy(name):
    readme = FILES[name]["README.md"].decode()
    lines = readme.splitlines()
    rows = {row.path for one in _report(name).coverage for row in (*one.lossy_to_canonical, *one.lossy_to_regional)}
    codes = {
        (table.name, code)
        for table in ADAPTERS[name].manifest.codes.values()
        for code in (*table.lossy_read, *table.lossy_write)
    }

    assert {at for at in rows if f"`{at}`" not in readme} == set()
    assert {(t, c) for t, c in codes if not any(f"`{t}`" in line and f"`{c}`" in line for line in lines)} == set()


def _respelled_unasked(verdict: Verdict) -> list[str]:
    """Return the fields that come back otherwise though no row says so.

    The report compares a row inside an array of exactly one (`/ItemInfo/0/…`) as if no row were there, so what it says
    of such places is left out here; the law below judges them.
    """
    return [at for at in verdict.regional_differs if "/0/" not in at]


def _with_a_wrong_code(document: Any, rows: list[dict[str, Any]]) -> Iterator[Any]:
    """Yield the document once for each code in it, with that code replaced by one that no table has."""
    for row in rows:
        path = row.get("regional")
        codec = row.get("codec", "text")
        listed = codec == "list" and row.get("of", {}).get("codec") == "code"
        if row.get("only") == "to-regional" or not isinstance(path, str):
            continue
        if codec == "array":
            yield from _with_a_wrong_code_inside(document, tokens(path), row["rows"])
        elif codec == "code" or listed:
            broken = copy.deepcopy(document)
            if _replace(broken, tokens(path)):
                yield broken


def _with_a_wrong_code_inside(document: Any, path: tuple[str, ...], rows: list[dict[str, Any]]) -> Iterator[Any]:
    elements = _at(document, path)
    for index, element in enumerate(elements if isinstance(elements, list) else []):
        for inner in _with_a_wrong_code(element, rows):
            broken = copy.deepcopy(document)
            _at(broken, path)[index] = inner
            yield broken


def _at(document: Any, path: tuple[str, ...]) -> Any:
    for token in path:
        if isinstance(document, list):
            document = document[int(token)] if token.isdecimal() and int(token) < len(document) else None
        else:
            document = document.get(token) if isinstance(document, dict) else None
    return document


def _replace(document: Any, path: tuple[str, ...]) -> bool:
    """Put a code that no table has where there is one; tell whether there was."""
    above = _at(document, path[:-1])
    before = above.get(path[-1]) if path and isinstance(above, dict) else None
    if before in (None, "", []):
        return False
    wrong: Any = 987654 if isinstance(before, int) else "~~"
    above[path[-1]] = [wrong] if isinstance(before, list) else wrong
    return True
