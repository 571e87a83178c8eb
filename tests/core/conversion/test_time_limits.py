"""Time limits: an amount and a unit, in every shape that regions write them."""

import pytest

from gateway.core.conversion.adapter import Adapter
from gateway.core.errors import InvalidDocumentError
from gateway.core.model import DocumentKind
from tests.core.conversion.samples import adapter

KIND = DocumentKind.APPLICATION
TABLES = {
    "codes__unit": """values = [
      { regional = "工作日", canonical = "working-day" },
      { regional = "天", canonical = "day" },
      { regional = "日", canonical = "day", only = "to-canonical", lossy = true },
      { regional = "天", canonical = "night", only = "to-regional", lossy = true },
    ]""",
    "codes__digit": """values = [
      { regional = "1", canonical = "working-day" },
      { regional = "2", canonical = "day" },
      { regional = "3", canonical = "day", only = "to-canonical", lossy = true },
      { regional = "2", canonical = "night", only = "to-regional", lossy = true },
    ]""",
}


def refused(loaded: Adapter, document: dict[str, object], *, reading: bool = True) -> set[str]:
    """Return where and why a document is refused."""
    convert = loaded.canonical_of if reading else loaded.to_regional
    with pytest.raises(InvalidDocumentError) as caught:
        convert(KIND, document)
    return {f"{fault.pointer} {fault.code}" for fault in caught.value.faults}


LIMIT = 'canonical = ["/l/days", "/l/unit"], codec = "duration"'
SPOKEN = f'{{ {LIMIT}, regional = "/R", units = "unit", instant = ["即办", "0"], unit = "immediate" }}'
COLUMNS = f'{{ {LIMIT}, regional = ["/N", "/U"], units = "digit", wire = "integer" }}'
COUNTED = f'{{ {LIMIT}, regional = "/R", unit = "working-day" }}'


@pytest.mark.parametrize(
    ("rows", "regional", "canonical"),
    [
        (SPOKEN, {"R": "20个工作日"}, {"days": 20, "unit": "working-day"}),
        (SPOKEN, {"R": "3个天"}, {"days": 3, "unit": "day"}),
        (SPOKEN, {"R": "即办"}, {"days": 0, "unit": "immediate"}),
        (COLUMNS, {"N": 20, "U": "2"}, {"days": 20, "unit": "day"}),
        (COLUMNS, {"N": 0}, {"days": 0}),
        (COUNTED, {"R": "15"}, {"days": 15, "unit": "working-day"}),
    ],
)
def test_time_limits_in_every_shape(rows, regional, canonical):
    loaded = adapter(rows, **TABLES)

    assert loaded.canonical_of(KIND, regional).document == {"l": canonical}
    assert loaded.to_regional(KIND, {"l": canonical}).document == regional


def test_time_limits_that_cannot_be_carried_are_refused():
    spoken, columns, counted = (adapter(rows, **TABLES) for rows in (SPOKEN, COLUMNS, COUNTED))

    assert spoken.canonical_of(KIND, {"R": " ２０ 工作日 "}).document == {"l": {"days": 20, "unit": "working-day"}}
    assert refused(spoken, {"R": "20个年"}) == {"/R duration_unreadable"}
    assert refused(spoken, {"R": 20}) == {"/R duration_unreadable"}
    assert refused(columns, {"N": 20, "U": "9"}) == {"/U code_unmapped"}
    assert refused(columns, {"N": "20", "U": "1"}) == {"/N duration_unreadable"}
    assert refused(counted, {"l": {"days": 1, "unit": "day"}}, reading=False) == {"/l/unit constant_differs"}
    assert refused(spoken, {"l": {"unit": "day"}}, reading=False) == {"/l/days parts_missing"}
    assert refused(spoken, {"l": {"days": 1, "unit": "year"}}, reading=False) == {"/l/unit code_unmapped"}


@pytest.mark.parametrize(
    ("rows", "regional", "at"), [(COLUMNS, {"N": 20, "U": "3"}, "/U"), (SPOKEN, {"R": "20个日"}, "/R")]
)
def test_a_lossy_unit_is_carried_and_named_where_it_stands(rows, regional, at):
    conversion = adapter(rows, **TABLES).canonical_of(KIND, regional)

    assert conversion.document == {"l": {"days": 20, "unit": "day"}}
    assert conversion.losses == (at,)


@pytest.mark.parametrize(("rows", "regional"), [(COLUMNS, {"N": 20, "U": "2"}), (SPOKEN, {"R": "20个天"})])
def test_a_unit_without_an_exact_partner_is_written_and_named(rows, regional):
    conversion = adapter(rows, **TABLES).to_regional(KIND, {"l": {"days": 20, "unit": "night"}})

    assert conversion.document == regional
    assert conversion.losses == ("/l/unit",)
