"""Private keys that live in this process, behind the `Signer` port; a hardware module would be another class."""

from typing import NoReturn

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from gateway.core.trust.keys import PublicKey, base64url, key_id

SoftwareKey = Ed25519PrivateKey | ec.EllipticCurvePrivateKey

_COORDINATE_BYTES = 32
_ECDSA = ec.ECDSA(SHA256())


class SoftwareSigner:
    """An Ed25519 (EdDSA) or P-256 (ES256) private key in memory.

    It shows its public half only: nothing in `repr`, no attribute that leads to the secret, no pickling.
    Raises ValueError for a key on another curve.
    """

    __slots__ = ("__sign", "public_key")

    def __init__(self, key: SoftwareKey) -> None:
        algorithm, jwk = _public_half(key)
        self.public_key = PublicKey(id=key_id(jwk), algorithm=algorithm, jwk=orjson.dumps(jwk).decode())
        self.__sign = key.sign if isinstance(key, Ed25519PrivateKey) else _ES256(key).sign

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


class _ES256:
    """ECDSA on P-256 with the fixed-length r and s of RFC 7518 3.4."""

    __slots__ = ("key",)

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self.key = key

    def sign(self, message: bytes) -> bytes:
        r, s = decode_dss_signature(self.key.sign(message, _ECDSA))
        return r.to_bytes(_COORDINATE_BYTES) + s.to_bytes(_COORDINATE_BYTES)


def _public_half(key: SoftwareKey) -> tuple[str, dict[str, str]]:
    if isinstance(key, Ed25519PrivateKey):
        return "EdDSA", {"kty": "OKP", "crv": "Ed25519", "x": base64url(key.public_key().public_bytes_raw())}
    if not isinstance(key.curve, ec.SECP256R1):
        raise ValueError(f"no algorithm here uses the curve {key.curve.name}")  # noqa: TRY004 - right type, wrong value
    numbers = key.public_key().public_numbers()
    x, y = (base64url(number.to_bytes(_COORDINATE_BYTES)) for number in (numbers.x, numbers.y))
    return "ES256", {"kty": "EC", "crv": "P-256", "x": x, "y": y}
