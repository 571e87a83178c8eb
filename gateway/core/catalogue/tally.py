"""Adds up the rates of groups of items, one item at a time: what is kept grows with groups and base items only."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.core.catalogue.claiming import BaseItem, base_codes_of, levels_of
from gateway.core.catalogue.linting import Document
from gateway.core.catalogue.rates import CLAIM, RATES, Rate


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Group:
    """Whose figures they are: a division by its digits, and a level of government ("" for all within it)."""

    region: str
    level: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One rate of one group."""

    rate: Rate
    numerator: int
    denominator: int
    notes: Mapping[str, int]  # what was left out or found lacking, and how often

    @property
    def value(self) -> float | None:
        """The rate, where there is anything to divide by."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(kw_only=True, slots=True)
class _Sums:
    items: int = 0
    numerators: Counter[str] = field(default_factory=Counter)
    denominators: Counter[str] = field(default_factory=Counter)
    notes: dict[str, Counter[str]] = field(default_factory=dict)
    claimed: set[frozenset[str]] = field(default_factory=set)  # codes of base items, together where one item has them


@dataclass(kw_only=True, slots=True)
class Tally:
    """The sums of one measuring, which owns it."""

    digits: int = 0  # of the divisions that get figures of their own; 0 for none
    level: str = ""  # only items of this level
    region: str = ""  # digits of the division that is measured
    _sums: dict[Group, _Sums] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._sums[Group(region=self.region, level=self.level)] = _Sums()

    def add(self, document: Document, *, connected: bool) -> None:
        """Count one published item; `connected` tells whether its system can be reached."""
        levels = levels_of(document)
        if self.level and self.level not in levels:
            return
        tied = base_codes_of(document)
        shares = [(rate.id, rate.share(document, connected)) for rate in RATES if rate.share is not None]
        for group in self._groups(document, levels):
            sums = self._sums.setdefault(group, _Sums())
            sums.items += 1
            sums.claimed.add(tied)
            for name, share in shares:
                sums.numerators[name] += share.numerator
                sums.denominators[name] += share.denominator
                sums.notes.setdefault(name, Counter()).update(share.notes)

    def groups(self) -> Iterator[tuple[Group, int]]:
        """Yield each group with its number of items."""
        for group in sorted(self._sums):
            yield group, self._sums[group].items

    def figures(self, group: Group, base: Sequence[BaseItem]) -> tuple[Figure, ...]:
        """Return the rates of a group, given the base catalogue."""
        sums = self._sums[group]
        counted = tuple(
            Figure(
                rate=rate,
                numerator=sums.numerators[rate.id],
                denominator=sums.denominators[rate.id],
                notes=dict(sums.notes.get(rate.id, Counter()).most_common()),
            )
            for rate in RATES
            if rate.share is not None
        )
        return (_claim(group, sums.claimed, base), *counted)

    def _groups(self, document: Document, levels: frozenset[str]) -> Iterator[Group]:
        regions = {self.region}
        if self.digits > len(self.region):
            regions.add(document["region"][: self.digits])
        for region in regions:
            if self.level:
                yield Group(region=region, level=self.level)
                continue
            yield Group(region=region)
            yield from (Group(region=region, level=level) for level in levels)


def _claim(group: Group, claimed: set[frozenset[str]], base: Sequence[BaseItem]) -> Figure:
    claimable = [item for item in base if item.claimable(group.region, group.level)]
    codes = frozenset[str]().union(*claimed)
    known = frozenset[str]().union(*(item.codes for item in base))
    strange = sum(1 for tied in claimed if not tied & known)
    return Figure(
        rate=CLAIM,
        numerator=sum(1 for item in claimable if item.codes & codes),
        denominator=len(claimable),
        notes={"codes_of_no_base_item": strange} if strange else {},
    )
