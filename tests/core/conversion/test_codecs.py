"""Each codec, both ways, with what it refuses and what it loses."""

from collections.abc import Callable

import pytest

from gateway.core.conversion.adapter import Adapter
from gateway.core.errors import InvalidDocumentError
from gateway.core.model import DocumentKind
from tests.core.conversion.samples import adapter

KIND = DocumentKind.APPLICATION
TABLES = {
    "codes__kind": """values = [
      { regional = "1", canonical = "promised" },
      { regional = "2", canonical = "instant" },
      { regional = "9", canonical = "instant", only = "to-canonical", lossy = true },
    ]
    refused = [{ regional = "3", reason = "nobody knows what it means" }]""",
    "codes__unit": """values = [
      { regional = "工作日", canonical = "working-day" },
      { regional = "天", canonical = "day" },
    ]""",
    "codes__digit": 'values = [{ regional = "1", canonical = "working-day" }, { regional = "2", canonical = "day" }]',
}


def row(codec: str) -> Adapter:
    return adapter(f'{{ canonical = "/c", regional = "/R", {codec} }}', **TABLES)


def read(loaded: Adapter, value: object) -> object:
    return loaded.canonical_of(KIND, {"R": value}).document.get("c")


def write(loaded: Adapter, value: object) -> object:
    return loaded.to_regional(KIND, {"c": value}).document.get("R")


def code_of(loaded: Adapter, document: object, *, reading: bool = True) -> set[str]:
    call: Callable[..., object] = loaded.canonical_of if reading else loaded.to_regional
    with pytest.raises(InvalidDocumentError) as caught:
        call(KIND, document)
    return {f"{fault.pointer} {fault.code}" for fault in caught.value.faults}


EXACT = [
    ('codec = "text"', "张三", "张三"),
    ('codec = "code", table = "kind"', "2", "instant"),
    ('codec = "code", table = "digit", wire = "integer"', 1, "working-day"),
    ('codec = "integer"', -7, -7),
    ('codec = "integer", wire = "text"', "7", 7),
    ('codec = "decimal"', "12.5", "12.5"),
    ('codec = "decimal", wire = "number"', 12.5, "12.5"),
    ('codec = "money"', "12.50", 1250),
    ('codec = "money", wire = "number"', 12.5, 1250),
    ('codec = "money", unit = "wan-yuan"', "1.25", 1_250_000),
    ('codec = "money", unit = "fen"', "1250", 1250),
    ('codec = "boolean"', True, True),
    ('codec = "boolean", true = "Y", false = "N"', "N", False),
    ('codec = "boolean", true = 1, false = 0', 1, True),
    ('codec = "boolean", true = "支持", false = "不支持"', "不支持", False),
    ('codec = "date", formats = ["YYYYMMDD"]', "20260228", "2026-02-28"),
    ('codec = "date", formats = ["YYYY-MM-DD"]', "2026-02-28", "2026-02-28"),
    ('codec = "date", formats = ["YYYY/MM/DD"]', "2026/02/28", "2026-02-28"),
    ('codec = "date", formats = ["YYYY年MM月DD日"]', "2026年02月28日", "2026-02-28"),
    ('codec = "date", formats = ["YYYY-MM-DD hh:mm:ss"]', "2026-02-28 00:00:00", "2026-02-28"),
    ('codec = "datetime", formats = ["YYYYMMDDThhmmss"]', "20260228T235959", "2026-02-28T23:59:59+08:00"),
    ('codec = "datetime", formats = ["YYYYMMDDhhmmss"]', "20260228235959", "2026-02-28T23:59:59+08:00"),
    ('codec = "datetime", formats = ["YYYYMMDDhh:mm:ss"]', "2026022823:59:59", "2026-02-28T23:59:59+08:00"),
    ('codec = "datetime", formats = ["YYYY-MM-DD hh:mm:ss"]', "2026-02-28 23:59:59", "2026-02-28T23:59:59+08:00"),
    ('codec = "datetime", formats = ["YYYY-MM-DD hh:mm"]', "2026-02-28 23:59", "2026-02-28T23:59:00+08:00"),
    ('codec = "datetime", formats = ["YYYYMMDD"]', "20260228", "2026-02-28T00:00:00+08:00"),
    ('codec = "datetime", formats = ["ISO"]', "2026-02-28T23:59:59+08:00", "2026-02-28T23:59:59+08:00"),
    ('codec = "datetime", formats = ["milliseconds"]', 1_772_294_399_123, "2026-02-28T23:59:59.123+08:00"),
    ('codec = "datetime", formats = ["milliseconds-text"]', "1772294399000", "2026-02-28T23:59:59+08:00"),
    ('codec = "region"', "511602000000", "511602000000"),
    ('codec = "region", digits = 6', "511602", "511602000000"),
    ('codec = "region", digits = 9', "511602001", "511602001000"),
    ('codec = "organisation", hyphened = true', "00877868-5", "008778685"),
    ('codec = "list", separator = ";"', "a;b", ["a", "b"]),
    ('codec = "list", separator = "^", of = { codec = "code", table = "kind" }', "1^2", ["promised", "instant"]),
    ('codec = "list"', ["a", "b"], ["a", "b"]),
    ('codec = "json"', '{"a":[1,"x"]}', {"a": [1, "x"]}),
]


