"""Query parameters are read strictly, and every fault is told at once."""

from datetime import UTC, datetime

import pytest
from multidict import MultiDict

from gateway.api.query import Query, next_page
from gateway.core.errors import RejectedError


def faults_of(query: Query) -> list[tuple[str, str]]:
    with pytest.raises(RejectedError) as refused:
        query.close()
    assert refused.value.code == "query_invalid"
    return [(fault.pointer, fault.code) for fault in refused.value.faults]


def test_what_is_not_given_reads_as_nothing_in_particular():
    query = Query(MultiDict())

    read = (query.text("a"), query.region("b"), query.page("c", most=9), query.size("d"), query.moment("e"))

    assert read == ("", "", 9, None, None)
    assert query.choice("f", "x", "y") == ""
    query.close()


def test_what_is_given_is_read():
    query = Query(MultiDict(a="ankang", b="6109", c="3", d="9007199254740991", e="2026-11-02T16:30:00+08:00", f="y"))

    assert (query.text("a"), query.region("b"), query.page("c", most=9)) == ("ankang", "6109", 3)
    assert (query.size("d"), query.moment("e")) == (2**53 - 1, datetime(2026, 11, 2, 8, 30, tzinfo=UTC))
    assert query.choice("f", "x", "y") == "y"
    query.close()


def test_every_fault_is_told_at_once():
    query = Query(MultiDict([("limit", "0"), ("region", "61 09"), ("regoin", "61"), ("from", "1"), ("from", "2")]))

    query.page("limit", most=9)
    query.region("region")
    query.required_size("from")
    query.required_size("to")

    assert faults_of(query) == [
        ("/query/limit", "parameter_invalid"),
        ("/query/region", "parameter_invalid"),
        ("/query/from", "parameter_repeated"),
        ("/query/to", "parameter_missing"),
        ("/query/regoin", "parameter_unknown"),
    ]


def test_the_name_of_an_unknown_parameter_is_shown_only_where_it_is_a_name():
    assert faults_of(Query(MultiDict({"110101 张三": "x"}))) == [("/query", "parameter_unknown")]


@pytest.mark.parametrize("text", ["", "x" * 129, "a\nb", "\x00"])
def test_a_text_is_short_and_printable(text):
    query = Query(MultiDict(a=text))

    assert query.text("a") == ""
    assert faults_of(query) == [("/query/a", "parameter_invalid")]


@pytest.mark.parametrize("text", ["-1", "1.0", "٣", "1e3", " 1", "9007199254740992", "1" * 5000])
def test_a_size_is_a_whole_number_that_every_json_reader_reads_exactly(text):
    query = Query(MultiDict(a=text))

    assert query.size("a") is None
    assert faults_of(query) == [("/query/a", "parameter_invalid")]


@pytest.mark.parametrize("text", ["2026-11-02T08:30:00", "yesterday", "2026-13-01T00:00:00Z"])
def test_an_instant_has_its_offset(text):
    query = Query(MultiDict(a=text))

    assert query.moment("a") is None
    assert faults_of(query) == [("/query/a", "parameter_invalid")]


def test_a_choice_is_one_of_the_words_there_are():
    query = Query(MultiDict(a="z"))

    assert query.choice("a", "x", "y") == ""
    assert faults_of(query) == [("/query/a", "parameter_invalid")]


def test_a_link_keeps_the_search_and_changes_where_it_begins():
    link = next_page("https://g.example/items", {"name": "省", "after": "1"}, after="2")

    assert link == '<https://g.example/items?name=%E7%9C%81&after=2>; rel="next"'
