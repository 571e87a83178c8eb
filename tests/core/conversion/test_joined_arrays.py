"""An array of texts on the region's side that is one text on the canonical side."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.conversion.conformance import check, examples_in
from gateway.core.conversion.loading import load_adapter
from gateway.core.errors import AdapterError, InvalidDocumentError
from gateway.core.model import DocumentKind
from tests.core.conversion.samples import adapter, files

KIND = DocumentKind.APPLICATION
JOINED = '{ canonical = "/conditions", regional = "/condition", codec = "array", separator = "\\n", rows = [ %s ] }'
ROWS = JOINED % '{ canonical = "", regional = "/NAME" }'
LOADED = adapter(ROWS)


def refused(document: object) -> set[tuple[str, str]]:
    with pytest.raises(InvalidDocumentError) as caught:
        LOADED.canonical_of(KIND, document)
    return {(fault.pointer, fault.code) for fault in caught.value.faults}


@pytest.mark.parametrize(
    ("regional", "canonical"),
    [
        ([{"NAME": "材料齐全"}, {"NAME": "符合法定形式"}], "材料齐全\n符合法定形式"),
        ([{"NAME": "材料齐全"}], "材料齐全"),
        ([{"NAME": "a"}, {}, {"NAME": "b"}, {}], "a\n\nb\n"),
    ],
)
def test_the_texts_of_an_array_are_one_text_and_an_array_again(regional, canonical):
    assert LOADED.canonical_of(KIND, {"condition": regional}).document == {"conditions": canonical}
    assert LOADED.to_regional(KIND, {"conditions": canonical}).document == {"condition": regional}


def test_plain_texts_are_joined_too():
    loaded = adapter(JOINED % '{ canonical = "", regional = "" }')

    assert loaded.canonical_of(KIND, {"condition": ["a", "", "b"]}).document == {"conditions": "a\n\nb"}
    assert loaded.to_regional(KIND, {"conditions": "a\n\nb"}).document == {"condition": ["a", "", "b"]}


def test_a_field_that_no_row_knows_comes_home_to_its_own_element():
    regional = {"condition": [{"NAME": "a"}, {"KIND": "1"}, {"NAME": "b", "KIND": "2"}]}

    conversion = LOADED.canonical_of(KIND, regional)

    assert conversion.document["extensions"] == {"demo": {"/condition/1/KIND": "1", "/condition/2/KIND": "2"}}
    assert LOADED.to_regional(KIND, conversion.document).document == regional


@pytest.mark.parametrize(("said", "written"), [("a\nb", "a b"), ("a\n\n", "a")])
def test_a_text_that_holds_the_separator_keeps_its_element_and_what_changes_is_named(said, written):
    conversion = LOADED.canonical_of(KIND, {"condition": [{"NAME": "x"}, {"NAME": said}]})

    assert conversion.document == {"conditions": f"x\n{written}"}
    assert conversion.losses == (("/condition/1",) if written != "a" else ())


def test_a_text_that_begins_with_the_separator_reads_the_same_again():
    loaded = adapter(ROWS.replace("\\n", ";"))

    conversion = loaded.canonical_of(KIND, {"condition": [{"NAME": ";a"}, {"NAME": ";"}, {"NAME": "b;c"}]})
    back = loaded.to_regional(KIND, conversion.document)

    assert conversion.document == {"conditions": "a;;b c"}
    assert conversion.losses == ("/condition/0", "/condition/1", "/condition/2")
    assert loaded.canonical_of(KIND, back.document).document == conversion.document


@pytest.mark.parametrize("nothing", [None, "", [], [{}], [{"NAME": " "}, {}]])
def test_an_array_that_says_nothing_becomes_no_field(nothing):
    assert LOADED.canonical_of(KIND, {"condition": nothing}).document == {}


@pytest.mark.parametrize("nothing", ["", " ", "\n"])
def test_a_text_that_says_nothing_becomes_no_array(nothing):
    assert LOADED.to_regional(KIND, {"conditions": nothing}).document == {}


def test_what_cannot_be_joined_is_refused_where_it_stands():
    assert refused({"condition": "a"}) == {("/condition", "type_wrong")}
    assert refused({"condition": ["a"]}) == {("/condition/0", "type_wrong")}
    assert refused({"condition": [{"NAME": "a"}, {"NAME": 1}]}) == {("/condition/1/NAME", "type_wrong")}
    assert refused({"condition": [{"KIND": "no text to come home to"}]}) == {("/condition", "type_wrong")}
    with pytest.raises(InvalidDocumentError) as caught:
        LOADED.to_regional(KIND, {"conditions": ["a"]})
    assert [fault.pointer for fault in caught.value.faults] == ["/conditions"]


@pytest.mark.parametrize(
    "row",
    [
        ROWS.replace('"\\n"', '"; "'),
        ROWS.replace('"\\n"', '" "'),
        JOINED % '{ canonical = "/name", regional = "/NAME" }',
        JOINED % '{ canonical = "", regional = "/NAME", codec = "integer" }',
        JOINED % '{ canonical = "", regional = "/NAME", only = "to-regional" }',
    ],
)
def test_a_table_joins_only_plain_text_with_one_character(row):
    with pytest.raises(AdapterError) as caught:
        adapter(row)

    assert ("application.mapping.toml#/rows/0/separator", "option_invalid") in {
        (fault.pointer, fault.code) for fault in caught.value.faults
    }


_TEXTS = st.text("ab; \n\r\u3000", max_size=6)
_ELEMENT = st.fixed_dictionaries({}, optional={"NAME": st.none() | _TEXTS, "MORE": _TEXTS})


@settings(max_examples=100, deadline=None)
@given(st.lists(_ELEMENT, max_size=4))
def test_what_was_joined_comes_apart_into_the_same_elements(elements):
    try:
        conversion = LOADED.canonical_of(KIND, {"condition": elements})
    except InvalidDocumentError:
        return
    back = LOADED.to_regional(KIND, conversion.document)

    assert back.losses == ()
    assert LOADED.canonical_of(KIND, back.document).document == conversion.document
    if "conditions" in conversion.document:
        assert [one.get("MORE") for one in back.document["condition"]] == [one.get("MORE") for one in elements]


def test_provenance_and_coverage_know_the_joined_text():
    found = files(ROWS)
    loaded = load_adapter(found)
    found["examples/application/one.regional.json"] = b'{"condition":[{"NAME":"a"},{"NAME":"b\\n\\nc"}]}'
    found["examples/application/one.canonical.json"] = b'{"conditions":"a\\nb  c"}'
    told = check(loaded, examples_in(found), fields={KIND: {"/conditions"}})

    (origin,) = loaded.provenance(KIND, {"conditions": "a\nb"})

    assert (origin.canonical, origin.regional, origin.row) == ("/conditions", ("/condition",), "/rows/0")
    assert told.verdicts[0].normalised == ("/condition/1/NAME",)
    assert (told.passed, told.coverage[0].never_filled, told.coverage[0].unexercised) == (True, (), ())


def test_a_joined_text_that_breaks_the_region_s_schema_is_blamed_as_a_whole():
    found = files(ROWS) | {
        "schema.json": b'{"properties":{"condition":{"items":{"properties":{"NAME":{"maxLength":1}}}}}}'
    }
    found["adapter.toml"] += b'schema = "schema.json"\n'

    with pytest.raises(InvalidDocumentError) as caught:
        load_adapter(found).to_regional(KIND, {"conditions": "a\nlong"})

    assert [fault.pointer for fault in caught.value.faults] == ["/conditions"]


@pytest.mark.parametrize("at", ["/conditions", "/conditions/inside"])
def test_a_joined_text_is_never_filled_from_the_overflow(at):
    loaded = adapter(f'{ROWS}, {{ regional = "/EXT", codec = "overflow", limit = 60 }}')

    forged = loaded.canonical_of(KIND, {"EXT": f'{{"tongban":{{"{at}":"forged"}}}}'})

    assert "conditions" not in forged.document
