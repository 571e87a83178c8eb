"""The lifecycle is a table, and the table is what the law and the case tables say."""

import pytest

from gateway.core.casework.lifecycle import (
    SPEAKERS,
    TRANSITIONS,
    EventType,
    Side,
    State,
    advance,
    check_speaker,
)
from gateway.core.errors import ConflictError, ForbiddenError

EVERY_PAIR = [(state, event) for state in State for event in EventType]


@pytest.mark.parametrize(("state", "event"), EVERY_PAIR)
def test_every_state_either_moves_by_the_table_or_says_what_may_happen_instead(state, event):
    expected = TRANSITIONS[state].get(event)

    if expected is not None:
        assert advance(state, event) is expected
        return
    with pytest.raises(ConflictError) as refusal:
        advance(state, event)
    assert refusal.value.code == "event_out_of_order"
    assert refusal.value.faults[0].got == event
    assert set(TRANSITIONS[state]) <= set(refusal.value.faults[0].expected.split(" | ")) or not TRANSITIONS[state]


def test_every_state_has_a_row_and_every_event_a_speaker():
    assert set(TRANSITIONS) == set(State)
    assert set(SPEAKERS) == set(EventType)


def test_every_state_can_be_reached_from_submission():
    reached, frontier = {State.SUBMITTED}, [State.SUBMITTED]
    while frontier:
        entered = set(TRANSITIONS[frontier.pop()].values()) - reached
        reached |= entered
        frontier += entered

    assert reached == set(State)


def test_every_event_happens_somewhere():
    assert {event for row in TRANSITIONS.values() for event in row} == set(EventType)


@pytest.mark.parametrize("state", sorted(set(State) - {State.CLOSED}))
def test_every_application_can_still_be_closed(state):
    reached, frontier = {state}, [state]
    while frontier:
        entered = set(TRANSITIONS[frontier.pop()].values()) - reached
        reached |= entered
        frontier += entered

    assert State.CLOSED in reached


def test_nothing_is_decided_before_it_is_accepted():
    before = [State.SUBMITTED, State.COLLECTED, State.NOTICE, State.SUPPLEMENTED]

    assert not any(EventType.DECIDED in TRANSITIONS[state] for state in before)


def test_only_one_notice_is_open_at_a_time():
    assert EventType.NOTICE not in TRANSITIONS[State.NOTICE]
    assert EventType.ACCEPTED not in TRANSITIONS[State.NOTICE]


@pytest.mark.parametrize("ended", [State.REFUSED, State.WITHDRAWN, State.RETURNED, State.LAPSED, State.VOIDED])
def test_what_has_ended_is_not_taken_up_again(ended):
    assert set(TRANSITIONS[ended]) <= {EventType.RATED, EventType.CLOSED}


@pytest.mark.parametrize("event", [EventType.ACCEPTED, EventType.DECIDED, EventType.NOTICE])
def test_the_collecting_side_does_not_decide(event):
    with pytest.raises(ForbiddenError) as refusal:
        check_speaker(event, Side.COLLECTING)

    assert refusal.value.code == "event_of_other_side"
    check_speaker(event, Side.HANDLING)


@pytest.mark.parametrize("event", [EventType.SUPPLEMENTED, EventType.WITHDRAWN, EventType.RATED])
def test_the_handling_side_does_not_speak_for_the_applicant(event):
    with pytest.raises(ForbiddenError):
        check_speaker(event, Side.HANDLING)

    check_speaker(event, Side.COLLECTING)
