"""A set of rows is the same whether it is kept as numbers or as a bitmap."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.store.postings import BLOCK, changed, common

ROWS = st.sets(st.integers(0, BLOCK - 1), max_size=40)
BULK = st.sampled_from([range(0), range(0, BLOCK, 7), range(100, 9_000), range(BLOCK)])


def rows_of(kept, **asked):
    return list(common([kept], **asked))


@settings(deadline=None)
@given(bulk=BULK, first=ROWS, more=ROWS, less=ROWS)
def test_a_set_holds_what_was_added_and_not_removed(bulk, first, more, less):
    kept = changed(changed(b"", {*bulk, *first}), more, less)

    assert rows_of(kept) == sorted(({*bulk} | first | more) - less)
    assert len(kept) <= BLOCK // 8


@settings(deadline=None, max_examples=40)
@given(bulks=st.lists(BULK, min_size=1, max_size=4), more=ROWS, start=st.integers(0, BLOCK), among=st.none() | ROWS)
def test_what_sets_have_in_common_is_in_all_of_them(bulks, more, start, among):
    sets = [{*bulk} | more for bulk in bulks]

    found = list(
        common([changed(b"", each) for each in sets], start=start, among=None if among is None else frozenset(among))
    )

    expected = set.intersection(*sets) if among is None else set.intersection(*sets, among)
    assert found == sorted(row for row in expected if row >= start)


def test_nothing_in_common_with_an_empty_set():
    assert list(common([changed(b"", range(BLOCK)), b""])) == []
