"""Every code that the source can answer with is in the table and on the page, under the errors it is raised as."""

import re

from gateway.api.codes import meanings
from tests.api.errors_page import PAGE, errors_page
from tests.api.source_codes import codes_in_source

FOUND = codes_in_source()


def test_the_search_finds_codes_however_they_are_raised():
    assert FOUND["store_unavailable"] == {"StoreUnavailableError"}  # a class's own
    assert FOUND["body_malformed"] == {"MalformedDocumentError"}  # named by a raise
    assert FOUND["token_repeated"] == {"UntrustedError"}  # lent by a fault
    assert FOUND["token_expired"] == {"UntrustedError"}  # out of a table of reasons
    assert FOUND["path_unknown"] == set()  # a status of HTTP alone
    assert FOUND["check_timed_out"] == set()  # an answer's own


def test_every_code_of_the_source_is_in_the_table():
    assert sorted(FOUND.keys() - meanings().keys()) == []


def test_the_table_names_the_errors_that_each_code_is_raised_as():
    differing = {code: raised for code, raised in FOUND.items() if raised != set(meanings()[code].raised)}

    assert differing == {}


def test_codes_are_words_in_snake_case():
    assert [code for code in meanings() if not re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", code)] == []


def test_the_page_is_the_table():
    assert PAGE.read_text(encoding="utf-8") == errors_page(), "run: python -m tests.api.errors_page"
