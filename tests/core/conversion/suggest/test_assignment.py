"""The pairs with the greatest sum are found, as trying all of them would."""

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.conversion.suggest import assignment
from gateway.core.conversion.suggest.assignment import assign, best_first

SCORES = st.dictionaries(st.tuples(st.integers(0, 3), st.integers(10, 13)), st.floats(0.01, 1), max_size=12)


def total(scores, pairs):
    return sum(scores[pair] for pair in pairs.items())


def best_of_all(scores):
    lefts = sorted({left for left, _ in scores})
    rights = [*sorted({right for _, right in scores}), *(None for _ in lefts)]
    every = (zip(lefts, chosen, strict=True) for chosen in permutations(rights, len(lefts)))
    return max(sum(scores.get(pair, 0.0) for pair in pairs) for pairs in every)


@settings(max_examples=60, deadline=None)
@given(scores=SCORES)
def test_no_other_pairing_is_worth_more(scores):
    found = assign(scores)

    assert set(found.items()) <= set(scores)
    assert len(set(found.values())) == len(found)
    assert abs(total(scores, found) - best_of_all(scores)) < 1e-6


def test_best_first_can_be_worse():
    scores = {("a", 1): 0.9, ("a", 2): 0.8, ("b", 1): 0.8}

    assert assign(scores) == {"a": 2, "b": 1}
    assert best_first(scores) == {"a": 1}


def test_a_part_too_large_to_solve_is_paired_best_first():
    size = assignment.PART_LIMIT + 1
    scores = {(left, right): 1 / (1 + abs(left - right)) for left in range(size) for right in range(size)}

    assert assign(scores) == {number: number for number in range(size)}
