"""Laws of every table: what goes there comes back, nothing is lost silently, any input converts or is refused."""

import string
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.conversion.adapter import Adapter, Conversion
from gateway.core.conversion.conformance import differences
from gateway.core.conversion.loading import load_adapter
from gateway.core.errors import AdapterError, Fault, RejectedError
from gateway.core.model import DocumentKind
from tests.core.conversion.samples import MANIFEST

KIND = DocumentKind.APPLICATION
NAMES = [f"K{letter}" for letter in string.ascii_uppercase]
CODES = b'values = [{ regional = "1", canonical = "one" }, { regional = "2", canonical = "two" }]'
UNITS = 'values = [{ regional = "工作日", canonical = "working-day" }, { regional = "天", canonical = "day" }]'.encode()

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=6)
DAYS = st.dates().map(lambda day: f"{day.year:04}{day.month:02}{day.day:02}")
MOMENTS = st.datetimes().map(lambda at: f"{at.year:04}{at.month:02}{at.day:02}{at.hour:02}{at.minute:02}{at.second:02}")
# Each codec with regional values that it carries exactly, in the spelling that it writes.
EXACT: dict[str, st.SearchStrategy[object]] = {
    'codec = "text"': TEXT,
    'codec = "code", table = "c"': st.sampled_from(["1", "2"]),
    'codec = "integer"': st.integers(-(2**53) + 1, 2**53 - 1),
    'codec = "integer", wire = "text"': st.integers(-(10**15), 10**15).map(str),
    'codec = "money"': st.integers(-(10**12), 10**12).map(lambda fen: f"{fen / 100:.2f}"),
    'codec = "boolean", true = "Y", false = "N"': st.sampled_from(["Y", "N"]),
    'codec = "date", formats = ["YYYYMMDD"]': DAYS,
    'codec = "datetime", formats = ["YYYYMMDDhhmmss"]': MOMENTS,
    'codec = "datetime", formats = ["milliseconds"]': st.integers(0, 4 * 10**12),
    'codec = "region"': st.from_regex(r"[0-9]{12}", fullmatch=True),
    'codec = "organisation"': st.from_regex(r"[0-9A-Z]{18}", fullmatch=True),
    'codec = "list", separator = "^", of = { codec = "code", table = "c" }': st.lists(
        st.sampled_from(["1", "2"]), min_size=1, max_size=4
    ).map("^".join),
    'codec = "list", of = { codec = "code", table = "c" }': st.lists(st.sampled_from(["1", "2"]), max_size=4),
}


