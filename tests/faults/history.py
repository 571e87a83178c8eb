"""Histories of concurrent calls, and whether they could have happened one after another.

A history is linearizable if each call can be given one instant between its beginning and its end, so that the answers
are those that a sequential model gives in the order of these instants (Herlihy and Wing). A call without an answer may
have happened at any instant since it began, or never: nobody knows.

    history = History()
    await history.ask(client, Take(exchange="a", ...), put)  # `put` asks the store, and returns its answer
    assert not impossible(history.calls)

The search is that of Wing and Gong with the memory of Lowe: whatever has been reached once, as a set of calls that are
done and a state, is not searched again. Calls about different exchanges do not touch one another, so each exchange is
searched by itself: a history is linearizable exactly where each of its objects' is.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Final

NEVER: Final = 1 << 62  # when a call without an answer ends


@dataclass(frozen=True, kw_only=True, slots=True)
class Took:
    """The model's state of an exchange that was taken: with which body, and with which receipt ("" for any)."""

    digest: str
    receipt: str


State = Took | None  # None: nothing of it was taken


@dataclass(frozen=True, kw_only=True, slots=True)
class Take:
    """Ask that an exchange be taken; `receipt` is what it would get, "" where the asker cannot know."""

    exchange: str
    digest: str
    receipt: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """Ask whether an exchange was taken."""

    exchange: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipted:
    """It was taken, now or before (None where the answer does not say which)."""

    receipt: str
    first: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Contradicted:
    """Something else was taken under this id."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """It was taken; with which receipt, where that is told."""

    receipt: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Absent:
    """Nothing was taken."""


Question = Take | Look
Answer = Receipted | Contradicted | Found | Absent
Put = Callable[[Question], Awaitable[Answer | None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call of a history; `answer` is None where none came, and then `ended` is NEVER."""

    client: str
    question: Question
    answer: Answer | None
    began: int
    ended: int = NEVER


@dataclass(kw_only=True)
class History:
    """What was asked and answered, in the order in which it was noticed here."""

    calls: list[Call] = field(default_factory=list)
    _ticks: Iterator[int] = field(default_factory=count)

    async def ask(self, client: str, question: Question, put: Put) -> Answer | None:
        """Put a question and remember what came of it; None, or a cancellation, is no answer."""
        began, answer = next(self._ticks), None
        with suppress(asyncio.CancelledError):  # whoever gave up does not know what has happened
            answer = await put(question)
        ended = NEVER if answer is None else next(self._ticks)
        self.calls.append(Call(client=client, question=question, answer=answer, began=began, ended=ended))
        return answer


def impossible(calls: Sequence[Call]) -> list[Call]:
    """Return the calls about the first exchange that cannot have happened one after another; none where all can."""
    by_exchange: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        by_exchange[call.question.exchange].append(call)
    for of_one in by_exchange.values():
        if not _is_possible(sorted(of_one, key=lambda call: call.began)):
            return of_one
    return []


def after(state: State, question: Question, answer: Answer | None) -> tuple[State, ...]:
    """Return what the state is after a call that happened in this state; nothing where it cannot be so answered."""
    if isinstance(question, Take):
        return _after_take(state, question, answer)
    if answer is None:
        return (state,)
    if state is None:
        return (None,) if isinstance(answer, Absent) else ()
    if not isinstance(answer, Found) or (answer.receipt and state.receipt not in ("", answer.receipt)):
        return ()
    return (Took(digest=state.digest, receipt=state.receipt or answer.receipt),)


def _after_take(state: State, question: Take, answer: Answer | None) -> tuple[State, ...]:
    then = state or Took(digest=question.digest, receipt=question.receipt)
    same = then.digest == question.digest
    if isinstance(answer, Receipted):
        earlier = answer.first if state is None else not answer.first  # told as it was, or not told
        possible = same and (earlier or answer.first is None) and then.receipt in ("", answer.receipt)
        return (Took(digest=then.digest, receipt=answer.receipt),) if possible else ()
    if isinstance(answer, Contradicted):
        return (then,) if not same else ()
    return (then,) if answer is None else ()


def _is_possible(calls: Sequence[Call]) -> bool:
    """Search for an order; `calls` are about one exchange, in the order in which they began."""
    answered = sum(1 << at for at, call in enumerate(calls) if call.answer is not None)
    reached: set[tuple[int, Hashable]] = set()
    waiting: list[tuple[int, State]] = [(0, None)]
    while waiting:
        done, state = waiting.pop()
        if done & answered == answered:
            return True
        for at in _next(calls, done):
            for then in after(state, calls[at].question, calls[at].answer):
                step = (done | 1 << at, then)
                if step not in reached:
                    reached.add(step)
                    waiting.append(step)
    return False


def _next(calls: Sequence[Call], done: int) -> Iterator[int]:
    """Yield the calls that may be the next to happen: those that began before any that is not done had ended."""
    first_end = min(call.ended for at, call in enumerate(calls) if not done >> at & 1)
    for at, call in enumerate(calls):
        if call.began > first_end:
            return
        if not done >> at & 1:
            yield at
