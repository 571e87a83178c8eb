"""The signature algorithms: one table, and the two ports behind which a key may live.

A row says which JWK carries a public key of that algorithm and how it becomes a `Verifier`. A private key is anything
with the shape of `Signer`: one of `signers.py` in this process, or a hardware module that never shows it. Adding an
algorithm is adding a row here and a signer there; tokens, receipts and registration stay as they are.

Ed25519 is verified by libsodium (half the time of OpenSSL) and signed by OpenSSL. libsodium refuses, beyond what
OpenSSL refuses, public keys and commitments of small order, and public keys that are not in canonical encoding; no
honest key or signature has either. Both refuse an S that is not reduced, so nobody but the signer can make a second
signature. ES256 has, by its construction, a second valid signature for each (n - S): a token is told from its repeat
by `jti`, never by its bytes.
"""

from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Protocol

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from nacl.bindings import crypto_core_ed25519_is_valid_point, crypto_sign_open
from nacl.exceptions import CryptoError

from gateway.core.errors import CorruptedError, Fault, InvalidDocumentError
from gateway.core.trust.keys import PublicKey, base64url, key_id

_COORDINATE_BYTES = 32  # of Ed25519 and of P-256 alike
_SIGNATURE_BYTES = 64
_KEY_CACHE = 4096  # parsed keys remembered: about 1 KB each, more partners than a province has
_KEY_ID_LIMIT = 128
_ECDSA = ec.ECDSA(SHA256())


class Signer(Protocol):
    """A private key that signs and shows nothing of itself; in this process, or in a module that keeps it."""

    @property
    def key_id(self) -> str:
        """The `kid` under which the public half is published."""

    @property
    def algorithm(self) -> str:
        """A name of the algorithms table."""

    def sign(self, message: bytes) -> bytes:
        """Return the signature in the form JOSE gives it (RFC 7518 3.4, RFC 8037 3.1)."""


class Verifier(Protocol):
    """A public key, read once."""

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Tell whether the signature is this key's over this message; never raises for a bad one."""


@dataclass(frozen=True, slots=True)
class _Ed25519Verifier:
    point: bytes

    def verify(self, message: bytes, signature: bytes) -> bool:
        if len(signature) != _SIGNATURE_BYTES:
            return False
        try:
            crypto_sign_open(signature + message, self.point)
        except CryptoError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class _ES256Verifier:
    key: ec.EllipticCurvePublicKey

    def verify(self, message: bytes, signature: bytes) -> bool:
        if len(signature) != _SIGNATURE_BYTES:
            return False
        r, s = (int.from_bytes(half) for half in (signature[:_COORDINATE_BYTES], signature[_COORDINATE_BYTES:]))
        try:
            self.key.verify(encode_dss_signature(r, s), message, _ECDSA)
        except InvalidSignature:
            return False
        return True


def _read_ed25519(jwk: Mapping[str, Any]) -> Verifier:
    point = _coordinate(jwk, "x")
    if not crypto_core_ed25519_is_valid_point(point):
        raise ValueError("not a point of the prime-order group")
    return _Ed25519Verifier(point)


def _read_es256(jwk: Mapping[str, Any]) -> Verifier:
    x, y = (int.from_bytes(_coordinate(jwk, name)) for name in ("x", "y"))
    return _ES256Verifier(ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key())


def _coordinate(jwk: Mapping[str, Any], name: str) -> bytes:
    """Return a base64url member of exactly 32 bytes, refusing every second spelling of it (ValueError)."""
    text = jwk.get(name)
    if not isinstance(text, str):
        raise ValueError(f"{name} is missing")  # noqa: TRY004 - one kind of error for a key that cannot be read
    value = urlsafe_b64decode(f"{text}=")
    if len(value) != _COORDINATE_BYTES or base64url(value) != text:
        raise ValueError(f"{name} is not 32 bytes in base64url")
    return value


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyAlgorithm:
    """One row: the JWK type and curve that belong to an algorithm, and how such a JWK becomes a verifier.

    `read` raises ValueError for a key that is no key.
    """

    kty: str
    crv: str
    read: Callable[[Mapping[str, Any]], Verifier]


