"""Tries one example both ways, and says which rows are behind whatever does not hold."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.core.conversion.adapter import Adapter, Conversion
from gateway.core.conversion.codecs.codec import blank
from gateway.core.conversion.conformance.fields import Placed, covered, placed_rows, starred, within
from gateway.core.conversion.conformance.report import Blame, Example, Verdict
from gateway.core.conversion.pointer import escape
from gateway.core.errors import Fault, RejectedError
from gateway.core.forms import Form

_UNIFYING = ("ignore", "first-of", "json", "overflow")  # codecs whose regional value may come back spelled otherwise


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One example tried: the verdict, and the documents it was reached with where it could be converted."""

    verdict: Verdict
    given: Any = None
    forth: Conversion | None = None


def try_example(adapter: Adapter, example: Example, form: Form | None) -> Trial:
    """Convert an example there and back and compare with what is expected."""
    trial = _Attempt(adapter, example)
    if example.canonical is None or not example.canonical.strip():
        return Trial(verdict=trial.incomplete(form))
    try:
        expected = orjson.loads(example.canonical)
    except orjson.JSONDecodeError:
        fault = Fault(pointer="", code="json_syntax", message="The example is not JSON.", message_zh="示例不是 JSON。")
        return Trial(verdict=trial.refused((fault,), ""))
    try:
        return trial.run(expected, form)
    except RejectedError as error:
        faults = error.faults or (_said(error),)
        return Trial(verdict=trial.refused(faults, trial.side, trial.besides(faults, form)))


class _Attempt:
    """One attempt; knows how far it came, so that a refusal can be laid at the right rows."""

    def __init__(self, adapter: Adapter, example: Example) -> None:
        self.adapter, self.example = adapter, example
        self.variant, self.rows = "", tuple[Placed, ...]()
        self.side = "regional"  # whose document the pointers of a refusal lead into

    def run(self, expected: Any, form: Form | None) -> Trial:
        adapter, example = self.adapter, self.example
        given = adapter.read(example.kind, example.regional, example.media_type)
        self._recognise(adapter.channels[example.kind].regional(given))
        forth = adapter.to_canonical(example.kind, example.regional, example.media_type)
        self.side = "canonical"
        back = adapter.to_regional(example.kind, expected)
        self.side = "regional"
        again = adapter.to_canonical(example.kind, back.body, back.media_type)
        spelled, lossy = normalising(self.rows), losing(self.rows)
        differing = list(differences(given, back.document))
        faults = form.faults(forth.document) if form else ()
        changed = tuple(differences(forth.document, expected))
        lost = tuple(at for at in differing if not covered(at, spelled))
        returned = tuple(at for at in differences(expected, again.document) if not covered(at, lossy))
        verdict = Verdict(
            name=example.name,
            kind=example.kind,
            variant=self.variant,
            faults=faults,
            canonical_differs=changed,
            regional_differs=lost,
            normalised=tuple(at for at in differing if covered(at, spelled)),
            returned_differs=returned,
            losses_to_canonical=forth.losses,
            losses_to_regional=back.losses,
            blamed=(
                *self.blamed((*(one.pointer for one in faults), *changed, *returned), "canonical"),
                *self.blamed(lost, "regional"),
            ),
        )
        return Trial(verdict=verdict, given=given, forth=forth)

    def incomplete(self, form: Form | None) -> Verdict:
        """Judge a regional document that nobody has said the canonical form of: what keeps it from having one."""
        adapter, example = self.adapter, self.example
        there = example.canonical is not None
        missing = Fault(
            pointer="",
            code="example_incomplete",
            message=f"The canonical document that this example must become is {'empty' if there else 'missing'}.",
            message_zh="该示例对应的规范文档为空文件。" if there else "缺少该示例对应的规范文档。",
            expected="a .canonical.json of its name beside it",
        )
        try:
            given = adapter.read(example.kind, example.regional, example.media_type)
            self._recognise(adapter.channels[example.kind].regional(given))
            forth = adapter.to_canonical(example.kind, example.regional, example.media_type)
        except RejectedError as error:
            faults = error.faults or (_said(error),)
            return self.refused(faults, "regional", (*self.besides(faults, form), missing))
        return self.refused((*(form.faults(forth.document) if form else ()), missing), "canonical")

    def refused(self, faults: tuple[Fault, ...], side: str, besides: tuple[Fault, ...] = ()) -> Verdict:
        return Verdict(
            name=self.example.name,
            kind=self.example.kind,
            variant=self.variant,
            faults=(*faults, *besides),
            blamed=(
                *self.blamed((one.pointer for one in faults), side),
                *self.blamed((one.pointer for one in besides), "canonical"),
            ),
        )

    def besides(self, faults: tuple[Fault, ...], form: Form | None) -> tuple[Fault, ...]:
        """Return what the canonical form objects to in what could be converted of a refused document."""
        if form is None or self.side != "regional" or not self.rows:
            return ()
        try:
            self.adapter.to_canonical(self.example.kind, self.example.regional, self.example.media_type, form=form)
        except RejectedError as error:
            return error.faults[len(faults) :]
        return ()

    def blamed(self, places: Iterable[str], side: str) -> Iterator[Blame]:
        for at in dict.fromkeys(places):
            if rows := rows_at(at, self.rows, side=side):
                yield Blame(pointer=at, side=side, rows=tuple(row.at for row in rows))

    def _recognise(self, variant: str | None) -> None:
        if variant is not None:
            channel = self.adapter.channels[self.example.kind]
            self.variant, self.rows = variant, placed_rows(channel.document, channel.messages[variant].variant)


