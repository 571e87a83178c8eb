"""Private keys that live in this process, behind the `Signer` port; a hardware module would be another class."""

from functools import partial
from typing import NoReturn

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from gateway.core.trust.keys import PublicKey, base64url, key_id

SoftwareKey = Ed25519PrivateKey | ec.EllipticCurvePrivateKey

_COORDINATE_BYTES = 32
_ECDSA = ec.ECDSA(SHA256())


class SoftwareSigner:
    """An Ed25519 (EdDSA) or P-256 (ES256) private key in memory.

    It shows its public half only: nothing in `repr`, no attribute that leads to the secret, no pickling.
    Raises ValueError for a key of another kind or on another curve.
    """

    __slots__ = ("__sign", "public_key")

    def __init__(self, key: PrivateKeyTypes) -> None:
        if isinstance(key, Ed25519PrivateKey):
            algorithm, jwk, self.__sign = "EdDSA", _ed25519_jwk(key), key.sign
        elif isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
            algorithm, jwk, self.__sign = "ES256", _p256_jwk(key), partial(_sign_es256, key)
        else:
            raise ValueError("no algorithm here uses such a key")  # noqa: TRY004 - a curve is a value
        self.public_key = PublicKey(id=key_id(jwk), algorithm=algorithm, jwk=orjson.dumps(jwk).decode())

    @property
    def key_id(self) -> str:
        """The `kid` under which the public half is published: a shortened RFC 7638 thumbprint."""
        return self.public_key.id

    @property
    def algorithm(self) -> str:
        """The name of the algorithms table: "EdDSA" or "ES256"."""
        return self.public_key.algorithm

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature."""
        return self.__sign(message)

    def __repr__(self) -> str:
        return f"SoftwareSigner(key_id={self.key_id!r}, algorithm={self.algorithm!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a private key is not copied or pickled")


def _sign_es256(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    """Return r and s, each at its full length, as RFC 7518 3.4 has them."""
    r, s = decode_dss_signature(key.sign(message, _ECDSA))
    return r.to_bytes(_COORDINATE_BYTES) + s.to_bytes(_COORDINATE_BYTES)


def _ed25519_jwk(key: Ed25519PrivateKey) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "x": base64url(key.public_key().public_bytes_raw())}


def _p256_jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    x, y = (base64url(number.to_bytes(_COORDINATE_BYTES)) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}
