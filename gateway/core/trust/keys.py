"""Public keys of partners, and the algorithm registered with each."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

_KEY_ID_LENGTH = 16  # 96 of the thumbprint's 256 bits: a name, short enough to read out; the key itself is the proof
_THUMBPRINT_MEMBERS = {"OKP": ("crv", "kty", "x"), "EC": ("crv", "kty", "x", "y")}


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicKey:
    """A registered verification key; the algorithm is the one registered here, never the token's choice."""

    id: str
    algorithm: str  # a name of the algorithms table: "EdDSA", "Ed25519" or "ES256"
    jwk: str  # the RFC 7517 public key as JSON text

    def document(self) -> dict[str, Any]:
        """Return the key as a JWKS lists it: the RFC 7517 members with `kid`, `alg` and `use`."""
        return {**orjson.loads(self.jwk), "kid": self.id, "alg": self.algorithm, "use": "sig"}


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """Return the RFC 7638 SHA-256 thumbprint of a public JWK, in base64url.

    Raises KeyError for a key type that is not OKP or EC, or for a required member that is missing.
    """
    required = {name: jwk[name] for name in _THUMBPRINT_MEMBERS[jwk["kty"]]}
    digest = sha256(orjson.dumps(required, option=orjson.OPT_SORT_KEYS)).digest()
    return base64url(digest)


def key_id(jwk: Mapping[str, Any]) -> str:
    """Return the `kid` this gateway gives a key: the first 16 characters of its thumbprint."""
    return thumbprint(jwk)[:_KEY_ID_LENGTH]


def base64url(value: bytes) -> str:
    """Return the unpadded base64url of RFC 7515."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()