@pytest.mark.parametrize(("codec", "regional", "canonical"), EXACT)
def test_a_value_goes_both_ways_exactly(codec, regional, canonical):
    loaded = row(codec)

    assert read(loaded, regional) == canonical
    assert write(loaded, canonical) == regional


@pytest.mark.parametrize(
    ("codec", "regional", "canonical"),
    [
        ('codec = "text"', "\u3000 张三 \n", "张三"),
        ('codec = "text", full_width = true, html = true', "Ａ１２<br/>（x）&amp;<b>y</b>", "A12\n(x)&y"),
        ('codec = "text", numbers = true', 138, "138"),
        ('codec = "code", table = "kind"', " 1 ", "promised"),
        ('codec = "code", table = "kind", wire = "either"', 1, "promised"),
        ('codec = "boolean", true = ["是", "1"], false = ["否", "0"]', "1", True),
        ('codec = "date", formats = ["YYYYMMDD", "YYYY-MM-DD"]', "2026-02-28", "2026-02-28"),
        ('codec = "datetime", formats = ["ISO"]', "2026-02-28T15:59:59Z", "2026-02-28T23:59:59+08:00"),
        ('codec = "datetime", formats = ["ISO"]', "2026-02-28T23:59:59", "2026-02-28T23:59:59+08:00"),
        ('codec = "region"', "511602", "511602000000"),
        ('codec = "organisation"', "00877868-5", "008778685"),
        ('codec = "organisation"', "９1511602MA62XXXX1x", "91511602MA62XXXX1X"),
        ('codec = "list", separator = "、", also = [",", "，"]', "甲,乙，、丙", ["甲", "乙", "丙"]),
        ('codec = "money"', "12.5", 1250),
        ('codec = "decimal"', "012.50", "12.5"),
    ],
)
def test_other_spellings_are_understood(codec, regional, canonical):
    assert read(row(codec), regional) == canonical


@pytest.mark.parametrize(
    ("codec", "value", "code"),
    [
        ('codec = "text"', 5, "type_wrong"),
        ('codec = "code", table = "kind"', "3", "code_unmapped"),
        ('codec = "code", table = "kind"', 1, "type_wrong"),
        ('codec = "code", table = "kind"', ["1"], "type_wrong"),
        ('codec = "integer"', True, "type_wrong"),
        ('codec = "integer"', 2**53, "number_unsafe"),
        ('codec = "integer", wire = "text"', "1.5", "number_unreadable"),
        ('codec = "integer", wire = "text"', "１２", "number_unreadable"),
        ('codec = "money"', "1.005", "number_unsafe"),
        ('codec = "money"', "1,000", "number_unreadable"),
        ('codec = "boolean", true = 1, false = 0', True, "boolean_unreadable"),
        ('codec = "boolean"', 1, "boolean_unreadable"),
        ('codec = "date", formats = ["YYYYMMDD"]', "20260230", "date_unreadable"),
        ('codec = "date", formats = ["YYYYMMDD"]', "2026W104", "date_unreadable"),
        ('codec = "date", formats = ["YYYY-MM-DD"]', "2026-W10-4", "date_unreadable"),
        ('codec = "datetime", formats = ["YYYYMMDDhhmmss"]', "20260228240000", "datetime_unreadable"),
        ('codec = "datetime", formats = ["YYYYMMDDhhmmss"]', "２0260228235959", "datetime_unreadable"),
        ('codec = "datetime", formats = ["milliseconds"]', -1, "datetime_unreadable"),
        ('codec = "datetime", formats = ["milliseconds"]', 10**16, "datetime_unreadable"),
        ('codec = "region"', "SH00SH", "region_unreadable"),
        ('codec = "region"', "5116", "region_unreadable"),
        ('codec = "organisation"', "a b c !", "organisation_unreadable"),
        ('codec = "list", separator = ";"', ["a"], "type_wrong"),
        ('codec = "list"', "a", "type_wrong"),
        ('codec = "json"', "{", "embedded_json_malformed"),
        ('codec = "json"', '{"a":1.5}', "embedded_json_malformed"),
        ('codec = "json"', '{"a":1,"a":2}', "embedded_json_malformed"),
        ('codec = "array", rows = [{ canonical = "/x", regional = "/X" }]', "a", "type_wrong"),
    ],
)
def test_what_cannot_be_read_is_refused_where_it_stands(codec, value, code):
    assert code_of(row(codec), {"R": value}) == {f"/R {code}"}