# "Ed25519" (RFC 9864) and "EdDSA" with curve Ed25519 (RFC 8037) are one algorithm; a partner registers the name its
# tokens carry. The gateway itself signs as "EdDSA", which every library reads.
ALGORITHMS: Mapping[str, KeyAlgorithm] = MappingProxyType(
    {
        "EdDSA": KeyAlgorithm(kty="OKP", crv="Ed25519", read=_read_ed25519),
        "Ed25519": KeyAlgorithm(kty="OKP", crv="Ed25519", read=_read_ed25519),
        "ES256": KeyAlgorithm(kty="EC", crv="P-256", read=_read_es256),
    }
)


@lru_cache(maxsize=_KEY_CACHE)
def verifier_of(key: PublicKey) -> Verifier:
    """Return the verifier of a registered key, read once and remembered.

    Raises CorruptedError if the key cannot be read: registration had checked it.
    """
    try:
        return _read(ALGORITHMS[key.algorithm], orjson.loads(key.jwk))
    except (KeyError, ValueError):
        raise CorruptedError(f"the registered key {key.id} cannot be read as a key for {key.algorithm}") from None


def register_key(jwk: Mapping[str, Any]) -> PublicKey:
    """Return the public key of an RFC 7517 JWK that a partner hands over, checked and ready to be registered.

    Without `alg` the curve decides; without `kid` the thumbprint names it.
    Raises InvalidDocumentError: `key_private` for a JWK that holds a secret, `key_algorithm_unsupported`,
    `key_malformed`.
    """
    if "d" in jwk or "k" in jwk:
        raise _unregistrable("/d" if "d" in jwk else "/k", "key_private", "a public key only")
    if jwk.get("use", "sig") != "sig":
        raise _unregistrable("/use", "key_malformed", "sig")
    name = _algorithm_name(jwk)
    try:
        _read(ALGORITHMS[name], jwk)
    except ValueError:
        raise _unregistrable("", "key_malformed", f"a public key for {name}") from None
    public = {member: jwk[member] for member in ("kty", "crv", "x", "y") if member in jwk}
    return PublicKey(id=_registered_id(jwk), algorithm=name, jwk=orjson.dumps(public).decode())


def _read(row: KeyAlgorithm, jwk: Mapping[str, Any]) -> Verifier:
    if (jwk.get("kty"), jwk.get("crv")) != (row.kty, row.crv):
        raise ValueError("the key is of another type or curve")
    return row.read(jwk)


def _algorithm_name(jwk: Mapping[str, Any]) -> str:
    shape = (jwk.get("kty"), jwk.get("crv"))
    fitting = [name for name, row in ALGORITHMS.items() if (row.kty, row.crv) == shape]
    name = jwk.get("alg", fitting[0] if fitting else None)
    if name not in fitting:
        raise _unregistrable("/alg" if "alg" in jwk else "/crv", "key_algorithm_unsupported", _supported())
    return str(name)


def _registered_id(jwk: Mapping[str, Any]) -> str:
    kid = jwk.get("kid", "") or key_id(jwk)
    if not isinstance(kid, str) or not kid.isprintable() or len(kid) > _KEY_ID_LIMIT:
        raise _unregistrable("/kid", "key_malformed", f"at most {_KEY_ID_LIMIT} printable characters")
    return kid


def _supported() -> str:
    return ", ".join(f"{name} ({row.kty} {row.crv})" for name, row in ALGORITHMS.items())


_REGISTRATION_FAULTS = {
    "key_private": (
        "the key holds its private part; replace it, it is no secret any more",
        "密钥含有私钥部分，请更换密钥",
    ),
    "key_algorithm_unsupported": ("no algorithm here uses this key", "不支持该密钥的算法"),
    "key_malformed": ("this is not a usable public key", "不是可用的公钥"),
}


def _unregistrable(pointer: str, code: str, expected: str) -> InvalidDocumentError:
    message, message_zh = _REGISTRATION_FAULTS[code]
    fault = Fault(pointer=pointer, code=code, message=message, message_zh=message_zh, expected=expected)
    return InvalidDocumentError(message, code=code, faults=(fault,))
