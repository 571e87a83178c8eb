"""The life of a version, and which one comes back."""

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.conversion.versions import (
    TRANSITIONS,
    Step,
    VersionChange,
    VersionState,
    pack_files,
    standing,
    unpack_files,
)

LETTERS = {"a": Step.ACTIVATE, "b": Step.ROLL_BACK, "r": Step.RETIRE, "c": Step.CHECK}


def history(written):
    """Return a history out of words like `a1` (activate 1), `b1` (roll back to 1), `r1`, `c1`."""
    return [
        VersionChange(
            layout="henan", version=word[1:], step=LETTERS[word[0]], at=datetime(2026, 1, 1, tzinfo=UTC), by="x"
        )
        for word in written.split()
    ]


@pytest.mark.parametrize(
    ("written", "served"),
    [
        ("", ""),
        ("c1", ""),
        ("a1", "1"),
        ("a1 a2", "1 2"),
        ("a1 a2 b1", "1"),
        ("a1 a2 a3 b2 b1", "1"),
        ("a1 a2 b1 a3", "1 3"),
        ("a1 a2 a1", "1 2 1"),
        ("a1 r1", "1 -"),
        ("a1 a2 r2 b2", "1 2"),
        ("a1 r1 a2", "1 2"),
        ("a1 c2 r2", "1"),  # what never served is retired without a trace here
    ],
)
def test_rolling_back_goes_to_the_version_that_served_before(written, served):
    assert standing(history(written)) == tuple("" if word == "-" else word for word in served.split())


@pytest.mark.parametrize(("state", "step"), list(product(VersionState, Step)))
def test_only_what_was_checked_or_served_ever_serves(state, step):
    entered = TRANSITIONS[state].get(step)

    assert (entered is VersionState.ACTIVE) <= (state in (VersionState.CHECKED, VersionState.RETIRED))
    assert (entered is VersionState.CHECKED) <= (state is VersionState.DRAFT)
    assert entered is not VersionState.DRAFT


@given(st.dictionaries(st.text(), st.binary()))
def test_files_come_out_of_the_pack_byte_for_byte_and_packing_is_the_same_each_time(files):
    packed = pack_files(files)

    assert unpack_files(packed) == files
    assert pack_files(dict(reversed(files.items()))) == packed
