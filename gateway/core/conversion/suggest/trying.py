"""Tries a draft on its own samples: what converts, what does not yet and why, and what only made-up values break."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.conformance.fields import starred
from gateway.core.errors import Fault, InvalidDocumentError
from gateway.core.forms import Form
from gateway.core.model import DocumentKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """Why samples do not convert: one fault at one place, without any value."""

    pointer: str  # with "*" for any element
    fault: Fault
    samples: int  # how many have it


@dataclass(kw_only=True, slots=True)
class Trial:
    """What became of the samples; owned by one run."""

    converted: int = 0
    reasons: tuple[Reason, ...] = ()
    made_up: tuple[Reason, ...] = ()  # what the rows refuse in the examples alone, where samples were masked
    results: list[Any] = field(default_factory=list)  # of each example its canonical document, or None


def attempt(adapter: Adapter, kind: DocumentKind, form: Form, pairs: Collection[tuple[Any, Any]]) -> Trial:
    """Convert samples and the examples made of them, in pairs."""
    trial = Trial()
    own, masked = _Tally(), _Tally()
    for sample, example in pairs:
        _, faults = _convert(adapter, kind, form, sample)
        trial.converted += not faults
        own.add(faults)
        result, shown = _convert(adapter, kind, form, example)
        known = {(starred(one.pointer), one.code) for one in faults}
        masked.add(one for one in shown if (starred(one.pointer), one.code) not in known)
        trial.results.append(None if shown else result)
    trial.reasons, trial.made_up = own.reasons(), masked.reasons()
    return trial


def _convert(adapter: Adapter, kind: DocumentKind, form: Form, document: Any) -> tuple[Any, tuple[Fault, ...]]:
    try:
        canonical = adapter.canonical_of(kind, document).document
    except InvalidDocumentError as error:
        return None, error.faults
    return canonical, tuple(form.faults(canonical))


class _Tally:
    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Fault] = {}
        self._counts: dict[tuple[str, str], int] = {}

    def add(self, faults: Iterable[Fault]) -> None:
        for key, fault in {(starred(one.pointer), one.code): one for one in faults}.items():
            self._found.setdefault(key, fault)
            self._counts[key] = self._counts.get(key, 0) + 1

    def reasons(self) -> tuple[Reason, ...]:
        return tuple(
            Reason(pointer=key[0], fault=fault, samples=self._counts[key]) for key, fault in self._found.items()
        )
