"""An Exchange-Token proves one request, and each way in which it does not has its own code."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import UntrustedError
from gateway.core.trust.digests import content_digest
from gateway.core.trust.refusals import REASONS
from gateway.core.trust.tokens import TokenClaims, read_unverified_issuer

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
TEXT = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=40)
UUID7 = st.uuids(version=4).map(lambda value: f"{str(value)[:14]}7{str(value)[15:]}")


def refusal(sent: Any, token: str, **different: Any) -> UntrustedError:
    with pytest.raises(UntrustedError) as caught:
        sent.open(token, **different)
    return caught.value


def test_an_opened_token_is_what_was_issued(sent):
    opened = sent.open(sent.issue(purpose="跨省通办", agreement="agreement-7"))

    assert opened == TokenClaims(
        key_id=sent.signer.key_id,
        issuer="cn.420300.portal",
        audience="cn.610900.gateway",
        issued_at=sent.issued["now"],
        expires_at=sent.issued["now"] + timedelta(seconds=120),
        id="0199c3f2-7a10-7000-8000-000000000001",
        method="POST",
        url="https://gateway.ankang.example/federation/v1/exchanges",
        digest=content_digest(sent.issued["body"]),
        exchange="0199c3f2-7a10-7b3e-8c1d-5f2a6b7c8d9e",
        agreement="agreement-7",
        purpose="跨省通办",
    )


@given(
    st.fixed_dictionaries(
        {"issuer": TEXT, "audience": TEXT, "jti": TEXT, "body": st.binary(max_size=200), "exchange": UUID7},
        optional={"purpose": TEXT, "agreement": TEXT, "lifetime_s": st.integers(1, 300)},
    )
)
def test_opening_gives_back_whatever_was_issued(plain, issued):
    token = plain.issue(**issued)

    opened = plain.open(token, audience=issued["audience"], body=issued["body"])

    assert (opened.issuer, opened.audience, opened.id) == (issued["issuer"], issued["audience"], issued["jti"])
    assert (opened.digest, opened.exchange) == (content_digest(issued["body"]), issued["exchange"])
    assert (opened.purpose, opened.agreement) == (issued.get("purpose"), issued.get("agreement"))
    assert (opened.expires_at - opened.issued_at).seconds == issued.get("lifetime_s", 120)


@given(place=st.integers(0), letter=st.sampled_from(f"{ALPHABET}.=+/ \n张"))
def test_a_token_with_any_one_character_altered_is_refused(sent, place, letter):
    token = sent.issue()
    place %= len(token)
    altered = token[:place] + letter + token[place + 1 :]

    if altered != token:
        assert refusal(sent, altered).code in REASONS


def test_the_stated_issuer_and_key_are_read_without_being_believed(plain):
    token = plain.issue()

    assert read_unverified_issuer(token) == ("cn.420300.portal", plain.signer.key_id)
    assert read_unverified_issuer(token[:-4] + "AAAA") == ("cn.420300.portal", plain.signer.key_id)


def test_every_wrong_claim_is_told_at_once_with_what_was_expected_and_what_came(plain):
    token = plain.issue()
    later = plain.issued["now"] + timedelta(seconds=600)

    error = refusal(
        plain, token, audience="cn.620900.gateway", method="PUT", url="https://b.example/x", body=b"{}", now=later
    )

    assert error.code == "token_expired"
    told = {fault.pointer: (fault.code, fault.expected, fault.got) for fault in error.faults}
    assert told.keys() == {"/exp", "/aud", "/htm", "/htu", "/digest"}
    assert told["/aud"] == ("audience_wrong", "cn.620900.gateway", "cn.610900.gateway")
    assert told["/htm"] == ("method_wrong", "PUT", "POST")
    assert told["/htu"] == ("url_wrong", "https://b.example/x", plain.issued["url"])
    assert told["/digest"] == ("digest_wrong", content_digest(b"{}"), content_digest(plain.issued["body"]))
    assert all(fault.message_zh for fault in error.faults)


@pytest.mark.parametrize(
    ("issued", "seconds", "code"),
    [
        ({"lifetime_s": 120}, 149, None),
        ({"lifetime_s": 120}, 150, "token_expired"),
        ({"lifetime_s": 300}, -30, None),
        ({"lifetime_s": 300}, -31, "token_from_future"),
    ],
)
def test_the_window_is_open_from_issue_to_expiry_with_thirty_seconds_for_clocks(plain, issued, seconds, code):
    token = plain.issue(**issued)
    now = plain.issued["now"] + timedelta(seconds=seconds)

    if code:
        assert refusal(plain, token, now=now).code == code
    else:
        assert plain.open(token, now=now)


def test_a_lifetime_that_nobody_accepts_is_not_issued(plain):
    with pytest.raises(ValueError, match="1 to 300 seconds"):
        plain.issue(lifetime_s=301)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_read_needs_no_exchange(plain, method):
    token = plain.issue(method=method, body=b"", exchange=None)

    assert plain.open(token, method=method, body=b"").exchange is None


def test_anything_else_needs_one(plain):
    error = refusal(plain, plain.issue(exchange=None))

    assert [(fault.code, fault.pointer) for fault in error.faults] == [("claim_missing", "/exchange")]


@pytest.mark.parametrize(
    "exchange",
    [
        "0199c3f2-7a10-4b3e-8c1d-5f2a6b7c8d9e",  # version 4
        "0199C3F2-7A10-7B3E-8C1D-5F2A6B7C8D9E",  # a second spelling
        "0199c3f2-7a10-7b3e-cc1d-5f2a6b7c8d9e",  # another variant
        "0199c3f27a107b3e8c1d5f2a6b7c8d9e",
        "exchange 1",
    ],
)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_an_exchange_id_is_a_uuid_of_version_7_in_its_one_spelling(plain, exchange, method):
    error = refusal(plain, plain.issue(exchange=exchange, method=method), method=method)

    assert [(fault.code, fault.pointer, fault.got) for fault in error.faults] == [
        ("exchange_malformed", "/exchange", exchange)
    ]


def test_two_spellings_of_one_address_are_the_same_request(plain):
    token = plain.issue(url="HTTPS://Gateway.Ankang.example:443/federation/v1/exchanges")

    assert plain.open(token)


def test_a_long_url_is_compared_but_not_shown_back(plain):
    url = f"{plain.issued['url']}?q={'x' * 300}"

    assert plain.open(plain.issue(url=url), url=url)
    assert refusal(plain, plain.issue(url=url)).faults[0].got is None
