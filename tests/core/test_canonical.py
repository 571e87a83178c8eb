"""Canonical JSON equals RFC 8785 whichever path makes it."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.canonical import canonical_json

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_any_json_value_gets_the_bytes_of_the_reference_implementation(value):
    assert canonical_json(value) == rfc8785.dumps(value)


def test_keys_beyond_the_bmp_are_ordered_by_utf_16_code_units():
    value = {"\U0001f600": 1, "\ufb33": 2}

    assert canonical_json(value) == '{"\U0001f600":1,"\ufb33":2}'.encode()


def test_an_integer_that_json_readers_would_round_is_refused():
    with pytest.raises(ValueError, match="9007199254740992"):
        canonical_json({"n": 2**53})
