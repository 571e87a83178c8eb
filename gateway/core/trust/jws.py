"""Compact JWS (RFC 7515) as this federation uses it: three header parameters, one registered key, strict JSON.

Opening goes from cheap to dear, and believes nothing before the signature is good:

1. present, at most 8192 characters, three base64url segments without padding;
2. a header with exactly `alg`, `kid` and `typ`, each once. `crit`, `b64`, `jwk`, `jku`, `x5u`, `x5c` and anything
   else a token could use to bend its own verification is refused, not ignored;
3. a registered key with that `kid`;
4. the algorithm registered with the key (PyJWT is given that one name), then the signature;
5. claims that are a JSON object without a repeated name.

The strictness is deliberate: one token has one reading, in every language.
"""

import binascii
import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn

import jwt
import orjson
from jwt.algorithms import Algorithm

from gateway.core.trust.algorithms import ALGORITHMS, Signer, Verifier, verifier_of
from gateway.core.trust.keys import PublicKey, base64url
from gateway.core.trust.refusals import reason, refused

SIZE_LIMIT = 8192  # characters; a token has some 600
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_HEADER = {"alg", "kid", "typ"}
_KEY_ID_LIMIT = 128


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """One type of signed document, and the codes under which it is refused."""

    typ: str
    missing: str
    malformed: str
    too_large: str
    type_wrong: str
    signature_invalid: str


def seal(claims: Mapping[str, Any], *, typ: str, signer: Signer) -> str:
    """Return the compact JWS over these claims."""
    headers = {"typ": typ, "kid": signer.key_id}
    return _JWS.encode(orjson.dumps(claims), signer, algorithm=signer.algorithm, headers=headers)  # type: ignore[arg-type] # PyJWT's annotation lists its own key classes; ours reach only our Algorithm


def unseal(text: str, *, profile: Profile, keys: Iterable[PublicKey]) -> tuple[str, dict[str, Any]]:
    """Return the id of the key that signed, and the claims it signed. Raises UntrustedError."""
    kid = read_key_id(text, profile=profile)
    key = next((key for key in keys if key.id == kid), None)
    if key is None:
        raise refused([reason("key_unknown", "/kid", expected="the id of a key registered for the sender", got=kid)])
    return kid, _parse(_verified(text, key, profile), profile)


def read_key_id(text: str, *, profile: Profile) -> str:
    """Return the `kid` of the header, of which nothing is proved. Raises UntrustedError for a wrong form or type."""
    _check_form(text, profile)
    return _key_id_in(text[: text.index(".")], profile)


@lru_cache(maxsize=1024)  # a signer's header is the same on everything it signs
def _key_id_in(segment: str, profile: Profile) -> str:
    header = _parse(_decode(segment, profile), profile)
    if strange := sorted(_HEADER ^ header.keys()):
        _refuse(profile.malformed, f"/{strange[0]}", "a header of exactly alg, kid and typ, each once")
    if header["typ"] != profile.typ:
        _refuse(profile.type_wrong, "/typ", profile.typ, header["typ"])
    kid = header["kid"]
    if not isinstance(kid, str) or not 0 < len(kid) <= _KEY_ID_LIMIT:
        _refuse(profile.malformed, "/kid", f"text of at most {_KEY_ID_LIMIT} characters")
    return kid


def read_unverified(text: str, *, profile: Profile) -> dict[str, Any]:
    """Return the claims of a token whose form was checked, without proof of any. Raises UntrustedError."""
    return _parse(_decode(text.split(".")[1], profile), profile)


def _check_form(text: str, profile: Profile) -> None:
    if not text:
        _refuse(profile.missing, "", f"a compact JWS of type {profile.typ}")
    if len(text) > SIZE_LIMIT:
        _refuse(profile.too_large, "", f"at most {SIZE_LIMIT} characters", str(len(text)))
    if not _COMPACT.fullmatch(text):
        _refuse(profile.malformed, "", "three base64url segments without padding, joined by dots")


def _verified(text: str, key: PublicKey, profile: Profile) -> bytes:
    """Return the payload that this key signed under its own algorithm."""
    try:
        payload: bytes = _JWS.decode(text, verifier_of(key), algorithms=[key.algorithm])  # type: ignore[arg-type] # as in seal
    except jwt.InvalidAlgorithmError:
        _refuse("algorithm_mismatch", "/alg", f"{key.algorithm}, as registered with the key {key.id}")
    except jwt.InvalidSignatureError:
        _refuse(profile.signature_invalid, "", f"a signature by the key {key.id} over these very segments")
    except jwt.PyJWTError:
        _refuse(profile.malformed, "", "canonical base64url in each segment")
    return payload


def _decode(segment: str, profile: Profile) -> bytes:
    try:
        return urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except binascii.Error:
        _refuse(profile.malformed, "", "base64url in each segment")


def _parse(document: bytes, profile: Profile) -> dict[str, Any]:
    """Return a JSON object, refusing what two readers could read differently: repeated names, NaN, invalid UTF-8."""
    try:
        value = _STRICT.decode(document.decode())
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        _refuse(profile.malformed, "", "a JSON object in UTF-8, each name once")
    return value


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name occurs twice")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _refuse(code: str, pointer: str, expected: str, got: object = None) -> NoReturn:
    shown = got if isinstance(got, str) else None
    raise refused([reason(code, pointer, expected=expected, got=shown)]) from None


_STRICT = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant)


class _ByPort(Algorithm):
    """Lets PyJWT sign and verify through the ports; which mathematics runs is the key's affair alone."""

    def prepare_key(self, key: Signer | Verifier) -> Signer | Verifier:
        return key

    def sign(self, msg: bytes, key: Signer) -> bytes:
        return key.sign(msg)

    def verify(self, msg: bytes, key: Verifier, sig: bytes) -> bool:
        return key.verify(msg, sig)

    @staticmethod
    def to_jwk(key_obj: object, as_dict: bool = False) -> NoReturn:  # noqa: ARG004, FBT001, FBT002 - PyJWT's signature
        raise TypeError("keys are read and written by the algorithms table")

    @staticmethod
    def from_jwk(jwk: object) -> NoReturn:  # noqa: ARG004 - PyJWT's signature
        raise TypeError("keys are read and written by the algorithms table")


class _CompactJWS(jwt.PyJWS):
    """PyJWT with our algorithms only, and its base64url check at C speed.

    PyJWT tests the alphabet character by character in Python, half the cost of opening a token. This hook refuses
    the same segments (a test compares them) and padding as well. Should a release rename it, opening gets slower
    and stays right.
    """

    def __init__(self) -> None:
        super().__init__(algorithms=[])
        for name in ALGORITHMS:
            self.register_algorithm(name, _ByPort())

    @staticmethod
    def _decode_base64url_segment(segment: bytes, name: str) -> bytes:
        try:
            decoded = urlsafe_b64decode(segment + b"=" * (-len(segment) % 4))
        except binascii.Error:
            decoded = b""
        if base64url(decoded).encode() != segment:
            raise jwt.DecodeError(f"Invalid {name} padding")
        return decoded


_JWS = _CompactJWS()
