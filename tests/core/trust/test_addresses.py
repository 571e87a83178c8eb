"""Two URLs are one address if they differ only where RFC 9110 says it does not matter."""

import pytest

from gateway.core.trust.urls import same_address

HERE = "https://gateway.example/a/b?c=d"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (HERE, HERE),
        (HERE, "HTTPS://GATEWAY.example/a/b?c=d"),
        (HERE, "https://gateway.example:443/a/b?c=d"),
        (HERE, "https://gateway.example:/a/b?c=d"),
        ("http://127.0.0.1:80", "http://127.0.0.1/"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("http://[FE80::1]/x", "http://[fe80::1]:80/x"),
        ("https://gateway.example?q", "https://gateway.example/?q"),
    ],
)
def test_the_same_address(left, right):
    assert same_address(left, right)
    assert same_address(right, left)


@pytest.mark.parametrize(
    "other",
    [
        "http://gateway.example/a/b?c=d",
        "https://gateway.example:444/a/b?c=d",
        "https://gateway.example/A/b?c=d",
        "https://gateway.example/a/b/?c=d",
        "https://gateway.example/a/b",
        "https://gateway.example/a/b?c=D",
        "https://gateway.example/a/b?c=d&",
        "https://gateway.example/a/%62?c=d",
        "https://gateway.example/x/../a/b?c=d",
        "https://gateway.example//a/b?c=d",
        "https://gateway.example./a/b?c=d",
    ],
)
def test_another_address(other):
    assert not same_address(HERE, other)


def test_an_empty_query_is_not_no_query():
    assert not same_address("https://gateway.example/a?", "https://gateway.example/a")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/a/b",
        "gateway.example/a",
        "https:///a",
        "ftp://gateway.example/a",
        "https://gateway.example/a#b",
        "https://user@gateway.example/a",
        "https://gateway.example:port/a",
        "https://gateway.example:99999/a",
        "https://[::1/a",
        "https://gateway.example/a b",
        "https://gateway.example/\ta",
        "https://网关.example/a",
    ],
)
def test_what_is_no_address_equals_nothing_not_even_itself(text):
    assert not same_address(text, text)
