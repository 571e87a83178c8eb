"""The two libraries behind Ed25519 agree, private keys show nothing, and only sound keys are registered."""

import copy
import pickle
from typing import Any

import jwt
import orjson
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import CorruptedError, InvalidDocumentError
from gateway.core.trust.algorithms import ALGORITHMS, register_key, verifier_of
from gateway.core.trust.jws import _CompactJWS
from gateway.core.trust.keys import PublicKey, base64url, thumbprint
from gateway.core.trust.signers import SoftwareSigner

ORDER = 2**252 + 27742317777372353535851937790883648493  # of the Ed25519 group
NEUTRAL = b"\1" + bytes(31)  # the point of order 1; any S = 0 "signs" under it
SMALL_ORDER = [
    NEUTRAL,
    bytes(32),
    (2**255 - 20).to_bytes(32, "little"),  # y = -1
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
]
# RFC 8032 7.1, tests 1 to 3: public key, message, signature.
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


def okp(point: bytes, **members: Any) -> dict[str, Any]:
    return {"kty": "OKP", "crv": "Ed25519", "x": base64url(point), **members}


def ed25519_verdict(point: bytes, message: bytes, signature: bytes) -> bool:
    key = PublicKey(id="k", algorithm="EdDSA", jwk=orjson.dumps(okp(point)).decode())
    return verifier_of(key).verify(message, signature)


def openssl_verdict(point: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(point).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def point_of(signer: SoftwareSigner) -> bytes:
    return jwt.utils.base64url_decode(orjson.loads(signer.public_key.jwk)["x"])


@pytest.mark.parametrize(("point", "message", "signature"), RFC_8032)
def test_the_signatures_of_rfc_8032_are_accepted(point, message, signature):
    assert ed25519_verdict(bytes.fromhex(point), bytes.fromhex(message), bytes.fromhex(signature))


@given(message=st.binary(max_size=300))
def test_both_libraries_accept_an_honest_signature(ed25519, message):
    signature = ed25519.sign(message)

    assert ed25519_verdict(point_of(ed25519), message, signature)
    assert openssl_verdict(point_of(ed25519), message, signature)


@given(message=st.binary(max_size=60), bit=st.integers(0, 511))
def test_both_libraries_refuse_a_signature_with_any_bit_flipped(ed25519, message, bit):
    signature = (int.from_bytes(ed25519.sign(message)) ^ 1 << bit).to_bytes(64)

    assert not ed25519_verdict(point_of(ed25519), message, signature)
    assert not openssl_verdict(point_of(ed25519), message, signature)


@given(signature=st.binary(max_size=80))
def test_both_libraries_refuse_noise_of_any_length(ed25519, signature):
    assert not ed25519_verdict(point_of(ed25519), b"m", signature)
    assert not openssl_verdict(point_of(ed25519), b"m", signature)


@given(message=st.binary(max_size=60), times=st.integers(1, 15))
def test_both_libraries_refuse_an_s_that_is_not_reduced(ed25519, message, times):
    honest = ed25519.sign(message)
    s = int.from_bytes(honest[32:], "little") + times * ORDER
    malleable = honest[:32] + (s % 2**256).to_bytes(32, "little")

    assert not ed25519_verdict(point_of(ed25519), message, malleable)
    assert not openssl_verdict(point_of(ed25519), message, malleable)


@pytest.mark.parametrize("point", SMALL_ORDER, ids=bytes.hex)
def test_a_public_key_of_small_order_is_never_registered(point):
    with pytest.raises(InvalidDocumentError) as caught:
        register_key(okp(point))

    assert caught.value.code == "key_malformed"


def test_libsodium_refuses_the_forgery_under_a_small_order_key_that_openssl_accepts():
    forged = NEUTRAL + bytes(32)

    assert openssl_verdict(NEUTRAL, b"anything", forged)
    with pytest.raises(CorruptedError):
        ed25519_verdict(NEUTRAL, b"anything", forged)


@given(message=st.binary(max_size=60))
def test_es256_signatures_are_r_and_s_at_full_length(es256, message):
    signature = es256.sign(message)

    assert len(signature) == 64
    assert verifier_of(es256.public_key).verify(message, signature)


@given(signature=st.binary(max_size=80))
def test_es256_refuses_noise_of_any_length(es256, signature):
    assert not verifier_of(es256.public_key).verify(b"m", signature)


@given(
    st.binary(max_size=40)
    | st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/", max_size=40).map(str.encode)
)
def test_the_fast_base64url_check_refuses_what_pyjwt_refuses_and_padding_too(segment):
    try:
        theirs = jwt.PyJWS._decode_base64url_segment(segment, "payload")
    except jwt.DecodeError:
        theirs = None
    expected = None if segment.endswith(b"=") else theirs

    try:
        ours = _CompactJWS._decode_base64url_segment(segment, "payload")
    except jwt.DecodeError:
        ours = None

    assert ours == expected


def test_no_key_enters_or_leaves_through_pyjwt(ed25519):
    algorithm = _CompactJWS().get_algorithm_by_name("EdDSA")

    with pytest.raises(TypeError, match="algorithms table"):
        algorithm.from_jwk(ed25519.public_key.jwk)
    with pytest.raises(TypeError, match="algorithms table"):
        algorithm.to_jwk(ed25519)


def test_a_private_key_shows_its_public_half_only(signer):
    shown = f"{signer!r} {signer!s} {signer.public_key!r} {dir(signer)}"

    assert "PrivateKey" not in shown
    assert signer.key_id in repr(signer)
    assert "d" not in signer.public_key.document()
    for way in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not copied"):
            way(signer)


def test_a_key_id_is_the_shortened_rfc_7638_thumbprint():
    rfc_8037_a3 = okp(jwt.utils.base64url_decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))

    assert thumbprint(rfc_8037_a3) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    assert register_key(rfc_8037_a3).id == "kPrK_qmxVWaYVA9w"


