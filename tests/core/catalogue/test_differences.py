"""Two documents differ where the pointers say, and nowhere else."""

import pytest

from gateway.core.catalogue.differences import POINTER_LIMIT, differing


@pytest.mark.parametrize(
    ("old", "new", "pointers"),
    [
        ({"a": 1}, {"a": 1}, ()),
        ({"a": 1, "b": {"c": [1, 2]}}, {"a": 2, "b": {"c": [1, 3, 4]}}, ("/a", "/b/c/1", "/b/c/2")),
        ({"gone": {"x": 1}}, {"new": 1}, ("/gone", "/new")),
        ({"a/b~": 1}, {"a/b~": 2}, ("/a~1b~0",)),
        ({"a": 1}, {"a": True}, ("/a",)),
        ([1], {"0": 1}, ("",)),
    ],
)
def test_each_place_that_differs_is_pointed_at(old, new, pointers):
    assert differing(old, new) == pointers


def test_of_very_different_documents_the_first_places_are_told():
    assert len(differing({}, {str(number): number for number in range(1_000)})) == POINTER_LIMIT
