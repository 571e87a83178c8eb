"""Holding the whole catalogue to the rules: what is in force, once each, in constant memory."""

import gc
from datetime import timedelta

import pytest

from gateway.core.catalogue.items import service_item
from gateway.core.catalogue.linting import Outcome
from gateway.core.catalogue.rulebook import RULES
from gateway.core.catalogue.search import ItemFilter
from gateway.flow.lint_catalogue import Finding, LintCatalogue
from gateway.flow.ports.items import ItemPage
from gateway.flow.published import EveryItem
from tests.catalogues import AT, JIUQUAN, SHIYAN, catalogue_of, complete_item, item


@pytest.fixture
def lint(tmp_path):
    async def lint(documents, *rules, at=AT, **asked):
        findings: list[Finding] = []
        async with catalogue_of(tmp_path, documents) as store:
            linting = LintCatalogue(items=EveryItem(items=store))
            chosen = [RULES[rule] for rule in rules or RULES]
            totals = await linting(chosen, ItemFilter(at=at, **asked), on_finding=findings.append)
        return totals, [(each.item.code, each.rule.id, each.pointers) for each in findings]

    return lint


async def test_every_breach_is_told_with_its_item_and_place(lint):
    good, charged = complete_item(1), complete_item(2, charged=True)

    totals, findings = await lint([good, charged])

    code = charged["implementationCode"]
    assert totals.items == 2
    assert findings == [
        (code, "WZ-12", ("/feeBasis",)),
        (code, "WZ-14", ("/fees",)),
        (code, "GD-C07", ("/fees",)),
    ]


async def test_each_rule_counts_every_item_once(lint):
    documents = [item(number, charged=told) for number, told in enumerate((True, True, False, None))]

    totals, _ = await lint(documents, "WZ-13", "WZ-15")

    counted = {rule.id: dict(counts) for rule, counts in totals.rules}
    assert counted == {
        "WZ-13": {Outcome.BROKEN: 2, Outcome.NOT_CONCERNED: 1, Outcome.NOT_JUDGED: 1},
        "WZ-15": {Outcome.NOT_CONCERNED: 2, Outcome.NOT_JUDGED: 2},
    }


async def test_only_the_version_in_force_is_judged(lint):
    old = item(1, effectiveTo="2026-02-01")
    new = item(1, version=2, name="新版", effectiveFrom="2026-02-02")
    later = item(1, version=3, effectiveFrom="2027-01-01")

    totals, findings = await lint([old, new, later, item(2, status="cancelled")], "GD-C03")

    assert (totals.items, len(findings)) == (1, 1)


async def test_versions_on_two_pages_are_one_item(tmp_path):
    documents = [item(number, version=version) for number in range(4) for version in range(1, 400)]

    async with catalogue_of(tmp_path, documents) as store:
        read = [each.item async for each in EveryItem(items=store)(ItemFilter(at=AT))]

    assert [each.version for each in read] == [399] * 4


async def test_a_region_is_judged_alone(lint):
    documents = [item(1), item(2, JIUQUAN), item(3, "420381000000")]

    totals, _ = await lint(documents, "GD-C01", region="4203")

    assert totals.items == 2


async def test_what_was_in_force_at_another_time_is_judged_as_it_was(lint):
    documents = [item(1, effectiveFrom="2026-03-02"), item(2, SHIYAN)]

    totals, _ = await lint(documents, "GD-C01", at=AT - timedelta(days=2))

    assert totals.items == 1


async def test_nothing_is_kept_of_an_item_that_was_judged():
    class Endless:
        """A catalogue that is made as it is read."""

        async def find_items(self, _, *, after=0, limit=100):
            numbers = range(after + 1, min(after + limit, 5_000) + 1)
            items = tuple(service_item(item(number)) for number in numbers)
            return ItemPage(items=items, after=numbers[-1] if numbers[-1] < 5_000 else None)

    held: list[int] = []

    def watch(finding):
        if len(held) < 4 and finding.item.code.endswith("000"):
            held.append(sum(1 for each in gc.get_objects() if type(each).__name__ == "ServiceItem"))

    totals = await LintCatalogue(items=EveryItem(items=Endless()))([RULES["GD-C03"]], ItemFilter(), on_finding=watch)

    assert totals.items == 5_000
    assert 0 < max(held) <= 1_100
