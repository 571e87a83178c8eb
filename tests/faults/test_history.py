"""The checker is right about histories of which everybody can see whether they are possible."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.history import (
    NEVER,
    Absent,
    Answer,
    Call,
    Contradicted,
    Found,
    Look,
    Question,
    Receipted,
    State,
    Take,
    after,
    impossible,
)

ONE, OTHER = Take(exchange="x", digest="one"), Take(exchange="x", digest="other")
LOOK = Look(exchange="x")


def call(question: Question, answer: Answer | None, began: int, ended: int = NEVER) -> Call:
    return Call(client="c", question=question, answer=answer, began=began, ended=ended)


POSSIBLE = {
    "nothing": [],
    "taken and repeated": [
        call(ONE, Receipted(receipt="r", first=True), 0, 1),
        call(ONE, Receipted(receipt="r", first=False), 2, 3),
        call(LOOK, Found(receipt="r"), 4, 5),
    ],
    "two at once, and one of them first": [
        call(ONE, Receipted(receipt="r", first=False), 0, 3),
        call(ONE, Receipted(receipt="r", first=True), 1, 2),
    ],
    "two at once that contradict each other": [
        call(ONE, Contradicted(), 0, 3),
        call(OTHER, Receipted(receipt="r", first=True), 1, 2),
    ],
    "seen before the one who took it was told": [
        call(ONE, Receipted(receipt="r", first=True), 0, 3),
        call(LOOK, Found(receipt="r"), 1, 2),
    ],
    "not seen while it was being taken": [
        call(ONE, Receipted(receipt="r", first=True), 0, 3),
        call(LOOK, Absent(), 1, 2),
    ],
    "an answer was lost, and it had happened": [
        call(ONE, None, 0),
        call(LOOK, Found(), 1, 2),
        call(ONE, Receipted(receipt="r", first=False), 3, 4),
    ],
    "an answer was lost, and it had not happened": [
        call(ONE, None, 0),
        call(LOOK, Absent(), 1, 2),
        call(OTHER, Receipted(receipt="r", first=True), 3, 4),
    ],
    "an answer was lost, and it happened much later": [
        call(ONE, None, 0),
        call(LOOK, Absent(), 1, 2),
        call(LOOK, Found(), 3, 4),
        call(OTHER, Contradicted(), 5, 6),
    ],
}
IMPOSSIBLE = {
    "a stale read": [
        call(ONE, Receipted(receipt="r", first=True), 0, 1),
        call(LOOK, Absent(), 2, 3),
    ],
    "seen and gone again": [
        call(ONE, Receipted(receipt="r", first=True), 0, 5),
        call(LOOK, Found(), 1, 2),
        call(LOOK, Absent(), 3, 4),
    ],
    "two receipts": [
        call(ONE, Receipted(receipt="r"), 0, 1),
        call(ONE, Receipted(receipt="s"), 2, 3),
    ],
    "two first times at once": [
        call(ONE, Receipted(receipt="r", first=True), 0, 2),
        call(ONE, Receipted(receipt="r", first=True), 1, 3),
    ],
    "a lost update: both were told that theirs was taken": [
        call(ONE, Receipted(receipt="r"), 0, 2),
        call(OTHER, Receipted(receipt="s"), 1, 3),
    ],
    "a repeat without a first time": [call(ONE, Receipted(receipt="r", first=False), 0, 1)],
    "a contradiction of nothing": [call(ONE, Contradicted(), 0, 1)],
    "a contradiction of the same": [
        call(ONE, Receipted(receipt="r", first=True), 0, 1),
        call(ONE, Contradicted(), 2, 3),
    ],
    "seen before anybody asked for it": [
        call(LOOK, Found(), 0, 1),
        call(ONE, Receipted(receipt="r", first=True), 2, 3),
    ],
    "a receipt of somebody else's attempt": [
        call(Take(exchange="x", digest="one", receipt="mine"), Receipted(receipt="not mine", first=True), 0, 1),
    ],
    "an answer was lost that cannot have happened to both": [
        call(ONE, None, 0),
        call(LOOK, Found(receipt="r"), 1, 2),
        call(OTHER, Receipted(receipt="s", first=True), 3, 4),
    ],
}


@pytest.mark.parametrize("name", POSSIBLE)
def test_what_can_have_happened_is_let_pass(name):
    assert impossible(POSSIBLE[name]) == []


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_cannot_have_happened_is_found(name):
    assert impossible(IMPOSSIBLE[name]) == IMPOSSIBLE[name]


def test_each_exchange_is_judged_by_itself():
    elsewhere = [call(Take(exchange="y", digest="one"), Receipted(receipt="r", first=True), 0, 1)]

    assert impossible([*elsewhere, *IMPOSSIBLE["a stale read"]]) == IMPOSSIBLE["a stale read"]


def test_a_history_that_could_be_ordered_in_too_many_ways_is_still_judged():
    crowd = [call(ONE, Receipted(receipt="r", first=False), at, 1000 + at) for at in range(60)]
    lost = [call(OTHER, None, 60 + at) for at in range(12)]

    assert impossible([*crowd, *lost, call(ONE, Receipted(receipt="r", first=True), 90, 2000)]) == []
    assert impossible([*crowd, *lost, call(LOOK, Absent(), 3000, 3001)])


def by_trying(calls: list[Call]) -> bool:
    """Tell the same by the definition: every order of every choice of the unanswered calls."""
    answered = [each for each in calls if each.answer is not None]
    unanswered = [each for each in calls if each.answer is None]
    for size in range(len(unanswered) + 1):
        for chosen in itertools.combinations(unanswered, size):
            if any(_holds(order) for order in itertools.permutations([*answered, *chosen])):
                return True
    return False


def _holds(order: tuple[Call, ...]) -> bool:
    if any(later.ended < earlier.began for earlier, later in itertools.combinations(order, 2)):
        return False
    states: tuple[State, ...] = (None,)
    for each in order:
        states = tuple(then for state in states for then in after(state, each.question, each.answer))
    return bool(states)


ANSWERS = (
    (ONE, Receipted(receipt="r", first=True)),
    (ONE, Receipted(receipt="r", first=False)),
    (ONE, Receipted(receipt="s")),
    (ONE, None),
    (OTHER, None),
    (OTHER, Contradicted()),
    (LOOK, Found()),
    (LOOK, Absent()),
)


@given(st.lists(st.tuples(st.sampled_from(ANSWERS), st.integers(0, 8), st.integers(1, 5)), max_size=5))
def test_it_agrees_with_the_definition_on_every_small_history(drawn):
    calls = [
        call(question, answer, 2 * began, NEVER if answer is None else 2 * (began + length) + 1)
        for (question, answer), began, length in drawn
    ]

    assert by_trying(calls) == (not impossible(calls))
