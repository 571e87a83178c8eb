"""What two systems counted: each way of disagreeing shows as itself."""

from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import pytest

from gateway.demo.cluster.comparison import crossing, differences
from gateway.demo.region import REGIONS
from gateway.demo.system import Seen

CASE, OTHER_CASE, NUMBER, OTHER_NUMBER = "42030020260101000001", "42030020260101000002", "TB-1", "TB-2"


def post(region, seen):
    """A region of which only the counting is looked at."""
    return SimpleNamespace(region=region, system=SimpleNamespace(seen=seen))


@pytest.fixture
def sent():
    seen = Seen(submitted=Counter([CASE]), acknowledged={CASE: NUMBER}, closed={NUMBER})
    seen.reported[NUMBER] = ["rated"]
    seen.told[NUMBER] = ["accepted", "decided", "closed"]
    return seen


@pytest.fixture
def got():
    seen = Seen()
    seen.arrived[CASE] = [NUMBER]
    seen.told[NUMBER] = ["rated"]
    seen.reported[NUMBER] = ["accepted", "decided", "closed"]
    return seen


def compared(sent, got):
    return crossing(post(REGIONS[0], sent), post(REGIONS[1], got))


def test_what_was_lived_through_agrees(sent, got):
    outcome = compared(sent, got)

    assert outcome.agrees
    assert (outcome.submitted, outcome.acknowledged, outcome.arrived, outcome.settled) == (1, 1, 1, 1)
    assert (outcome.events_reported, outcome.events_told) == (4, 4)


def test_an_application_that_never_arrived_is_lost(sent, got):
    got.arrived.clear()

    outcome = compared(sent, got)

    assert (outcome.lost, outcome.doubled, outcome.agrees) == (1, 0, False)


def test_an_application_without_a_receipt_does_not_agree(sent, got):
    sent.submitted[OTHER_CASE] += 1
    got.arrived[OTHER_CASE] = [OTHER_NUMBER]

    assert not compared(sent, got).agrees


@pytest.mark.parametrize("numbers", [[NUMBER, OTHER_NUMBER], [NUMBER, NUMBER]])
def test_an_application_that_came_as_two_is_doubled(sent, got, numbers):
    got.arrived[CASE] = numbers

    outcome = compared(sent, got)

    assert (outcome.lost, outcome.doubled, outcome.agrees) == (0, 1, False)


def test_an_application_that_nobody_sent_is_doubled(sent, got):
    got.arrived[OTHER_CASE] = [OTHER_NUMBER]

    outcome = compared(sent, got)

    assert (outcome.doubled, outcome.agrees) == (1, False)


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        (["accepted", "closed"], {"lost": 1}),
        (["accepted", "decided", "decided", "closed"], {"doubled": 1}),
        (["decided", "accepted", "closed"], {"disordered": 1}),
    ],
)
def test_an_event_lost_doubled_or_out_of_order_shows(sent, got, told, wrong):
    sent.told[NUMBER] = told

    outcome = compared(sent, got)

    expected = {"lost": 0, "doubled": 0, "disordered": 0} | wrong
    assert (outcome.lost, outcome.doubled, outcome.disordered) == tuple(expected.values())
    assert not outcome.agrees


def test_an_application_that_was_not_closed_does_not_agree(sent, got):
    sent.closed.clear()

    outcome = compared(sent, got)

    assert (outcome.wrong, outcome.agrees) == (0, False)
    assert replace(outcome, settled=1).agrees


def test_two_logs_that_say_the_same_do_not_differ():
    assert list(differences(Counter("abc"), Counter("cba"), "a → b")) == []


def test_what_one_log_says_and_the_other_does_not_is_named():
    told = list(differences(Counter("ab"), Counter("bc"), "a → b"))

    assert told == [
        "a → b: exchange a is settled, but not received",
        "a → b: exchange c is received, but not settled",
    ]


def test_what_a_log_says_twice_is_named():
    assert list(differences(Counter("aa"), Counter("a"), "a → b")) == ["a → b: exchange a is settled 2 times"]
