"""A part of a text is taken where real texts have it; the whole stays exactly as it was."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.conformance import Example, check
from gateway.core.conversion.loading import load_adapter
from gateway.core.conversion.provenance import Origin
from gateway.core.errors import AdapterError
from gateway.core.model import DocumentKind
from tests.core.conversion.samples import files

KIND = DocumentKind.APPLICATION
WHOLE = '{ canonical = "/whole", regional = "/W" }'
SHAPE = 'regional = "/W", codec = "part", template = "{}-{}-00", parts = [{ rest = true }, {}]'
BASE = f'{{ canonical = "/base", {SHAPE}, place = 1 }}'
VERSION = f'{{ canonical = "/version", {SHAPE}, place = 2, of = {{ codec = "integer", wire = "text" }} }}'
TYPED = BASE.replace("{}]", '{ codec = "text" }]')
BESIDE = '{ canonical = "/base", regional = "/B" }'


def adapter(*rows: str) -> Adapter:
    return load_adapter(files(", ".join(rows)))


def test_the_parts_stand_beside_the_whole_which_alone_is_written():
    loaded = adapter(WHOLE, BASE, VERSION)
    canonical = {"whole": "G-7-2-00", "base": "G-7", "version": 2}

    forth = loaded.canonical_of(KIND, {"W": "G-7-2-00"})
    back = loaded.to_regional(KIND, canonical)

    assert (forth.document, forth.losses) == (canonical, ())
    assert (back.document, back.losses) == ({"W": "G-7-2-00"}, ())


def test_a_text_without_the_parts_is_kept_and_found_odd_once():
    forth = adapter(WHOLE, BASE, VERSION).canonical_of(KIND, {"W": "G-7"})

    assert forth.document == {"whole": "G-7", "quarantine": [{"pointer": "/whole", "code": "parts_unreadable"}]}


def test_a_part_that_its_codec_cannot_read_is_left_out():
    assert adapter(WHOLE, BASE, VERSION).canonical_of(KIND, {"W": "G-x-00"}).document == {
        "whole": "G-x-00",
        "base": "G",
    }


@pytest.mark.parametrize("rows", [(WHOLE, BESIDE, BASE), (BASE, BESIDE, WHOLE)])
def test_a_part_yields_to_the_field_beside_it_and_a_contradiction_is_said(rows):
    loaded = adapter(*rows)

    agreeing = loaded.canonical_of(KIND, {"W": "G-1-00", "B": "G"})
    alone = loaded.canonical_of(KIND, {"W": "G-1-00"})
    contradicting = loaded.canonical_of(KIND, {"W": "G-1-00", "B": "H"})

    assert agreeing.document == alone.document == {"whole": "G-1-00", "base": "G"}
    assert contradicting.document["base"] == "H"
    assert contradicting.document["quarantine"] == [{"pointer": "/whole", "code": "parts_contradict"}]
    assert loaded.to_regional(KIND, contradicting.document).document == {"W": "G-1-00", "B": "H"}
    assert loaded.to_regional(KIND, contradicting.document).losses == ()


@pytest.mark.parametrize("canonical", [{"whole": "G-1-00", "version": 3}, {"whole": "G", "version": 1}, {"version": 1}])
def test_what_the_text_written_does_not_say_is_named_as_a_loss(canonical):
    assert adapter(WHOLE, VERSION).to_regional(KIND, canonical).losses == ("/version",)


def test_a_part_lost_to_the_text_travels_in_the_overflow_and_comes_back():
    loaded = adapter(WHOLE, VERSION, '{ regional = "/X", codec = "overflow" }')
    canonical = {"whole": "local", "version": 3}

    there = loaded.to_regional(KIND, canonical)
    home = loaded.canonical_of(KIND, there.document).document

    assert there.losses == ()
    assert home == canonical | {"quarantine": [{"pointer": "/whole", "code": "parts_unreadable"}]}


def test_parts_inside_an_array_point_at_their_element():
    loaded = adapter(f'{{ canonical = "/codes", regional = "/C", codec = "array", rows = [{WHOLE}, {VERSION}] }}')

    forth = loaded.canonical_of(KIND, {"C": [{"W": "G-1-00"}, {"W": "G"}]})

    assert forth.document["codes"] == [{"whole": "G-1-00", "version": 1}, {"whole": "G"}]
    assert forth.document["quarantine"] == [{"pointer": "/codes/1/whole", "code": "parts_unreadable"}]


def test_a_base_code_is_taken_only_where_it_is_sound():
    sound = f'{{ canonical = "/national", {SHAPE}, place = 1, of = {{ codec = "base-code" }} }}'
    loaded = adapter(WHOLE, BASE, sound)

    assert loaded.canonical_of(KIND, {"W": "440118009000-1-00"}).document["national"] == "440118009000"
    for text in ("511A07004003-1-00", "990118009000-1-00", "51201300200004-1-00", "G-000007-001-1-00"):
        assert "national" not in loaded.canonical_of(KIND, {"W": text}).document


def test_provenance_names_the_text_a_part_was_taken_from():
    loaded = adapter(WHOLE, VERSION)
    canonical = loaded.canonical_of(KIND, {"W": "G-1-00"}).document

    assert Origin(canonical="/version", regional=("/W",), row="/rows/1", codec="part") in loaded.provenance(
        KIND, canonical
    )


def test_a_part_that_two_texts_share_is_no_collision():
    texts = {"one": "G-1-00", "two": "G-2-00"}
    pairs = {name: orjson.dumps({"whole": text, "base": "G", "version": int(text[2])}) for name, text in texts.items()}
    examples = [
        Example(name=name, kind=KIND, media_type="application/json", regional=orjson.dumps({"W": text}), canonical=pair)
        for (name, text), pair in zip(texts.items(), pairs.values(), strict=True)
    ]

    report = check(adapter(WHOLE, BASE, VERSION), examples)

    assert report.passed
    assert report.collisions == ()


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (BASE, "rows_contradict"),
        (f"{WHOLE[:-2]}, only = 'to-canonical' }}, {BASE}", "rows_contradict"),
        (f"{WHOLE}, {BASE}, {BASE}", "rows_contradict"),
        (f"{WHOLE}, {BASE.replace('place = 1', 'place = 3')}", "option_invalid"),
        (f"{WHOLE}, {BASE.replace('place = 1', 'place = 0')}", "option_invalid"),
        (f"{WHOLE}, {TYPED}", "option_unknown"),
        (f"{WHOLE}, {BASE.replace('{}-{}-00', '{}')}", "option_invalid"),
    ],
)
def test_a_part_without_its_whole_or_its_place_is_not_loaded(rows, code):
    with pytest.raises(AdapterError) as caught:
        load_adapter(files(rows))

    assert code in {fault.code for fault in caught.value.faults}


@given(st.text(max_size=30))
def test_no_text_is_refused_or_changed(text):
    loaded = adapter(WHOLE, BASE, VERSION)

    forth = loaded.canonical_of(KIND, {"W": text})
    back = loaded.to_regional(KIND, forth.document)

    assert back.document == ({"W": text.strip()} if text.strip() else {})
    assert back.losses == ()
