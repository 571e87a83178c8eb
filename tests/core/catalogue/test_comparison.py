"""The same item in two regions: what differs, how gravely, and which materials are the same under two names."""

import pytest

from gateway.core.catalogue.comparison import Rank, compare
from gateway.core.catalogue.names import same_material, same_text
from tests.catalogues import item


def lines(first, second):
    """Return every line of a comparison, by its title."""
    compared = compare([item(1, **first), item(1, **second)], lambda _, code: code)
    return {line.title: line for line in compared}


def differing(first, second):
    """Return the ranks of what differs."""
    return {title: line.rank for title, line in lines(first, second).items() if line.rank is not Rank.SAME}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"scope": "national"}, {"scope": "none"}, {"Where it can be handled": Rank.STOPS}),
        (
            {"crossRegion": {"modes": ["online", "proxy"]}},
            {"crossRegion": {"modes": ["proxy", "online"]}},
            {},
        ),
        ({"crossRegion": {"modes": ["online"]}}, {}, {"Modes across provinces": Rank.STOPS}),
        ({"charged": True}, {"charged": False}, {"Whether a fee is charged": Rank.COSTS}),
        ({"charged": True}, {}, {}),
        (
            {"fees": [{"name": "工本费", "amountFen": 1000}]},
            {"fees": [{"name": "工本费", "amountFen": 500}]},
            {"Fees": Rank.COSTS},
        ),
        (
            {"statutoryLimit": {"days": 20, "unit": "working-day"}},
            {"statutoryLimit": {"days": 20, "unit": "calendar-day"}},
            {"Statutory time limit": Rank.COSTS},
        ),
        (
            {"promisedLimit": {"days": 0, "unit": "immediate"}},
            {"promisedLimit": {"days": 3, "unit": "working-day"}},
            {"Promised time limit": Rank.WAITS},
        ),
        ({"conditions": "年满18周岁，本市户籍"}, {"conditions": "年满１８周岁 本市户籍。"}, {}),
        ({"conditions": "本市户籍"}, {"conditions": "本省户籍"}, {"Conditions": Rank.WAITS}),
        ({"onSiteVisits": 0}, {"onSiteVisits": 1}, {"Visits needed": Rank.WAITS}),
        ({"handlingForms": ["1", "2"]}, {"handlingForms": ["2", "1"]}, {}),
        ({"online": True}, {"online": False}, {"Whether it is handled online": Rank.WAITS}),
        ({"name": "护照签发"}, {"name": "普通护照签发"}, {"Name": Rank.WORDS}),
    ],
)
def test_a_difference_is_as_grave_as_what_it_does_to_a_case(first, second, expected):
    assert differing(first, second) == expected


def test_a_material_required_here_and_not_there_stops_a_case():
    form, letter = {"name": "申请表", "necessity": "required"}, {"name": "介绍信", "necessity": "required"}

    found = lines({"materials": [form, letter]}, {"materials": [form]})

    assert found["Material: 介绍信"].rank is Rank.STOPS
    assert found["Material: 介绍信"].values == ("required", "")
    assert found["Material: 介绍信"].settle_zh == "须先统一，否则办件无法流转"
    assert found["Material: 申请表"].rank is Rank.SAME


def test_a_material_that_may_follow_later_there_stops_a_case_too():
    required, tolerated = ({"name": "申请表", "necessity": each} for each in ("required", "tolerated"))

    assert differing({"materials": [required]}, {"materials": [tolerated]}) == {"Material: 申请表": Rank.STOPS}


def test_a_material_in_another_form_only_differs():
    paper, scan = ({"name": "申请表", "necessity": "required", "form": each} for each in ("paper", "electronic"))

    assert differing({"materials": [paper]}, {"materials": [scan]}) == {"Material: 申请表": Rank.WAITS}


def test_one_material_under_two_names_is_one_line_and_a_matter_of_words():
    here, there = ({"name": each} for each in ("申请人居民身份证（原件及复印件）", "身份证复印件"))

    found = differing({"materials": [here]}, {"materials": [there]})

    assert found == {"Name of: 申请人居民身份证（原件及复印件）": Rank.WORDS}


def test_what_is_graver_comes_first():
    compared = compare([item(1, scope="none", name="甲"), item(1, scope="national", name="乙")], lambda _, code: code)

    ranks = [line.rank for line in compared]
    assert ranks == sorted(ranks)
    assert (ranks[0], ranks[1]) == (Rank.STOPS, Rank.WORDS)


def test_items_that_say_the_same_have_nothing_to_settle():
    same = {"charged": False, "materials": [{"name": "申请表", "necessity": "required"}]}

    assert differing(same, same) == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("申请人居民身份证（原件及复印件）", "身份证复印件"),
        ("《食品经营许可申请书》", "食品经营许可申请书 一式两份"),
        ("营业执照副本 复印件", "营业执照副本"),
        ("ＰＤＦ 扫描件", "pdf"),
    ],
)
def test_two_names_of_one_material_are_matched(one, other):
    assert same_material(one) == same_material(other)


@pytest.mark.parametrize(
    ("one", "other"), [("身份证", "居住证"), ("营业执照正本", "营业执照副本"), ("申请表", "申请书"), ("原件", "复印件")]
)
def test_two_materials_are_not_taken_for_one(one, other):
    assert same_material(one) != same_material(other)


def test_the_name_of_a_material_never_becomes_nothing():
    assert same_material("（原件）") == "原件"
    assert same_text("——") == ""
