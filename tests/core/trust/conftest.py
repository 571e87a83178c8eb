"""One sender with a fixed key of each algorithm, one request, and the moment it is made."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.core.trust.signers import SoftwareSigner
from gateway.core.trust.tokens import issue_token, open_token

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
URL = "https://gateway.ankang.example/federation/v1/exchanges"
EXCHANGE = "0199c3f2-7a10-7b3e-8c1d-5f2a6b7c8d9e"
BODY = '{"applicant":"张三"}'.encode()


@dataclass
class Request:
    """A request as its sender signs it; `issue` and `open` take what a test wants different."""

    signer: SoftwareSigner
    issued: dict[str, Any] = field(
        default_factory=lambda: {
            "issuer": "cn.420300.portal",
            "audience": "cn.610900.gateway",
            "method": "POST",
            "url": URL,
            "body": BODY,
            "exchange": EXCHANGE,
            "now": NOW,
            "jti": "0199c3f2-7a10-7000-8000-000000000001",
        }
    )

    def issue(self, **different):
        return issue_token(self.signer, **{**self.issued, **different})

    def open(self, token, **different):
        fitting = {name: self.issued[name] for name in ("audience", "method", "url", "body", "now")}
        return open_token(token, **{"keys": [self.signer.public_key], **fitting, **different})


def ed25519_key(first_byte: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(range(first_byte, first_byte + 32)))


def p256_key(secret: int) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(secret, ec.SECP256R1())


@pytest.fixture(scope="session")
def ed25519():
    return SoftwareSigner(ed25519_key(0))


@pytest.fixture(scope="session")
def es256():
    return SoftwareSigner(p256_key(0x1234567890ABCDEF))


@pytest.fixture(scope="session")
def stranger():
    return SoftwareSigner(ed25519_key(100))


@pytest.fixture(scope="session", params=["EdDSA", "ES256"])
def signer(request, ed25519, es256):
    return {"EdDSA": ed25519, "ES256": es256}[request.param]


@pytest.fixture(scope="session")
def request_of():
    return Request


@pytest.fixture(scope="session")
def sent(signer):
    """A request signed by each algorithm in turn."""
    return Request(signer)


@pytest.fixture(scope="session")
def plain(ed25519):
    """A request signed with Ed25519, where the algorithm makes no difference."""
    return Request(ed25519)
