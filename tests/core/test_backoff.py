"""A failing destination rests longer each time, never in step with others, never for ever."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.backoff import FIRST_S, LONGEST_S, after_failure, bounded, cleared, delay, rests
from gateway.core.model import Backoff

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CHANCE = st.floats(0, 1, exclude_max=True)


@given(st.integers(1, 10_000), CHANCE)
def test_every_delay_lies_between_half_and_the_whole_of_its_step(failures, chance):
    step_s = min(LONGEST_S, FIRST_S * 2 ** min(failures - 1, 30))

    assert step_s / 2 <= delay(failures, chance).total_seconds() <= step_s


def test_two_gateways_with_different_chances_do_not_return_together():
    assert delay(5, 0.1) != delay(5, 0.9)


def test_each_failure_counts_and_an_answer_clears_them():
    once = after_failure(cleared("ankang"), now=NOW, chance=0.0)
    twice = after_failure(once, now=NOW, chance=0.0)

    assert (once.failures, twice.failures) == (1, 2)
    assert once.retry_at == NOW + timedelta(seconds=FIRST_S / 2)
    assert cleared("ankang").retry_at is None


@given(st.floats(-1e12, 1e12) | st.none())
def test_nobody_is_left_alone_for_longer_than_who_never_answers_whatever_they_ask(asked_s):
    assert timedelta() <= bounded(asked_s) <= timedelta(seconds=LONGEST_S)


def test_a_destination_rests_for_as_long_as_it_asked():
    asked = after_failure(cleared("ankang"), now=NOW, chance=0.0, asked=timedelta(seconds=60))

    assert asked.retry_at == NOW + timedelta(seconds=60)


@given(st.timedeltas(timedelta(days=-4000), timedelta(days=4000)))
def test_no_rest_outlasts_a_clock_that_was_set_back(away):
    """Whenever it was noted, and whatever the clock says now, a rest ends within the longest there is."""
    backoff = Backoff(destination="ankang", failures=20, retry_at=NOW + away)

    assert not rests(backoff, NOW + timedelta(seconds=LONGEST_S)) or away > timedelta(seconds=LONGEST_S)
    assert rests(backoff, NOW) == (timedelta() < away <= timedelta(seconds=LONGEST_S))
