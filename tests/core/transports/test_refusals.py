"""Whatever a partner gateway answers, what is kept of it is bounded and has the form of this federation."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.audit.forms import fits
from gateway.core.transports.refusals import answer_object, refusal_of, results_of

SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=50)
ANYTHING = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner))
PROBLEMS = st.fixed_dictionaries({}, optional={"code": ANYTHING, "status": ANYTHING, "errors": ANYTHING})


@given(ANYTHING | PROBLEMS)
def test_whatever_stands_for_a_problem_the_refusal_has_the_form_of_one(problem):
    refusal = refusal_of(problem, otherwise="answer_status")

    assert fits("code", refusal.code)
    assert type(refusal.status) is int
    assert all(not each.code or fits("code", each.code) for each in refusal.faults)


@given(st.binary() | ANYTHING.map(orjson.dumps))
def test_whatever_stands_for_an_answer_is_read_as_an_object_or_as_none(body):
    assert isinstance(answer_object(body), dict)
    assert results_of(body) is None or all(isinstance(each, dict) for each in results_of(body) or ())


@pytest.mark.parametrize(
    "code", ["张三 110105194912310021", "a" * 100, "Code", "", "a b", "a\x00", "\x1b[2J", 7, None, []]
)
def test_a_code_that_is_none_is_not_repeated(code):
    assert refusal_of({"code": code}, otherwise="answer_status").code == "answer_status"


def test_what_a_partner_says_in_words_is_cut_and_cannot_write_over_the_screen():
    errors = [{"pointer": "/a", "code": "x_y", "message": "m" * 10_000, "message_zh": "\x1b[2J", "expected": 7}] * 100

    faults = refusal_of({"code": "document_invalid", "errors": errors}, otherwise="x").faults

    assert (len(faults), faults[0].pointer, faults[0].code) == (20, "/a", "x_y")
    assert (len(faults[0].message), faults[0].message_zh, faults[0].expected) == (500, "", "")


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"results": [1]}', b'{"results": {}}', b"\xff", b"", b'"\\ud800"'])
def test_what_is_no_list_of_results_is_none(body):
    assert results_of(body) is None