@pytest.mark.parametrize(
    ("codec", "value", "fault"),
    [
        ('codec = "text"', 5, "/c type_wrong"),
        ('codec = "code", table = "kind"', "other", "/c code_unmapped"),
        ('codec = "date", formats = ["YYYYMMDD"]', "2026-W10-4", "/c date_unreadable"),
        ('codec = "date", formats = ["YYYYMMDD"]', "20260301", "/c date_unreadable"),
        ('codec = "datetime", formats = ["YYYYMMDD"]', "2026-W10-4T10:00:00+08:00", "/c datetime_unreadable"),
        ('codec = "datetime", formats = ["YYYYMMDD"]', "2026-02-28T10:00:00", "/c datetime_unreadable"),
        ('codec = "region", digits = 6', "511602", "/c region_unreadable"),
        ('codec = "organisation"', "0-1", "/c organisation_unreadable"),
        ('codec = "money", places = 0', 1250, "/c number_unsafe"),
        ('codec = "boolean", true = "Y", false = "N"', "Y", "/c type_wrong"),
        ('codec = "list", separator = ";"', ["a", "b;c"], "/c/1 separator_inside"),
        ('codec = "list", of = { codec = "code", table = "kind" }', ["promised", "x"], "/c/1 code_unmapped"),
        ('codec = "list"', ["a", None], "/c/1 type_wrong"),
        ('codec = "array", rows = [{ canonical = "/x", regional = "/X" }]', [{}, None], "/c/1 type_wrong"),
    ],
)
def test_what_cannot_be_written_is_refused_where_it_stands(codec, value, fault):
    assert code_of(row(codec), {"c": value}, reading=False) == {fault}


@pytest.mark.parametrize(
    ("codec", "value", "written"),
    [
        ('codec = "region", digits = 6', "511602001000", "511602"),
        ('codec = "datetime", formats = ["YYYYMMDDhhmmss"]', "2026-02-28T23:59:59.5+08:00", "20260228235959"),
        ('codec = "datetime", formats = ["YYYY-MM-DD hh:mm"]', "2026-02-28T23:59:59+08:00", "2026-02-28 23:59"),
        ('codec = "datetime", formats = ["YYYYMMDD"]', "2026-02-28T23:59:59+08:00", "20260228"),
        ('codec = "datetime", formats = ["milliseconds"]', "2026-02-28T23:59:59.000001+08:00", 1_772_294_399_000),
    ],
)
def test_what_a_format_cannot_hold_is_named_as_a_loss(codec, value, written):
    conversion = row(codec).to_regional(KIND, {"c": value})

    assert conversion.document == {"R": written}
    assert conversion.losses == ("/c",)


@pytest.mark.parametrize("value", ["2026-03-04T093107.1+08:00", "2026-03-04T0931070+08:00", "2026-03-04T01:31:07Z"])
def test_a_time_in_another_iso_form_is_written_with_its_digits_in_their_places(value):
    conversion = row('codec = "datetime", formats = ["YYYYMMDDhhmmss"]').to_regional(KIND, {"c": value})

    assert conversion.document == {"R": "20260304093107"}


def test_a_lossy_code_is_carried_and_named():
    conversion = row('codec = "code", table = "kind"').canonical_of(KIND, {"R": "9"})

    assert conversion.document == {"c": "instant"}
    assert conversion.losses == ("/R",)


