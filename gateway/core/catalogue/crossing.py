"""Which item one region can have handled for another, and in which mode (跨省通办); the rule is written down here.

*Reach*: an item is handled across provinces where its scope is the nation or several provinces; where its scope is not
told, where it names a mode. Its scope wins over its modes: nobody is promised what the owner does not offer.

*Modes*, of a pair of a collecting and a handling region of two provinces, by the item of the handling region:

- online: it offers online handling, by its modes or, where it names none, because its result comes back online and it
  needs no visit. Nothing is asked of the collecting region.
- proxy: it offers proxy handling, and the collecting region is among the divisions whose windows collect; where it
  names none, the collecting region publishes the same base item for proxy handling itself.
- joint: both regions publish the same base item for joint handling.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.core.catalogue.claiming import BASE_CODE_LENGTH, base_codes_of
from gateway.core.catalogue.consistency import wholly_online
from gateway.core.catalogue.linting import Document
from gateway.core.catalogue.regions import closeness
from gateway.core.model import ServiceItem

ONLINE, PROXY, JOINT = "online", "proxy", "joint"
_ACROSS: Final = frozenset({"national", "cross-province"})
_WITHIN: Final = frozenset({"cross-city", "cross-county", "designated"})
_PROVINCE: Final = 2  # digits


class Reach(StrEnum):
    """How far from its authority an item is handled."""

    PROVINCE = "in-province"
    NATION = "cross-province"


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """What handling across regions asks of one item."""

    code: str
    name: str
    region: str
    base: frozenset[str]  # base codes
    reach: Reach | None  # None for no further than its own authority, or not told
    modes: tuple[str, ...]
    collectors: tuple[str, ...]  # divisions whose windows collect; () for none named

    @property
    def base_code(self) -> str:
        """The code by which other regions know it: the nation's before a local one; "" where it has none."""
        return min(self.base, key=lambda code: (len(code) != BASE_CODE_LENGTH, code), default="")


def offer(item: ServiceItem, document: Document) -> Offer:
    """Return what an item offers other regions."""
    crossing = document.get("crossRegion") or {}
    named = tuple(crossing.get("modes", ()))
    return Offer(
        code=item.code,
        name=item.name,
        region=item.region,
        base=base_codes_of(document),
        reach=_reach(document.get("scope"), named, nearby=crossing.get("nearby") is True),
        modes=named or ((ONLINE,) if _needs_nobody(document) else ()),
        collectors=tuple(crossing.get("proxyRegions", ())),
    )


def across(one: str, other: str) -> bool:
    """Tell whether two divisions lie in two provinces."""
    return one[:_PROVINCE] != other[:_PROVINCE]


def modes_between(handling: Offer, collecting: str, theirs: Iterable[Offer]) -> tuple[str, ...]:
    """Return the modes in which a region can have an item handled; `theirs` is what it publishes of the base item."""
    if handling.reach is not Reach.NATION or not across(handling.region, collecting):
        return ()
    offered = {mode for each in theirs if each.reach is Reach.NATION for mode in each.modes}
    collects = closeness(handling.collectors, collecting) > 0 if handling.collectors else PROXY in offered
    holds = {ONLINE: True, PROXY: collects, JOINT: JOINT in offered}
    return tuple(mode for mode in holds if mode in handling.modes and holds[mode])


@dataclass(frozen=True, kw_only=True, slots=True)
class Crossing:
    """One item that two regions can handle for each other, in one direction or both."""

    partner: str  # division, as it was asked for
    here: Offer | None
    there: Offer | None
    we_handle: tuple[str, ...]  # modes in which the partner can have our item handled
    they_handle: tuple[str, ...]  # modes in which we can have theirs handled

    @property
    def possible(self) -> bool:
        """Tell whether anything can be handled at all."""
        return bool(self.we_handle or self.they_handle)


def crossing(partner: str, here: Sequence[Offer], there: Sequence[Offer], *, us: str) -> Crossing:
    """Return what two regions, each with its items of one base item, can do for each other."""
    we = {mode: None for each in here for mode in modes_between(each, partner, there)}
    they = {mode: None for each in there for mode in modes_between(each, us, here)}
    return Crossing(
        partner=partner,
        here=here[0] if here else None,
        there=there[0] if there else None,
        we_handle=tuple(we),
        they_handle=tuple(they),
    )


def _reach(scope: str | None, modes: tuple[str, ...], *, nearby: bool) -> Reach | None:
    if scope in _ACROSS or (scope is None and modes):
        return Reach.NATION
    if scope in _WITHIN or (scope is None and nearby):
        return Reach.PROVINCE
    return None


def _needs_nobody(document: Document) -> bool:
    return wholly_online(document) is True and document.get("onSiteVisits") == 0
