"""The proofs of two published interfaces, against known answers made apart from this program."""

import json
from pathlib import Path

import pytest

from gateway.core.trust.national import app_code_digest, national_headers

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/trust/national.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", VECTORS["national_headers"])
def test_the_national_signature_is_the_one_pinned(vector):
    found = national_headers(vector["rid"], vector["sid"], vector["rtime"], vector["appsecret"])

    assert found == {
        "gjzwfwpt_rid": vector["rid"],
        "gjzwfwpt_sid": vector["sid"],
        "gjzwfwpt_rtime": str(vector["rtime"]),
        "gjzwfwpt_sign": vector["sign"],
    }


@pytest.mark.parametrize("vector", VECTORS["app_code"])
def test_the_digest_for_a_token_is_the_one_pinned(vector):
    assert app_code_digest(vector["appCode"], vector["timestamp"]) == vector["digest"]