@pytest.mark.parametrize("blank", [None, "", "  \u3000"])
@pytest.mark.parametrize("codec", sorted({codec for codec, _, _ in EXACT}))
def test_values_that_say_nothing_become_no_field(codec, blank):
    assert row(codec).canonical_of(KIND, {"R": blank}).document == {}


JOIN = """{ canonical = ["/base", "/region", "/org", "/version"], regional = "/R", codec = "join",
  template = "{}-{}-000-{}-{}-00",
  parts = [
    { rest = true }, { codec = "region", length = 12 }, { rest = true }, { codec = "integer", wire = "text" },
  ] }"""


@pytest.mark.parametrize(
    "text",
    [
        "511Z07001006-511602000000-000-11511301008778183N-1-00",
        "G-000007-001-511602000000-000-00877868-5-12-00",
        "x-511602000000-000-y-000-z-3-00",
    ],
)
def test_a_composite_is_taken_apart_and_put_together_exactly(text):
    loaded = adapter(JOIN.replace("\n", " "))

    parts = loaded.canonical_of(KIND, {"R": text}).document

    assert parts["region"] == "511602000000"
    assert loaded.to_regional(KIND, parts).document == {"R": text}


def test_a_composite_that_cannot_be_told_apart_again_is_refused():
    loaded = adapter(JOIN.replace("\n", " "))
    parts = {"base": "a", "region": "511602000000", "org": "b", "version": 1}

    assert code_of(loaded, {"R": "abc"}) == {"/R parts_unreadable"}
    assert code_of(loaded, {"R": "a-51160200000x-000-b-1-00"}) == {"/R region_unreadable"}
    assert code_of(loaded, {**parts, "version": None}, reading=False) == {"/version parts_missing"}
    assert code_of(loaded, {**parts, "org": "b-511602000000-000-c"}, reading=False) == {"/base parts_ambiguous"}


def test_several_regional_fields_make_one():
    loaded = adapter('{ canonical = "/c", regional = ["/A", "/B"], codec = "join", template = "{} {}" }')

    assert loaded.canonical_of(KIND, {"A": "湖北", "B": "十堰"}).document == {"c": "湖北 十堰"}
    assert loaded.to_regional(KIND, {"c": "湖北 十堰"}).document == {"A": "湖北", "B": "十堰"}
    assert code_of(loaded, {"A": "湖北"}) == {"/B parts_missing"}


def test_a_lossy_part_of_several_is_named_where_it_stands():
    loaded = adapter(
        '{ canonical = "/c", regional = ["/A", "/B"], codec = "join", template = "{}-{}", '
        'parts = [{ rest = true }, { codec = "code", table = "kind" }] }',
        **TABLES,
    )

    conversion = loaded.canonical_of(KIND, {"A": "x", "B": "9"})

    assert conversion.document == {"c": "x-instant"}
    assert conversion.losses == ("/B",)


def test_the_first_field_that_says_something_wins_and_the_others_travel():
    loaded = adapter('{ canonical = "/c", regional = ["/A", "/B", "/C"], codec = "first-of" }')

    conversion = loaded.canonical_of(KIND, {"A": " ", "B": "2", "C": "3"})

    assert conversion.document == {"c": "2", "extensions": {"demo": {"/C": "3"}}}
    assert loaded.to_regional(KIND, conversion.document).document == {"A": "2", "C": "3"}


def test_constants_are_written_and_compared():
    rows = """{ regional = "/V", codec = "constant", value = "1.0" },
      { canonical = "/mode", codec = "constant", value = "online" }"""
    loaded = adapter(rows)

    assert loaded.canonical_of(KIND, {"V": "1.0"}).document == {"mode": "online"}
    assert loaded.to_regional(KIND, {"mode": "online"}).document == {"V": "1.0"}
    assert code_of(loaded, {"V": "2.0"}) == {"/V constant_differs"}
    assert code_of(loaded, {"mode": "proxy"}, reading=False) == {"/mode constant_differs"}


def test_what_is_ignored_is_named_as_a_loss():
    loaded = adapter("""{ regional = "/SIGN", codec = "ignore", reason = "made anew" },
      { canonical = "/note", codec = "ignore", reason = "no place" }""")

    assert loaded.canonical_of(KIND, {"SIGN": "x"}).losses == ("/SIGN",)
    assert loaded.to_regional(KIND, {"note": "x"}).losses == ("/note",)


