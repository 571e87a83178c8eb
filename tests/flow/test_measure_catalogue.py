"""The rates of a region, added up from its items: Xinyi's published figures come out of a catalogue like Xinyi's."""

import pytest

from gateway.core.model import Partner, PartnerKind, PartnerStatus
from gateway.flow.measure_catalogue import MeasureCatalogue
from gateway.flow.published import EveryItem
from tests.catalogues import AT, SHIYAN, XINYI, base_code, catalogue_of, complete_item, item

SUPERVISED, CLAIMED, ONLINE, DOCKED = 669, 599, 1_403, 1_249  # 89.5 % claimed, 89 % docked
STREET, TOWN = "320381001000", "320381102000"


def system(*regions, **said):
    return Partner(**({"id": "xinyi.system", "kind": PartnerKind.SYSTEM, "name": "马上办", "regions": regions} | said))


@pytest.fixture
def measure(tmp_path):
    async def measure(documents, *, base=(), partners=(), region="", **asked):
        async with catalogue_of(tmp_path, documents, base=base) as store:
            measuring = MeasureCatalogue(items=EveryItem(items=store))
            measured = await measuring(partners, AT, region=region, **asked)
        return {
            (each.group.region, each.group.level): (each.items, {figure.rate.id: figure for figure in each.figures})
            for each in measured
        }

    return measure


def counted(figure):
    return figure.numerator, figure.denominator


async def test_the_figures_that_xinyi_published_come_out_of_a_catalogue_like_xinyis(measure):
    supervised = [base_code(number, kind="06") for number in range(SUPERVISED)]
    claimed = [
        complete_item(number, XINYI, level="4", base=base, type="06", online=False)
        for number, base in enumerate(supervised[:CLAIMED])
    ]
    online = [
        complete_item(number, STREET if number < DOCKED else TOWN, level="4", base=base_code(number))
        for number in range(ONLINE)
    ]
    base = [{"baseCode": code, "level": ["4"]} for code in supervised]
    partners = [
        system(STREET),
        system(TOWN, id="town.system", status=PartnerStatus.SUSPENDED),
        system(TOWN, id="auditor", kind=PartnerKind.AUDITOR),
    ]

    figures = await measure(
        claimed + online + [complete_item(1, SHIYAN)], base=base, partners=partners, region="320381"
    )

    items, whole = figures["320381", ""]
    assert items == CLAIMED + ONLINE
    assert counted(whole["claim"]) == (CLAIMED, SUPERVISED)
    assert f"{whole['claim'].value:.1%}" == "89.5%"
    assert f"{whole['completeness'].value:.0%}" == "100%"
    assert counted(whole["online"]) == (ONLINE, CLAIMED + ONLINE)
    assert counted(whole["docking"]) == (DOCKED, ONLINE)
    assert f"{whole['docking'].value:.0%}" == "89%"


async def test_every_level_and_every_division_has_figures_of_its_own(measure):
    documents = [item(1), item(2, level="4", region="420381000000"), item(3, level="4", region="420302000000")]
    base = [{"baseCode": base_code(number), "level": ["3", "4"]} for number in range(1, 5)]

    figures = await measure(documents, base=base, region="4203", digits=6)

    assert {group: (items, *counted(rates["claim"])) for group, (items, rates) in figures.items()} == {
        ("4203", ""): (3, 3, 4),
        ("4203", "3"): (1, 1, 4),
        ("4203", "4"): (2, 2, 4),
        ("420300", ""): (1, 1, 4),
        ("420300", "3"): (1, 1, 4),
        ("420302", ""): (1, 1, 4),
        ("420302", "4"): (1, 1, 4),
        ("420381", ""): (1, 1, 4),
        ("420381", "4"): (1, 1, 4),
    }


async def test_one_level_can_be_measured_alone(measure):
    figures = await measure([item(1), item(2, level="4")], level="4")

    assert {group: items for group, (items, _) in figures.items()} == {("", "4"): 1}


async def test_a_code_that_no_base_item_has_claims_nothing_and_is_told(measure):
    figures = await measure([item(1), item(2)], base=[{"baseCode": base_code(1), "level": ["3"]}], region="4203")

    _, whole = figures["4203", ""]
    assert counted(whole["claim"]) == (1, 1)
    assert whole["claim"].notes == {"codes_of_no_base_item": 1}


async def test_an_empty_catalogue_has_figures_and_no_rates(measure):
    items, whole = (await measure([]))["", ""]

    assert items == 0
    assert {figure.value for figure in whole.values()} == {None}


async def test_what_a_rate_leaves_out_is_counted(measure):
    documents = [complete_item(1), item(2), complete_item(3, promisedLimit={"days": 1, "unit": "month"})]

    _, whole = (await measure(documents))["", ""]

    assert counted(whole["reduction"]) == (360, 480)
    assert whole["reduction"].notes == {"no_statutory_limit": 1, "units_differ": 1}
