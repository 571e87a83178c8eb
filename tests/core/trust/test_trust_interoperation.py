"""joserfc, which shares no code with us, verifies what we sign and signs what we verify."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.jwk import ECKey, KeySet, OKPKey, thumbprint

from gateway.core.trust.algorithms import register_key
from gateway.core.trust.digests import content_digest
from gateway.core.trust.receipts import issue_receipt, open_receipt
from gateway.core.trust.tokens import open_token

# joserfc warns of the name "EdDSA", which RFC 9864 replaces by "Ed25519"; ours is the name that every library reads.
pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")

DIGEST = content_digest(b"body")
RECEIPT = {
    "issuer": "cn.610900.gateway",
    "audience": "cn.420300.gateway",
    "exchange": "0199c3f2-7a10-7b3e-8c1d-5f2a6b7c8d9e",
}
NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def theirs_of(algorithm: str) -> Any:
    if algorithm == "ES256":
        return ECKey.import_key(ec.derive_private_key(77, ec.SECP256R1()))
    return OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(bytes(range(50, 82))))


def signed_by_them(typ: str, algorithm: str, claims: dict[str, Any]) -> tuple[str, Any]:
    """Return their compact JWS, and their key as we register it."""
    key = theirs_of(algorithm)
    header = {"alg": algorithm, "kid": "their-key", "typ": typ}
    registered = register_key({**key.as_dict(private=False), "kid": "their-key", "alg": algorithm})
    return jws.serialize_compact(header, orjson.dumps(claims), key, algorithms=[algorithm]), registered


def verified_by_them(text: str, signer: Any) -> Any:
    keys: Any = {"keys": [signer.public_key.document()]}
    return jws.deserialize_compact(text, KeySet.import_key_set(keys), algorithms=[signer.algorithm])


def test_they_verify_our_token(sent):
    opened = verified_by_them(sent.issue(), sent.signer)

    assert opened.headers() == {"alg": sent.signer.algorithm, "kid": sent.signer.key_id, "typ": "exchange+jwt"}
    assert orjson.loads(opened.payload)["digest"] == content_digest(sent.issued["body"])


def test_they_verify_our_receipt(signer):
    receipt = issue_receipt(
        signer, **RECEIPT, now=NOW, jti="j", subject="s", request_jti="r", request_digest=DIGEST, entry="e"
    )

    opened = verified_by_them(receipt, signer)

    assert opened.headers()["typ"] == "exchange-receipt+jwt"
    assert orjson.loads(opened.payload)["request"] == {"jti": "r", "digest": DIGEST}


@pytest.mark.parametrize("algorithm", ["EdDSA", "Ed25519", "ES256"])
def test_we_open_their_token(plain, algorithm):
    claims = {
        "iss": "cn.620900.portal",
        "aud": "cn.610900.gateway",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 60,
        "jti": "their-token",
        "htm": "POST",
        "htu": plain.issued["url"],
        "digest": DIGEST,
        "exchange": RECEIPT["exchange"],
    }
    token, key = signed_by_them("exchange+jwt", algorithm, claims)

    opened = open_token(
        token, keys=[key], audience="cn.610900.gateway", method="POST", url=plain.issued["url"], body=b"body", now=NOW
    )

    assert (opened.issuer, opened.id, opened.key_id) == ("cn.620900.portal", "their-token", "their-key")


@pytest.mark.parametrize("algorithm", ["EdDSA", "Ed25519", "ES256"])
def test_we_open_their_receipt(algorithm):
    claims = {
        "iss": RECEIPT["issuer"],
        "aud": RECEIPT["audience"],
        "iat": 1,
        "jti": "j",
        "exchange": RECEIPT["exchange"],
        "subject": "s",
        "request": {"jti": "r", "digest": DIGEST},
        "status": "accepted",
        "entry": "e",
    }
    receipt, key = signed_by_them("exchange-receipt+jwt", algorithm, claims)

    opened = open_receipt(receipt, keys=[key], **RECEIPT, digest=DIGEST)

    assert (opened.entry, opened.key_id) == ("e", "their-key")


def test_they_name_our_key_as_we_do(signer):
    assert thumbprint(orjson.loads(signer.public_key.jwk)).startswith(signer.key_id)
