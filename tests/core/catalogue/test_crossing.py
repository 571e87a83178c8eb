"""Which region can have an item handled by which other, and in which mode."""

import pytest

from gateway.core.catalogue.crossing import Reach, crossing, modes_between, offer
from gateway.core.catalogue.items import service_item
from tests.catalogues import BAOSHAN, JIUQUAN, SHIYAN, item

WUHAN = "420100000000"
DONE_ONLINE = {"onlineDepth": ["result-feedback"], "onSiteVisits": 0}


def offered(region=SHIYAN, *, scope=None, modes=None, **said):
    crossing = {"modes": modes} if modes is not None else {}
    crossing |= {name: said.pop(name) for name in ("proxyRegions", "nearby") if name in said}
    document = item(1, region, scope=scope, crossRegion=crossing or None, **said)
    return offer(service_item(document), document)


@pytest.mark.parametrize(
    ("said", "reach"),
    [
        ({"scope": "national"}, Reach.NATION),
        ({"scope": "cross-province"}, Reach.NATION),
        ({"modes": ["proxy"]}, Reach.NATION),
        ({"scope": "cross-city"}, Reach.PROVINCE),
        ({"scope": "cross-county"}, Reach.PROVINCE),
        ({"scope": "designated"}, Reach.PROVINCE),
        ({"nearby": True}, Reach.PROVINCE),
        ({"scope": "none", "modes": ["online"]}, None),
        ({"scope": "cross-city", "modes": ["online"]}, Reach.PROVINCE),
        ({}, None),
    ],
)
def test_an_item_reaches_as_far_as_its_scope_or_else_its_modes_say(said, reach):
    assert offered(**said).reach is reach


def test_online_handling_asks_nothing_of_the_collecting_region():
    assert modes_between(offered(modes=["online"]), JIUQUAN, []) == ("online",)


def test_an_item_that_names_no_mode_is_handled_online_where_nobody_has_to_come():
    assert modes_between(offered(scope="national", **DONE_ONLINE), JIUQUAN, []) == ("online",)
    assert modes_between(offered(scope="national", **DONE_ONLINE | {"onSiteVisits": 1}), JIUQUAN, []) == ()
    assert modes_between(offered(scope="national", modes=["proxy"], **DONE_ONLINE), JIUQUAN, []) == ()


def test_proxy_handling_needs_a_window_that_collects():
    named = offered(modes=["proxy"], proxyRegions=["310000000000"])

    assert modes_between(named, BAOSHAN, []) == ("proxy",)
    assert modes_between(named, JIUQUAN, [offered(JIUQUAN, modes=["proxy"])]) == ()


def test_where_no_window_is_named_the_other_region_must_offer_proxy_handling_too():
    ours = offered(modes=["proxy"])

    assert modes_between(ours, JIUQUAN, [offered(JIUQUAN, modes=["proxy"])]) == ("proxy",)
    assert modes_between(ours, JIUQUAN, [offered(JIUQUAN, modes=["online"])]) == ()
    assert modes_between(ours, JIUQUAN, []) == ()


def test_joint_handling_needs_both():
    ours = offered(modes=["online", "proxy", "joint"])

    assert modes_between(ours, JIUQUAN, [offered(JIUQUAN, modes=["joint", "proxy"])]) == ("online", "proxy", "joint")
    assert modes_between(ours, JIUQUAN, [offered(JIUQUAN, scope="cross-city", modes=["joint"])]) == ("online",)


def test_two_cities_of_one_province_cross_no_province():
    assert modes_between(offered(modes=["online"]), WUHAN, []) == ()


def test_an_item_that_stays_in_its_province_is_handled_for_nobody_outside():
    assert modes_between(offered(scope="cross-city", modes=["online"]), JIUQUAN, []) == ()


def test_each_direction_has_its_own_modes():
    here, there = offered(modes=["online"]), offered(JIUQUAN, modes=["proxy"], proxyRegions=[SHIYAN])

    found = crossing(JIUQUAN, [here], [there], us=SHIYAN)

    assert (found.we_handle, found.they_handle) == (("online",), ("proxy",))
    assert found.possible
    assert not crossing(JIUQUAN, [], [offered(JIUQUAN, modes=["joint"])], us=SHIYAN).possible


def test_regions_know_an_item_by_the_nations_code():
    assert offered(localBaseCode="0-1").base_code == item(1)["baseCode"]