def test_what_is_published_can_be_registered(signer):
    assert register_key(signer.public_key.document()) == signer.public_key


def test_a_partner_names_its_key_and_algorithm(ed25519):
    registered = register_key({**ed25519.public_key.document(), "kid": "省 1", "alg": "Ed25519"})

    assert (registered.id, registered.algorithm) == ("省 1", "Ed25519")


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"d": "AAAA"}, "key_private", "/d"),
        ({"kty": "oct", "k": "AAAA"}, "key_private", "/k"),
        ({"alg": "none"}, "key_algorithm_unsupported", "/alg"),
        ({"alg": "ES256"}, "key_algorithm_unsupported", "/alg"),
        ({"alg": ["EdDSA"]}, "key_algorithm_unsupported", "/alg"),
        ({"crv": "Ed448"}, "key_algorithm_unsupported", "/crv"),
        ({"kty": "RSA"}, "key_algorithm_unsupported", "/crv"),
        ({"use": "enc"}, "key_malformed", "/use"),
        ({"kid": 7}, "key_malformed", "/kid"),
        ({"kid": "k" * 129}, "key_malformed", "/kid"),
        ({"kid": "a\nb"}, "key_malformed", "/kid"),
        ({"x": 7}, "key_malformed", ""),
        ({"x": None}, "key_malformed", ""),
        ({"x": "AAAA"}, "key_malformed", ""),
        ({"x": "!" * 43}, "key_malformed", ""),
        ({"x": "张" * 43}, "key_malformed", ""),
        ({"x": "A" * 42 + "B"}, "key_malformed", ""),
        ({"x": base64url(b"\xff" * 32)}, "key_malformed", ""),
    ],
)
def test_an_unsound_key_is_not_registered(ed25519, change, code, pointer):
    with pytest.raises(InvalidDocumentError) as caught:
        register_key({**orjson.loads(ed25519.public_key.jwk), **change})

    (fault,) = caught.value.faults
    assert (caught.value.code, fault.code, fault.pointer) == (code, code, pointer)
    assert fault.message_zh


def test_a_point_off_the_curve_is_not_registered(es256):
    jwk = {**orjson.loads(es256.public_key.jwk), "y": base64url(bytes(31) + b"\1")}

    with pytest.raises(InvalidDocumentError) as caught:
        register_key(jwk)

    assert caught.value.code == "key_malformed"


@pytest.mark.parametrize("algorithm", [*ALGORITHMS, "HS256"])
def test_a_stored_key_that_cannot_be_read_stops_rather_than_verifies(algorithm, ed25519):
    jwk = {"kty": "EC", "crv": "Ed25519", "x": orjson.loads(ed25519.public_key.jwk)["x"]}
    key = PublicKey(id="k", algorithm=algorithm, jwk=orjson.dumps(jwk).decode())

    with pytest.raises(CorruptedError):
        verifier_of(key)


@pytest.mark.parametrize("key", [ec.derive_private_key(7, ec.SECP384R1()), Ed448PrivateKey.generate()])
def test_a_private_key_of_another_kind_does_not_sign(key):
    with pytest.raises(ValueError, match="no algorithm here"):
        SoftwareSigner(key)
