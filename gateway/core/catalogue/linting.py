"""What a rule about service items is, and the four things that it can say of one item.

A rule that lacks a field it reads says nothing: an item is never praised for what it does not tell.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Document = Mapping[str, Any]  # a canonical service item


class Severity(StrEnum):
    """What a breach means."""

    ERROR = "error"  # the item contradicts itself, or leaves out what it must say
    WARNING = "warning"  # the item is worse than it could be


class Outcome(StrEnum):
    """What a rule says of an item."""

    KEPT = "kept"
    BROKEN = "broken"
    NOT_JUDGED = "not-judged"  # a field that the rule reads is not there
    NOT_CONCERNED = "not-concerned"  # the rule speaks of other items


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """The outcome, and where the item is to be put right."""

    outcome: Outcome
    pointers: tuple[str, ...] = ()


KEPT = Judgement(outcome=Outcome.KEPT)
NOT_JUDGED = Judgement(outcome=Outcome.NOT_JUDGED)
NOT_CONCERNED = Judgement(outcome=Outcome.NOT_CONCERNED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One rule, written down in words and as a function."""

    id: str  # stable: published once, never given to another rule
    severity: Severity
    title: str
    title_zh: str
    statement: str
    statement_zh: str
    reads: tuple[str, ...]  # canonical pointers; `*` stands for every element of an array
    judge: Callable[[Document], Judgement]


def implies(premise: bool | None, holds: bool | None, *pointers: str) -> Judgement:  # noqa: FBT001 - three-valued logic
    """Judge "where the premise is so, this holds"; None is what cannot be told."""
    if premise is None:
        return NOT_JUDGED
    if not premise:
        return NOT_CONCERNED
    if holds is None:
        return NOT_JUDGED
    return KEPT if holds else Judgement(outcome=Outcome.BROKEN, pointers=pointers)


def every(found: Sequence[tuple[bool | None, str]]) -> Judgement:
    """Judge what must hold in several places: each with its pointer; no place means that nobody is concerned."""
    if not found:
        return NOT_CONCERNED
    if breaches := tuple(pointer for holds, pointer in found if holds is False):
        return Judgement(outcome=Outcome.BROKEN, pointers=breaches)
    return NOT_JUDGED if any(holds is None for holds, _ in found) else KEPT


def equals(value: object, wanted: object) -> bool | None:
    """Tell whether a value is the one wanted; None where there is no value."""
    return None if value is None else value == wanted


def both(first: bool | None, second: bool | None) -> bool | None:  # noqa: FBT001 - three-valued logic
    """Tell whether both are so; one that is not settles it, whatever the other is."""
    if first is False or second is False:
        return False
    return None if first is None or second is None else True


def negated(value: bool | None) -> bool | None:  # noqa: FBT001 - three-valued logic
    """Tell the opposite, where there is one."""
    return None if value is None else not value