@st.composite
def tables(draw: st.DrawFn, depth: int = 0) -> tuple[str, st.SearchStrategy[dict[str, object]]]:
    """Draw rows, and a strategy for documents that they carry exactly."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=6, unique=True))
    rows: list[str] = []
    fields: dict[str, st.SearchStrategy[object]] = {}
    for name in names:
        canonical = draw(st.sampled_from([f"/{name.lower()}", f"/deep/{name.lower()}", f"/a/b/{name.lower()}"]))
        if depth < 2 and draw(st.integers(0, 4)) == 0:
            inner, documents = draw(tables(depth=depth + 1))
            rows.append(f'{{ canonical = "{canonical}", regional = "/{name}", codec = "array", rows = [{inner}] }}')
            fields[name] = st.lists(documents, max_size=3)
        else:
            codec = draw(st.sampled_from(sorted(EXACT)))
            rows.append(f'{{ canonical = "{canonical}", regional = "/{name}", {codec} }}')
            fields[name] = EXACT[codec]
    return ",\n".join(rows), st.fixed_dictionaries({}, optional=fields)


def load(rows: str) -> Adapter:
    table = f"rows = [\n{rows}\n]".encode()
    return load_adapter(
        {
            "adapter.toml": MANIFEST.encode(),
            "application.mapping.toml": table,
            "codes/c.toml": CODES,
            "codes/u.toml": UNITS,
        }
    )


def convert(adapter: Adapter, document: object) -> Conversion:
    return adapter.to_canonical(KIND, orjson.dumps(document), "application/json")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | TEXT, inner, max_size=4),
    max_leaves=15,
)
STRAYS = st.dictionaries(TEXT.map(lambda text: f"x{text}"), st.integers(1, 9) | st.lists(TEXT, max_size=2), max_size=3)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_what_goes_there_comes_back_with_fields_that_no_row_knows(data):
    rows, documents = data.draw(tables())
    adapter = load(rows)
    regional = data.draw(documents) | data.draw(STRAYS)

    forth = convert(adapter, regional)
    back = adapter.to_regional(KIND, forth.document)
    again = adapter.to_canonical(KIND, back.body, back.media_type)

    assert list(differences(back.document, regional)) == []
    assert again.document == forth.document
    assert back.losses == ()


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_json_is_converted_or_refused_in_both_directions_and_always_alike(data):
    adapter = load(data.draw(tables())[0])
    document = data.draw(JSON)

    for call in (
        lambda: convert(adapter, document).document,
        lambda: adapter.canonical_of(KIND, document).document,
        lambda: adapter.to_regional(KIND, document).body,
    ):
        assert outcome(call) == outcome(call)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_every_fault_points_at_something_the_sender_wrote(data):
    adapter = load(data.draw(tables())[0])
    document = data.draw(JSON)

    _, faults = outcome(lambda: adapter.canonical_of(KIND, document).document)

    assert [fault for fault in faults if not exists(document, fault.pointer)] == []


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_every_regional_leaf_is_mapped_carried_or_refused(data):
    rows, documents = data.draw(tables())
    adapter = load(rows)
    regional = data.draw(documents)
    name = data.draw(st.sampled_from(NAMES))
    regional[name] = data.draw(JSON)

    canonical, faults = outcome(lambda: convert(adapter, regional).document)

    assert {fault.pointer.split("/")[1] for fault in faults} <= {name}
    if canonical is None:
        return
    back = adapter.to_regional(KIND, canonical).document
    assert {at for at in differences(back, regional) if not same(back, regional, at)} == set()


@given(st.text(max_size=12), st.sampled_from(["canonical", "regional", "codec", "table", "value", "reason"]))
@settings(max_examples=200, deadline=None)
def test_a_hostile_text_anywhere_in_a_row_only_loads_or_is_refused(text, place):
    row = {"canonical": "/a", "regional": "/A", "codec": "text", place: text, f"{place}2": text}
    toml = ", ".join(f"{name} = {orjson.dumps(value).decode()}" for name, value in row.items() if name[-1] != "2")

    try:
        adapter = load(f"{{ {toml} }}")
    except AdapterError as error:
        told = bool(error.faults)
    else:
        outcome(lambda: convert(adapter, {"A": "x"}).document)
        told = True

    assert told


@pytest.mark.parametrize(
    "key",
    ["__import__('os').system('x')", '"]; raise SystemExit #', "\\n\\nimport os", "{k0}", "d", "N", "'''", "f{1/0}"],
)
def test_keys_that_look_like_code_are_only_keys(key):
    path = orjson.dumps("/" + key.replace("~", "~0").replace("/", "~1")).decode()
    adapter = load(f'{{ canonical = {path}, regional = {path}, codec = "constant" }}'.replace('"constant"', '"text"'))

    forth = convert(adapter, {key: "x"})

    assert forth.document == {key: "x"}
    assert adapter.to_regional(KIND, forth.document).document == {key: "x"}


def outcome(call: Callable[[], Any]) -> tuple[Any, tuple[Fault, ...]]:
    """Return what a conversion gives, or why it refuses; anything else it raises is a bug."""
    try:
        return call(), ()
    except RejectedError as error:
        return None, error.faults


def exists(document: object, pointer: str) -> bool:
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(document, list) and name.isdecimal() and int(name) < len(document):
            document = document[int(name)]
        elif isinstance(document, dict) and name in document:
            document = document[name]
        else:
            return False
    return True


def same(one: object, other: object, at: str) -> bool:
    """Tell whether two values at a place are the same but for declared spelling: white space and other formats."""
    values = []
    for document in (one, other):
        here = document
        for part in at.split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            here = here[int(name)] if isinstance(here, list) else here.get(name) if isinstance(here, dict) else None
        values.append(here)
    left, right = values
    return isinstance(left, str) and isinstance(right, str) and left.strip() == right.strip()
