"""Names and numbers in each other's place, divisions by local names, and arrays embedded in a text."""

import pytest

from gateway.core.conversion.loading import load_adapter
from gateway.core.errors import AdapterError, InvalidDocumentError
from gateway.core.model import DocumentKind
from tests.core.conversion.samples import adapter, files

KIND = DocumentKind.APPLICATION
COMPANY, CREDIT_CODE = "上海启明贸易有限公司", "91310000MA1FL5A17P"
PERSON, RESIDENT_ID = "陈小满", "31010119900307002x"
PAIR = '{ canonical = ["/name", "/number"], regional = ["/targetName", "/targetNo"], codec = "name-and-number" }'
DISTRICTS = 'values = [{ regional = "SH00SH", canonical = "310000000000" }]'
EMBEDDED = """{ canonical = "/l", regional = "/INFO", codec = "json", array = true, rows = [
  { canonical = "/x", regional = "/X" }, { canonical = "/n", regional = "/N", codec = "integer" } ] }""".replace(
    "\n", ""
)


def _pair(name, number):
    canonical = adapter(PAIR).canonical_of(KIND, {"targetName": name, "targetNo": number}).document
    return canonical.get("name"), canonical.get("number")


def _codes(rows, **others):
    with pytest.raises(AdapterError) as caught:
        load_adapter(files(rows, **others))
    return {fault.code for fault in caught.value.faults}


@pytest.mark.parametrize(
    ("name", "number"), [(COMPANY, CREDIT_CODE), (PERSON, RESIDENT_ID), (PERSON, "310101900307002"), ("Li Si", "123")]
)
def test_a_name_and_its_number_in_order_stay_as_they_are(name, number):
    assert _pair(name, number) == (name, number)


@pytest.mark.parametrize(
    ("name", "number"), [(COMPANY, CREDIT_CODE), (PERSON, RESIDENT_ID), (PERSON, "310101900307002")]
)
def test_a_name_and_its_number_in_each_others_place_are_put_right(name, number):
    assert _pair(number, name) == (name, number)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        (CREDIT_CODE, RESIDENT_ID),  # two numbers: which is the name cannot be told
        (COMPANY, PERSON),  # two names
        (CREDIT_CODE, None),
        (CREDIT_CODE, "17"),
        (RESIDENT_ID, "LI SI"),  # nor is it told of a name in Latin letters
        (CREDIT_CODE, " "),
        ("E12345678", PERSON),  # the number of a passport may be a name as far as its shape goes
        (CREDIT_CODE + "0", COMPANY),
    ],
)
def test_where_the_data_leaves_a_doubt_nothing_changes_places(name, number):
    assert _pair(name, number) == (name, None if number == " " else number)


def test_a_name_and_its_number_are_written_in_order_and_come_back():
    loaded = adapter(PAIR)
    canonical = loaded.canonical_of(KIND, {"targetName": CREDIT_CODE, "targetNo": COMPANY})

    back = loaded.to_regional(KIND, canonical.document)

    assert (canonical.losses, back.losses) == ((), ())
    assert back.document == {"targetName": COMPANY, "targetNo": CREDIT_CODE}
    assert loaded.canonical_of(KIND, back.document).document == canonical.document


def test_a_name_that_is_no_text_is_refused_where_it_stands():
    with pytest.raises(InvalidDocumentError) as caught:
        adapter(PAIR).canonical_of(KIND, {"targetName": 1, "targetNo": ["x"]})

    assert {(one.pointer, one.code) for one in caught.value.faults} == {
        ("/targetName", "type_wrong"),
        ("/targetNo", "type_wrong"),
    }


def test_a_name_and_number_row_needs_two_paths_on_each_side():
    assert "option_invalid" in _codes('{ canonical = "/a", regional = "/A", codec = "name-and-number" }')


@pytest.mark.parametrize(("regional", "canonical"), [("SH00SH", "310000000000"), ("310115000000", "310115000000")])
def test_a_division_is_said_by_its_local_name_where_it_has_one(regional, canonical):
    loaded = adapter(
        '{ canonical = "/c", regional = "/R", codec = "region", table = "district" }', codes__district=DISTRICTS
    )

    assert loaded.canonical_of(KIND, {"R": regional}).document == {"c": canonical}
    assert loaded.to_regional(KIND, {"c": canonical}).document == {"R": regional}


def test_a_local_name_that_no_table_has_is_refused():
    loaded = adapter(
        '{ canonical = "/c", regional = "/R", codec = "region", table = "district" }', codes__district=DISTRICTS
    )

    with pytest.raises(InvalidDocumentError) as caught:
        loaded.canonical_of(KIND, {"R": "SH00XX"})

    assert [one.code for one in caught.value.faults] == ["region_unreadable"]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ('values = [{ regional = "SH", canonical = "310000" }]', "option_invalid"),
        ('values = [{ regional = "310000", canonical = "310000000000" }]', "option_invalid"),
    ],
)
def test_local_names_of_divisions_are_no_digits_and_mean_twelve(values, code):
    row = '{ canonical = "/c", regional = "/R", codec = "region", table = "district" }'

    assert code in _codes(row, codes__district=values)
    assert "code_list_unknown" in _codes(row)


def test_an_array_embedded_in_a_text_is_read_and_written_by_rows():
    loaded = adapter(EMBEDDED)
    regional = {"INFO": '[{"X":"1","N":2},{"X":"3"}]'}

    conversion = loaded.canonical_of(KIND, regional)

    assert conversion.document == {"l": [{"x": "1", "n": 2}, {"x": "3"}]}
    assert loaded.to_regional(KIND, conversion.document).document == regional


def test_fields_without_a_row_in_an_embedded_array_come_back_where_they_were():
    loaded = adapter(EMBEDDED)
    regional = {"INFO": '[{"X":"1"},{"X":"3","Y":"4"}]'}

    conversion = loaded.canonical_of(KIND, regional)

    assert conversion.document["extensions"] == {"demo": {"/INFO/1/Y": "4"}}
    assert loaded.to_regional(KIND, conversion.document).document == regional


def test_what_is_wrong_in_an_embedded_array_points_at_the_text_that_holds_it():
    loaded = adapter(EMBEDDED)

    for text in ('{"X":"1"}', '[{"N":"x"}]', '["x"]'):
        with pytest.raises(InvalidDocumentError) as caught:
            loaded.canonical_of(KIND, {"INFO": text})
        assert {(one.pointer, one.code) for one in caught.value.faults} == {("/INFO", "type_wrong")}


def test_a_field_of_an_embedded_array_is_traced_to_its_element():
    loaded = adapter(EMBEDDED)

    (origin,) = loaded.provenance(KIND, {"l": [{"x": "1"}]})

    assert (origin.canonical, origin.regional) == ("/l/0/x", ("/INFO/0/X",))


def test_only_embedded_json_with_rows_may_be_called_an_array():
    assert "option_unknown" in _codes('{ canonical = "/a", regional = "/A", codec = "json", array = true }')
