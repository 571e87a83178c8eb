"""An adapter is untrusted: whatever is wrong with it is told row by row, and nothing else ever happens."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.conversion.loading import load_adapter
from gateway.core.errors import AdapterError
from gateway.core.model import DocumentKind
from gateway.resources import read_adapter_folder
from tests.core.conversion.samples import MANIFEST, files, with_event_variants

GOOD = '{ canonical = "/a", regional = "/A" }'
VARIANT = """
[[documents.event.variants]]
name = "{name}"
regional = {regional}
canonical = {canonical}
"""


def complaints(found: dict[str, bytes], code_lists: dict[str, set[str]] | None = None) -> set[tuple[str, str]]:
    with pytest.raises(AdapterError) as caught:
        load_adapter(found, code_lists)
    assert all(fault.message and fault.message_zh for fault in caught.value.faults)
    return {(fault.pointer, fault.code) for fault in caught.value.faults}


@pytest.mark.parametrize(
    ("row", "at", "code"),
    [
        ('{ canonical = "/a", regional = "A" }', "/regional", "path_invalid"),
        ('{ canonical = "/a", regional = "/A/-" }', "/regional", "path_invalid"),
        ('{ canonical = "/a", regional = "/A/7" }', "/regional", "path_invalid"),
        ('{ canonical = "/a", regional = "/A//B" }', "/regional", "path_invalid"),
        ('{ canonical = "/a", regional = "/A~2" }', "/regional", "path_invalid"),
        ('{ canonical = "/a", regional = "' + "/A" * 13 + '" }', "/regional", "path_invalid"),
        ('{ canonical = "/a", regional = "/0/A" }', "", "path_invalid"),
        ('{ canonical = "/a", regional = "/A/0" }', "", "path_invalid"),
        ('{ canonical = "", regional = "/A" }', "", "path_invalid"),
        ('{ canonical = "/extensions/x", regional = "/A" }', "/canonical", "path_reserved"),
        ('{ canonical = "/a" }', "/regional", "option_invalid"),
        ('{ canonical = ["/a", "/b"], regional = "/A" }', "/canonical", "option_invalid"),
        ('{ canonical = "/a", regional = "/A", codec = "eval" }', "/codec", "option_invalid"),
        ('{ canonical = "/a", regional = "/A", codec = ["text"] }', "/codec", "option_invalid"),
        ('{ canonical = "/a", regional = "/A", colour = 1 }', "/colour", "option_unknown"),
        ('{ canonical = "/a", regional = "/A", codec = "code" }', "/table", "option_missing"),
        ('{ canonical = "/a", regional = "/A", codec = "code", table = "x" }', "/table", "code_list_unknown"),
        ('{ canonical = "/a", regional = "/A", codec = "date", formats = ["%Y"] }', "/formats", "option_invalid"),
        ('{ canonical = "/a", regional = "/A", codec = "region", digits = 7 }', "/digits", "option_invalid"),
        ('{ canonical = "/a", regional = "/A", codec = "boolean", true = 1, false = 1 }', "/true", "option_invalid"),
        ('{ regional = "/A", codec = "ignore" }', "/reason", "option_missing"),
        ('{ regional = "/A", codec = "constant" }', "/value", "option_missing"),
        ('{ canonical = "/a", regional = "/A", codec = "array", rows = 5 }', "/rows", "option_invalid"),
        ('{ canonical = "/a", regional = "/A", when_regional = {} }', "/when_regional/at", "option_missing"),
        (
            '{ canonical = ["/a", "/b"], regional = "/A", codec = "join", template = "{}" }',
            "/template",
            "option_invalid",
        ),
        (
            '{ canonical = ["/a", "/b"], regional = "/A", codec = "join", template = "{}{}" }',
            "/template",
            "option_invalid",
        ),
        ("5", "", "option_invalid"),
    ],
)
def test_each_wrong_row_is_named_with_its_place(row, at, code):
    assert (f"application.mapping.toml#/rows/1{at}", code) in complaints(files(f"{GOOD}, {row}"))


@pytest.mark.parametrize(
    "rows",
    [
        '{ canonical = "/a", regional = "/A" }, { canonical = "/a", regional = "/B" }',
        '{ canonical = "/a", regional = "/A" }, { canonical = "/b", regional = "/A" }',
        '{ canonical = "/a", regional = "/A" }, { canonical = "/a/b", regional = "/B" }',
        '{ canonical = "/a", regional = "/A" }, { canonical = "/b", regional = "/A/B" }',
        '{ canonical = "/a", regional = "/A/0/B" }, { canonical = "/b", regional = "/A/C" }',
        """{ canonical = "/a", regional = "/A", when_regional = { at = "/T", is = ["1", "2"] } },
           { canonical = "/a", regional = "/B", when_regional = { at = "/T", is = ["2"] } }""",
        """{ canonical = "/a", regional = "/A", when_regional = { at = "/T", is = ["1"] } },
           { canonical = "/a", regional = "/B", when_regional = { at = "/U", is = ["2"] } }""",
        """{ canonical = "/l", regional = "/L", codec = "array", rows = [
             { canonical = "/a", regional = "/A" }, { canonical = "/a", regional = "/B" }] }""",
    ],
)
def test_rows_that_contradict_each_other_are_refused(rows):
    assert "rows_contradict" in {code for _, code in complaints(files(rows))}


def test_one_direction_each_is_no_contradiction():
    rows = """{ canonical = "/a", regional = "/A" },
      { canonical = "/a", regional = "/ANAME", only = "to-regional" },
      { regional = "/ANAME", codec = "ignore", reason = "said by /A", only = "to-canonical" }"""

    adapter = load_adapter(files(rows))

    assert adapter.to_regional(DocumentKind.APPLICATION, {"a": "x"}).document == {"A": "x", "ANAME": "x"}
    assert adapter.canonical_of(DocumentKind.APPLICATION, {"A": "x", "ANAME": "y"}).document == {"a": "x"}


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ('values = [{ regional = "1", canonical = "a" }, { regional = "1", canonical = "b" }]', "code_repeated"),
        ('values = [{ regional = "1", canonical = "a" }, { regional = "2", canonical = "a" }]', "code_repeated"),
        (
            """values = [{ regional = "1", canonical = "a" },
              { regional = "2", canonical = "a", only = "to-canonical" }]""",
            "loss_undeclared",
        ),
        ('list = "l"\nvalues = [{ regional = "1", canonical = "a" }]', "code_uncovered"),
        ('list = "l"\nvalues = [{ regional = "1", canonical = "z" }]', "code_unlisted"),
        ('list = "nowhere"\nvalues = []', "code_list_unknown"),
        (
            'values = [{ regional = "1", canonical = "a" }]\nrefused = [{ regional = "1", reason = "r" }]',
            "rows_contradict",
        ),
        ('values = [{ regional = " 1", canonical = "a" }]', "option_invalid"),
        ("values = [", "file_unreadable"),
    ],
)
def test_code_tables_that_cannot_be_total_are_refused(codes, expected):
    found = complaints(files(GOOD, codes__x=codes), {"l": {"a", "b"}})

    assert expected in {code for place, code in found if place.startswith("codes/x.toml#")}


def test_variants_that_could_claim_one_document_are_refused():
    entries = VARIANT.format(name="one", regional='{ "/T" = "1" }', canonical='{ "/type" = "a" }')
    other = VARIANT.format(name="two", regional='{ "/T" = ["1", "2"] }', canonical='{ "/type" = "b" }')

    found = complaints(
        with_event_variants({"one": "", "two": '{ canonical = "/t", regional = "/T" }'}, entries + other)
    )

    assert found == {("adapter.toml#/documents/event/variants", "variants_overlap")}


def test_a_discriminator_of_several_values_needs_a_row():
    entries = VARIANT.format(name="one", regional='{ "/T" = ["1", "2"] }', canonical='{ "/type" = "a" }')

    found = complaints(with_event_variants({"one": ""}, entries))

    assert ("adapter.toml#/documents/event/variants/0/regional", "option_missing") in found


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ({}, "file_missing"),
        ({"adapter.toml": b"\xff"}, "file_not_utf8"),
        ({"adapter.toml": b"a = 1\na = 2"}, "key_repeated"),
        ({"adapter.toml": b"a = " + b"[" * 5000}, "file_unreadable"),
        ({"adapter.toml": b"#" * (1 << 21)}, "too_large"),
        ({"../adapter.toml": b""}, "name_invalid"),
        ({"/etc/passwd": b""}, "name_invalid"),
        ({"a/../b": b""}, "name_invalid"),
        ({f"f{number}": b"" for number in range(600)}, "too_large"),
        (files(",".join([GOOD] * 2001)), "option_invalid"),
        (files(GOOD, manifest=MANIFEST + 'schema = "s.json"'), "file_missing"),
        ({**files(GOOD, manifest=MANIFEST + 'schema = "s.json"'), "s.json": b"{"}, "file_unreadable"),
        ({**files(GOOD, manifest=MANIFEST + 'schema = "s.json"'), "s.json": b'{"$ref":"http://x"}'}, "schema_invalid"),
        ({**files(GOOD, manifest=MANIFEST + 'schema = "s.json"'), "s.json": b'{"pattern":"(?=a)"}'}, "schema_invalid"),
        (files(GOOD, manifest=MANIFEST.replace("demo", "__import__('os')")), "name_invalid"),
        (files(GOOD, manifest=MANIFEST.replace("1.2.3", "one")), "option_invalid"),
        (files(GOOD, manifest=MANIFEST.replace("application", "wish")), "option_unknown"),
    ],
)
def test_wrong_files_are_refused(found, code):
    assert code in {each for _, each in complaints(found)}


def test_rows_nested_too_deeply_are_refused():
    rows = GOOD
    for _ in range(9):
        rows = f'{{ canonical = "/l", regional = "/L", codec = "array", rows = [{rows}] }}'

    assert "too_deep" in {code for _, code in complaints(files(rows))}


TOML: st.SearchStrategy[Any] = st.recursive(
    st.text(max_size=8) | st.integers(-5, 5) | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["canonical", "regional", "codec", "rows", "is", "at"]), inner, max_size=4)
    ),
    max_leaves=8,
)


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {toml(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else '"' + "".join(f"\\U{ord(mark):08x}" for mark in value) + '"'


OPTIONS = (
    "canonical regional codec rows table wire only when_regional when_canonical empty lossy value reason of parts "
    "template separator also formats digits true false units instant unit counter limit html"
)
VALUES = "/a /A/0/B {}-{} array json join first-of list duration overflow constant u"
ENTRIES = st.dictionaries(
    st.sampled_from(OPTIONS.split()),
    TOML | st.sampled_from(["", *VALUES.split()]) | st.just(["/a", "/b"]),
    max_size=8,
)


@given(st.lists(ENTRIES, max_size=4), st.dictionaries(st.text(max_size=3), TOML, max_size=3))
@settings(max_examples=300, deadline=None)
def test_any_table_loads_and_converts_or_is_refused_with_reasons(rows, document):
    codes = 'values = [{ regional = "d", canonical = "day" }]'
    try:
        adapter = load_adapter(files(",\n".join(map(toml, rows)), codes__u=codes))
    except AdapterError as error:
        told = bool(error.faults)
    else:
        message = adapter.channels[DocumentKind.APPLICATION].messages["application"]
        for step in (message.read, message.write):
            step(document, [])
        told = True

    assert told


def test_the_digest_covers_every_file():
    one, other = files(GOOD), files(GOOD, codes__x="values = []")

    assert load_adapter(one).digest == load_adapter(dict(reversed(one.items()))).digest
    assert load_adapter(one).digest != load_adapter(other).digest


def test_a_folder_with_a_link_out_of_it_is_refused(tmp_path):
    for name, body in files(GOOD).items():
        (tmp_path / name).write_bytes(body)
    assert load_adapter(read_adapter_folder(tmp_path)).name == "demo"

    (tmp_path / "codes").symlink_to("/etc")

    with pytest.raises(AdapterError):
        read_adapter_folder(tmp_path)
