"""What each rate counts, of what, and what it leaves out; and which base items a region can claim."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.catalogue.claiming import base_codes_of, base_item_of, levels_of
from gateway.core.catalogue.elements import missing
from gateway.core.catalogue.rates import COMPLETENESS, DOCKING, GUIDE, ONLINE, REDUCTION
from tests.catalogues import base_code, complete_item, item


def limits(statutory, promised):
    names = ("days", "unit")
    told = {"statutoryLimit": statutory, "promisedLimit": promised}
    return {name: dict(zip(names, limit, strict=True)) for name, limit in told.items() if limit is not None}


def share(rate: Any, document, *, connected=False):
    counted = rate.share(document, connected)
    return counted.numerator, counted.denominator, counted.notes


@pytest.mark.parametrize(
    ("statutory", "promised", "expected"),
    [
        ((20, "working-day"), (5, "working-day"), (360, 480, ())),
        ((2, "week"), (7, "calendar-day"), (168, 336, ())),
        ((1, "year"), (3, "month"), (6480, 8640, ())),
        ((20, "working-day"), (0, "immediate"), (480, 480, ())),
        ((20, "working-day"), (0, "calendar-day"), (480, 480, ())),
        ((5, "working-day"), (10, "working-day"), (-120, 120, ("promised_longer",))),
        ((20, "working-day"), (10, "calendar-day"), (0, 0, ("units_differ",))),
        ((1, "month"), (10, "calendar-day"), (0, 0, ("units_differ",))),
        ((20, None), (10, None), (0, 0, ("units_differ",))),
        ((0, "immediate"), (0, "immediate"), (0, 0, ("statutory_limit_at_once",))),
        ((20, "working-day"), None, (0, 0, ("no_promised_limit",))),
        (None, (5, "working-day"), (0, 0, ("no_statutory_limit",))),
    ],
)
def test_time_is_saved_only_between_limits_that_can_be_compared(statutory, promised, expected):
    assert share(REDUCTION, limits(statutory, promised)) == expected


@given(statutory=st.integers(1, 400), promised=st.integers(0, 400), unit=st.sampled_from(["hour", "week", "year"]))
def test_the_reduction_of_one_item_is_the_part_of_its_own_limit(statutory, promised, unit):
    saved, of, _ = share(REDUCTION, limits((statutory, unit), (promised, unit)))

    assert saved * statutory == (statutory - promised) * of


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"online": True}, (1, 1, ())),
        ({"online": False, "onlineDepth": ["handling"]}, (0, 1, ())),
        ({"onlineDepth": ["pre-review", "acceptance"]}, (1, 1, ())),
        ({"onlineDepth": ["consultation"]}, (0, 1, ())),
        ({}, (0, 1, ("not_told",))),
    ],
)
def test_an_item_is_online_as_it_says_or_by_its_depth(said, expected):
    assert share(ONLINE, said) == expected


@pytest.mark.parametrize(
    ("said", "connected", "expected"),
    [
        ({"online": True}, True, (1, 1, ())),
        ({"online": True}, False, (0, 1, ())),
        ({"online": True, "businessSystem": {"name": "审批系统"}}, False, (0, 1, ("named_not_connected",))),
        ({"online": False}, True, (0, 0, ())),
    ],
)
def test_a_system_that_is_only_named_is_not_docked(said, connected, expected):
    assert share(DOCKING, said, connected=connected) == expected


def test_an_item_is_complete_only_with_every_obligatory_element():
    assert share(COMPLETENESS, complete_item(1)) == (1, 1, ())
    assert share(COMPLETENESS, complete_item(1, conditions="", version=None)) == (
        0,
        1,
        ("TASKVERSION", "ACCEPTCONDITION"),
    )


def test_a_public_service_needs_no_statutory_limit_and_a_licence_does():
    lacking: dict[str, Any] = {"statutoryLimit": None, "powerSource": None}

    assert missing(complete_item(1, **lacking)) == ()
    assert missing(complete_item(1, type="01", **lacking)) == ("POWERSOURCE", "ANTICIPATEDAY", "ANTICIPATETYPE")


def test_an_inspection_is_complete_without_a_guide():
    inspection = item(1, type="06", legalBasis=[{"name": "法"}], powerSource="statutory")
    authority = {"name": "卫健委", "code": "1", "nature": "1"}

    assert missing(inspection | {"authority": authority}) == ()
    assert missing(inspection) == ("DEPTNAME", "DEPTTYPE", "DEPTCODE")


def test_a_guide_is_complete_when_it_breaks_no_core_rule():
    assert share(GUIDE, complete_item(1)) == (1, 1, ())
    assert share(GUIDE, complete_item(1, supervision=None)) == (0, 1, ("GD-C10",))
    assert share(GUIDE, item(1, type="06")) == (0, 0, ("no_guide",))
    assert share(GUIDE, item(1, type="00")) == (0, 0, ("type_not_told",))


@pytest.mark.parametrize(
    ("base", "region", "level", "claimable"),
    [
        ({"baseCode": base_code(1), "level": ["3"]}, "4203", "", True),
        ({"baseCode": base_code(1), "level": ["3"]}, "4203", "3", True),
        ({"baseCode": base_code(1), "level": ["3"]}, "4203", "4", False),
        ({"baseCode": base_code(1), "level": ["2"]}, "4203", "", False),
        ({"baseCode": base_code(1), "level": ["2"]}, "42", "", True),
        ({"baseCode": base_code(1), "level": ["1"]}, "42", "", False),
        ({"baseCode": base_code(1), "level": ["1"]}, "", "", True),
        ({"baseCode": base_code(1), "level": ["7"]}, "420381", "4", True),
        ({"baseCode": base_code(1)}, "4203", "", False),
        ({"baseCode": base_code(1, province="42"), "level": ["3"]}, "4203", "", True),
        ({"baseCode": base_code(1, province="61"), "level": ["3"]}, "4203", "", False),
        ({"localBaseCode": "G-1", "region": "510000000000", "level": ["3"]}, "4203", "", False),
        ({"localBaseCode": "G-1", "region": "510000000000", "level": ["4"]}, "511602", "", True),
    ],
)
def test_a_region_can_claim_what_its_province_and_its_levels_allow(base, region, level, claimable):
    assert base_item_of(base).claimable(region, level) is claimable


def test_an_item_is_tied_to_its_base_item_by_its_own_word_else_by_its_code():
    tied = item(7)

    assert base_codes_of(tied | {"localBaseCode": "L1"}) == {base_code(7), "L1"}
    assert base_codes_of({"implementationCode": tied["implementationCode"]}) == {base_code(7)}
    assert base_codes_of({"localImplementationCode": "X"}) == frozenset()
    assert levels_of({"implementationCode": tied["implementationCode"]}) == {"3"}
    assert levels_of({}) == frozenset()