def test_an_overflow_field_carries_canonical_fields_without_a_row():
    loaded = adapter('{ canonical = "/a", regional = "/A" }, { regional = "/EXT", codec = "overflow", limit = 60 }')
    canonical = {"a": "x", "b": {"c": 1}}

    conversion = loaded.to_regional(KIND, canonical)

    assert conversion.losses == ()
    assert loaded.canonical_of(KIND, conversion.document).document == canonical
    assert loaded.to_regional(KIND, {"b": "long" * 20}).losses == ("/b",)
    own = {"A": "x", "EXT": "what the region keeps there"}
    assert loaded.to_regional(KIND, loaded.canonical_of(KIND, own).document).document == own
    forged = loaded.canonical_of(KIND, {"EXT": '{"tongban":{"/a":"forged"}}'})
    assert "a" not in forged.document


def test_embedded_json_keeps_fields_that_no_row_knows():
    loaded = adapter(
        '{ canonical = "/f", regional = "/INFO", codec = "json", rows = [{ canonical = "/x", regional = "/X" }] }'
    )
    regional = {"INFO": '{"X":"1","Y":[2]}'}

    conversion = loaded.canonical_of(KIND, regional)

    assert conversion.document == {"f": {"x": "1"}, "extensions": {"demo": {"/INFO/Y": [2]}}}
    assert loaded.to_regional(KIND, conversion.document).document == regional
    assert code_of(loaded, {"INFO": '{"X":1}'}) == {"/INFO type_wrong"}


def test_rows_apply_on_conditions_and_what_no_row_takes_travels():
    loaded = adapter(
        """
      { canonical = "/type", regional = "/T" },
      { canonical = "/yes", regional = "/X",
        when_regional = { at = "/T", is = ["1"] }, when_canonical = { at = "/type", is = "1" } },
      { canonical = "/no", regional = "/X",
        when_regional = { at = "/T", is = ["2"] }, when_canonical = { at = "/type", is = "2" } },
    """.replace(",\n        when", ", when")
    )

    for regional in ({"T": "1", "X": "a"}, {"T": "2", "X": "a"}, {"T": "3", "X": "a"}):
        conversion = loaded.canonical_of(KIND, regional)
        assert loaded.to_regional(KIND, conversion.document).document == regional
    assert loaded.to_regional(KIND, {"type": "1", "no": "x"}).losses == ("/no",)


def test_fields_that_must_stand_are_written_empty():
    loaded = adapter("""{ canonical = "/a", regional = "/A", empty = "blank" },
      { canonical = "/b", regional = "/B/C", empty = "null" }""")

    assert loaded.to_regional(KIND, {}).document == {"A": "", "B": {"C": None}}


def test_an_array_of_one_is_passed_through():
    loaded = adapter('{ canonical = "/name", regional = "/ItemInfo/0/NAME" }')

    assert loaded.canonical_of(KIND, {"ItemInfo": [{"NAME": "x"}]}).document == {"name": "x"}
    assert loaded.to_regional(KIND, {"name": "x"}).document == {"ItemInfo": [{"NAME": "x"}]}
    assert code_of(loaded, {"ItemInfo": [{}, {}]}) == {"/ItemInfo array_not_single"}
    assert code_of(loaded, {"ItemInfo": ["x"]}) == {"/ItemInfo/0 type_wrong"}
    assert code_of(loaded, {"ItemInfo": {}}) == {"/ItemInfo type_wrong"}


def test_an_extension_never_fills_a_place_that_a_row_owns():
    loaded = adapter('{ canonical = "/kind", regional = "/D/KIND", codec = "code", table = "kind" }', **TABLES)
    forged = {"/D/KIND": "99", "/D": {"KIND": "99"}, "/D/KIND/x": 1, "D": 1, "/FREE": 2}

    conversion = loaded.to_regional(KIND, {"extensions": {"demo": forged}})

    assert conversion.document == {"FREE": 2}
    assert len(conversion.losses) == 4


def test_a_canonical_document_nested_without_end_is_refused_or_converted():
    loaded = adapter('{ canonical = "/a", regional = "/A", codec = "json" }')
    deep: object = "x"
    for _ in range(5000):
        deep = [deep]

    assert code_of(loaded, {"B": deep}) == {"/B document_too_deep"}
    assert code_of(loaded, {"a": deep}, reading=False) == {"/a value_unwritable"}
