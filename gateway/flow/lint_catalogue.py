"""Hold every published item to the rules of the linter."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.core.catalogue.linting import Outcome, Rule
from gateway.core.catalogue.search import ItemFilter
from gateway.core.model import ServiceItem
from gateway.flow.published import EveryItem


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One item that breaks one rule, and where it is to be put right."""

    rule: Rule
    item: ServiceItem
    pointers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LintTotals:
    """How many items were looked at, and what each rule said of them."""

    items: int
    rules: tuple[tuple[Rule, Counter[Outcome]], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LintCatalogue:
    """Judge the items asked for; nothing is kept of an item once it is judged."""

    items: EveryItem

    async def __call__(
        self,
        rules: Sequence[Rule],
        wanted: ItemFilter,
        *,
        on_finding: Callable[[Finding], None] = lambda _: None,
    ) -> LintTotals:
        """Report every breach as it is found, and return the totals."""
        totals = tuple((rule, Counter[Outcome]()) for rule in rules)
        looked_at = 0
        async for each in self.items(wanted):
            looked_at += 1
            for rule, counts in totals:
                judgement = rule.judge(each.document)
                counts[judgement.outcome] += 1
                if judgement.outcome is Outcome.BROKEN:
                    on_finding(Finding(rule=rule, item=each.item, pointers=judgement.pointers))
        return LintTotals(items=looked_at, rules=totals)