def rows_at(at: str, rows: Iterable[Placed], *, side: str) -> list[Placed]:
    """Return the rows that make a place: the closest at or above it, else those below it."""
    place, closest, below = starred(at), list[Placed](), list[Placed]()
    depth = -1
    for one in rows:
        for path in map(starred, one.regional if side == "regional" else one.canonical):
            if within(place, path) and len(path) >= depth:
                closest = [*closest, one] if len(path) == depth else [one]
                depth = len(path)
            elif within(path, place):
                below.append(one)
    return closest or (below if place else [])


def normalising(rows: Iterable[Placed]) -> set[str]:
    """Return the regional paths that may come back spelled differently, because a row says so."""
    found: set[str] = set()
    for one in rows:
        row = one.row
        says = row.lossy or row.name in _UNIFYING or not (row.reads and row.writes) or row.empty != "omit"
        if says or (row.codec is not None and row.codec.normalises):
            found |= set(one.regional)
    return found


def losing(rows: Iterable[Placed]) -> set[str]:
    """Return the canonical paths that a round trip may change, because a row says so."""
    says = (one for one in rows if one.row.lossy or one.row.name == "ignore" or not (one.row.reads and one.row.writes))
    return {path for one in says for path in one.canonical}


def differences(one: object, other: object, at: str = "") -> Iterator[str]:
    """Yield the pointers where two documents differ; values that say nothing equal absent ones."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in dict.fromkeys([*one, *other]):
            yield from differences(one.get(name), other.get(name), f"{at}/{escape(name)}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{at}/{index}")
    elif (type(one), one) != (type(other), other) and not (says_nothing(one) and says_nothing(other)):
        yield at


def loses(one: Placed, *, reading: bool) -> bool:
    """Tell whether a row carries less than it is given in one direction, and says so."""
    row = one.row
    return row.lossy or row.name == "ignore" or not (row.reads if reading else row.writes)


def says_nothing(value: object) -> bool:
    """Tell whether a value is blank, or a container of nothing else."""
    if isinstance(value, dict):
        return all(map(says_nothing, value.values()))
    return all(map(says_nothing, value)) if isinstance(value, list) else blank(value)


def _said(error: RejectedError) -> Fault:
    return Fault(pointer="", code=error.code, message=str(error), message_zh="示例被拒绝。")
