"""Invariants 5, 6, 7 and 12, held of every shipped adapter over data that nobody wrote by hand.

Each example is bent in drawn places, in either direction. Whatever comes in, the answer is a conversion or a refusal
with a coded reason for each place; and what is converted neither defaults a code nor loses a field unsaid.
"""

import copy
from collections.abc import Callable, Collection, Iterator
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.conversion.adapter import Conversion, digest
from gateway.core.conversion.conformance import differences, examples_in
from gateway.core.conversion.formats import write_document
from gateway.core.conversion.pointer import join, tokens
from gateway.core.conversion.rows import Row
from gateway.core.errors import InvalidDocumentError, RejectedError
from gateway.resources import data_folder, read_adapter_folder, shipped_adapters, shipped_forms
from tests.adapters.bent import Path, bent, grafted

FORMS = shipped_forms()
ADAPTERS = shipped_adapters()
EXAMPLES = [
    (path.parent.name, example)
    for path in sorted(data_folder("adapters").glob("*/README.md"))
    for example in examples_in(read_adapter_folder(path.parent))
]
every_example = pytest.mark.parametrize(
    ("name", "example"), EXAMPLES, ids=[f"{name}-{example.kind}-{example.name}" for name, example in EXAMPLES]
)
drawn = settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def at(document: Any, pointer: str) -> Any:
    for token in tokens(pointer):
        if isinstance(document, list):
            document = document[int(token)] if token.isdecimal() and int(token) < len(document) else None
        else:
            document = document.get(token) if isinstance(document, dict) else None
    return document


def says(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(map(says, value.values() if isinstance(value, dict) else value))
    return value is not None and not (isinstance(value, str) and not value.strip())


def outcome(convert: Callable[[], Conversion]) -> Conversion | RejectedError:
    """Return what a conversion comes to; anything else that it raises is a failure of the law."""
    try:
        return convert()
    except RejectedError as error:
        return error


def told(error: RejectedError) -> bool:
    """Tell whether a refusal names every place it is about by code, and repeats nothing of what stood there."""
    named = error.faults or not isinstance(error, InvalidDocumentError)
    return bool(error.code and named) and all(
        fault.code and fault.message and fault.message_zh for fault in error.faults
    )


@every_example
def test_12_and_7_a_bent_document_is_refused_by_code_or_converted_with_every_loss_named(name, example):
    adapter = ADAPTERS[name]
    wire = adapter.channels[example.kind].document.wire
    right = adapter.read(example.kind, example.regional, example.media_type)

    @drawn
    @given(document=bent(right))
    def law(document):
        try:
            body = write_document(document, wire)
        except ValueError:
            return  # no message in this format says that
        forth = outcome(lambda: adapter.to_canonical(example.kind, body, wire.media_type))
        if isinstance(forth, RejectedError):
            assert told(forth)
            return
        if FORMS[example.kind].faults(forth.document):
            return  # the gateway refuses it one step later

        back = adapter.to_regional(example.kind, forth.document)
        given_again = adapter.read(example.kind, body, wire.media_type)
        lost = {one for one in differences(given_again, back.document) if says(at(given_again, one))}
        vanished = {one for one in lost if not says(at(back.document, one))}
        assert vanished <= set(forth.losses)

    law()


@every_example
def test_12_and_7_a_bent_canonical_document_is_refused_by_code_or_written_with_every_loss_named(name, example):
    adapter = ADAPTERS[name]

    right = orjson.loads(example.canonical or b"")
    alike = [orjson.loads(other.canonical or b"") for _, other in EXAMPLES if other.kind is example.kind]
    # A document of another message is another form: an event keeps its own type.
    fitting = [other for other in alike if other.get("type") == right.get("type") or example.kind != "event"]

    @drawn
    @given(document=st.one_of(bent(right), grafted(right, fitting)))
    def law(document):
        there = outcome(lambda: adapter.to_regional(example.kind, document))
        if isinstance(there, RejectedError):
            assert told(there)
            return
        again = outcome(lambda: adapter.to_canonical(example.kind, there.body, there.media_type))
        if isinstance(again, RejectedError):
            assert told(again)
            return
        if FORMS[example.kind].faults(document):
            return  # a gateway never holds one

        vanished = {one for one in differences(document, again.document) if not says(at(again.document, one))}
        kept = {
            one for one in vanished if says(at(document, one)) and not one.startswith(("/extensions", "/quarantine"))
        }
        assert {one for one in kept if not one.startswith(there.losses)} == set()

    law()


@every_example
def test_6_a_code_that_no_table_has_is_refused_wherever_it_stands(name, example):
    adapter = ADAPTERS[name]
    right = adapter.read(example.kind, example.regional, example.media_type)
    said = adapter.to_canonical(example.kind, example.regional, example.media_type).variant
    rows = adapter.channels[example.kind].messages[said].variant.rows
    places = list(coded(rows, right, ()))

    @drawn
    @given(data=st.data())
    def law(data):
        path, partners = data.draw(st.sampled_from(places))
        wrong = data.draw(st.text("QZ~", min_size=2, max_size=4).filter(lambda text: text not in partners))
        with pytest.raises(InvalidDocumentError):
            adapter.canonical_of(example.kind, replaced(right, path, wrong))

    if places:
        law()


def coded(rows: tuple[Row, ...], document: Any, above: Path) -> Iterator[tuple[Path, Collection[Any]]]:
    """Yield where a document holds codes, with the codes that their table knows."""
    for row in rows:
        for path in row.regional if row.reads and row.when_regional is None else ():
            value = at(document, join(path))
            here = (*above, *(int(part) if part == "0" else part for part in path))
            if row.name == "array" and isinstance(value, list):
                for index, element in enumerate(value):
                    yield from coded(row.rows or (), element, (*here, index))
            elif row.name == "code" and says(value) and row.codec is not None:
                yield here, row.codec.read.partners or ()


def replaced(document: Any, path: Path, value: Any) -> Any:
    changed = copy.deepcopy(document)
    above = changed
    for name in path[:-1]:
        above = above[name]
    above[path[-1]] = value
    return changed


@every_example
def test_5_the_digest_is_of_the_bytes_as_they_came_however_they_are_spelled(name, example):
    adapter = ADAPTERS[name]
    if adapter.channels[example.kind].document.wire.format != "json":
        bodies = st.sampled_from([example.regional, example.regional.rstrip() + b"\n"])
    else:
        parsed = orjson.loads(example.regional.decode(adapter.channels[example.kind].document.wire.charset))
        charset = adapter.channels[example.kind].document.wire.charset
        options = st.sampled_from([0, orjson.OPT_INDENT_2, orjson.OPT_SORT_KEYS, orjson.OPT_APPEND_NEWLINE])
        bodies = options.map(lambda option: orjson.dumps(parsed, option=option).decode().encode(charset))
    expected = adapter.to_canonical(example.kind, example.regional, example.media_type)

    @drawn
    @given(body=bodies)
    def law(body):
        conversion = adapter.to_canonical(example.kind, body, example.media_type)
        assert conversion.source == body
        assert conversion.source_digest == digest(body)
        assert conversion.body == expected.body

    law()
