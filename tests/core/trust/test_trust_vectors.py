"""Pinned tokens and receipts, made without this code, that any implementation can run."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.core.errors import UntrustedError
from gateway.core.trust.algorithms import register_key
from gateway.core.trust.receipts import open_receipt
from gateway.core.trust.refusals import REASONS
from gateway.core.trust.tokens import open_token, read_unverified_issuer

VECTORS = Path(__file__).parents[2] / "vectors" / "trust"
TOKENS = orjson.loads((VECTORS / "tokens.json").read_bytes())
RECEIPTS = orjson.loads((VECTORS / "receipts.json").read_bytes())
PUBLICATIONS = orjson.loads((VECTORS / "publications.json").read_bytes())


def each(cases: list[dict[str, Any]]) -> Any:
    return pytest.mark.parametrize("case", cases, ids=[case["name"] for case in cases])


def opened_token(text: str) -> Any:
    request = TOKENS["request"]
    return open_token(
        text,
        keys=[register_key(jwk) for jwk in TOKENS["registered"]],
        audience=request["audience"],
        method=request["method"],
        url=request["url"],
        body=request["body"].encode(),
        now=datetime.fromisoformat(request["now"]),
    )


def opened_receipt(text: str) -> Any:
    return open_receipt(text, keys=[register_key(jwk) for jwk in RECEIPTS["registered"]], **RECEIPTS["sent"])


def seconds(moment: datetime) -> int:
    assert moment.tzinfo is UTC
    return int(moment.timestamp())


@each(TOKENS["accepted"])
def test_a_token_is_accepted_with_its_claims(case):
    opened = opened_token(case["token"])

    assert case["claims"] == {
        "iss": opened.issuer,
        "aud": opened.audience,
        "iat": seconds(opened.issued_at),
        "exp": seconds(opened.expires_at),
        "jti": opened.id,
        "htm": opened.method,
        "htu": opened.url,
        "digest": opened.digest,
        "exchange": opened.exchange,
        **({"agreement": opened.agreement} if opened.agreement else {}),
        **({"purpose": opened.purpose} if opened.purpose else {}),
    }


@each(TOKENS["refused"])
def test_a_token_is_refused_by_code_and_place(case):
    with pytest.raises(UntrustedError) as caught:
        opened_token(case["token"])

    assert (caught.value.code, [fault.pointer for fault in caught.value.faults]) == (case["code"], case["pointers"])


@each(TOKENS["refused"])
def test_looking_up_the_issuer_of_a_refused_token_is_safe(case):
    try:
        issuer, kid = read_unverified_issuer(case["token"])
    except UntrustedError as error:
        assert error.code in REASONS  # noqa: PT017 - either outcome is right, any other exception is not
    else:
        assert issuer
        assert kid


@each(RECEIPTS["accepted"])
def test_a_receipt_is_accepted_with_its_claims(case):
    opened = opened_receipt(case["receipt"])

    assert case["claims"] == {
        "iss": opened.issuer,
        "aud": opened.audience,
        "iat": seconds(opened.issued_at),
        "jti": opened.id,
        "exchange": opened.exchange,
        "subject": opened.subject,
        "request": {"jti": opened.request_id, "digest": opened.request_digest},
        "status": opened.status,
        "entry": opened.entry,
    }


@each(RECEIPTS["refused"])
def test_a_receipt_is_refused_by_code_and_place(case):
    with pytest.raises(UntrustedError) as caught:
        opened_receipt(case["receipt"])

    assert (caught.value.code, [fault.pointer for fault in caught.value.faults]) == (case["code"], case["pointers"])


def test_every_reason_for_refusal_has_a_vector():
    told = {case["code"] for case in TOKENS["refused"] + RECEIPTS["refused"] + PUBLICATIONS["refused"]}

    assert told == set(REASONS)
