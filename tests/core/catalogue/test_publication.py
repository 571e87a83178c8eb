"""清单之外无审批, and which division lies in which."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.core.catalogue.publication import in_force, publication_faults
from gateway.core.catalogue.regions import closeness, significant
from gateway.core.model import ServiceItem

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def item(version=1, *, status="in-use", begins=None, ends=None):
    return ServiceItem(
        code="114203000000000000342010100100001",
        region="420300000000",
        name="个体工商户设立登记",
        status=status,
        version=version,
        effective_from=begins,
        effective_to=ends,
        document=b"{}",
        digest="",
    )


def test_the_newest_version_in_force_is_the_one_that_counts():
    versions = [item(1), item(3, begins=NOW + DAY), item(2)]

    today, tomorrow = in_force(versions, NOW), in_force(versions, NOW + DAY)

    assert (today and today.version, tomorrow and tomorrow.version) == (2, 3)


def test_a_version_ends_at_the_instant_it_is_cancelled():
    assert in_force([item(ends=NOW)], NOW) is None
    assert in_force([item(ends=NOW)], NOW - DAY) is not None


@pytest.mark.parametrize(
    ("versions", "code"),
    [
        ([], "item_not_published"),
        ([item(status="suspended")], "item_withdrawn"),
        ([item(status="cancelled")], "item_withdrawn"),
        ([item(ends=NOW - DAY)], "item_out_of_date"),
        ([item(begins=NOW + DAY)], "item_out_of_date"),
    ],
)
def test_an_item_outside_the_list_is_refused_with_its_reason(versions, code):
    assert [fault.code for fault in publication_faults(versions, NOW, must_exist=True)] == [code]


def test_a_gateway_that_only_collects_leaves_an_unknown_item_to_the_other_side():
    assert publication_faults([], NOW, must_exist=False) == ()
    assert publication_faults([item(status="cancelled")], NOW, must_exist=False)


@pytest.mark.parametrize(
    ("region", "digits"),
    [
        ("420000000000", "42"),
        ("420300000000", "4203"),
        ("420302000000", "420302"),
        ("511602103000", "511602103"),
        ("511602103201", "511602103201"),
        ("100000000000", "10"),
    ],
)
def test_the_zeros_that_fill_a_code_name_nothing(region, digits):
    assert significant(region) == digits


def test_the_closest_of_several_regions_answers():
    assert closeness(["610000000000"], "610902000000") == 2
    assert closeness(["610000000000", "610900000000"], "610902000000") == 4
    assert closeness(["420300000000"], "610902000000") == 0
