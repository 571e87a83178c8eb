"""Writes an encrypted private key as `openssl pkcs8 -topk8 -scrypt` does; reading is left to `cryptography`.

`cryptography` itself encrypts PKCS#8 with PBKDF2 of 2048 rounds, which a graphics card runs through by the million a
second. So the file is put together here: EncryptedPrivateKeyInfo (RFC 5958) under PBES2 (RFC 8018) with scrypt
(RFC 7914 7) and AES-256-CBC. OpenSSL and `cryptography` read it as any other.
"""

import os
from base64 import encodebytes

from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import ObjectIdentifier

from gateway.core.trust.signers import SoftwareKey

# 16 MB and about 0.2 s a guess; a larger cost passes the memory limit of OpenSSL's own tools (32 MB).
_COST, _BLOCK, _PARALLEL = 2**14, 8, 5
_KEY_BYTES, _SALT_BYTES, _IV_BYTES = 32, 16, 16


@asn1.sequence
class _ScryptParameters:
    salt: bytes
    cost: int
    block: int
    parallel: int
    key_bytes: int


@asn1.sequence
class _Derivation:
    algorithm: ObjectIdentifier
    parameters: _ScryptParameters


@asn1.sequence
class _Encryption:
    algorithm: ObjectIdentifier
    iv: bytes


@asn1.sequence
class _Scheme:
    derivation: _Derivation
    encryption: _Encryption


@asn1.sequence
class _SchemeIdentifier:
    algorithm: ObjectIdentifier
    parameters: _Scheme


@asn1.sequence
class _EncryptedPrivateKeyInfo:
    scheme: _SchemeIdentifier
    data: bytes


_PBES2 = ObjectIdentifier("1.2.840.113549.1.5.13")
_SCRYPT = ObjectIdentifier("1.3.6.1.4.1.11591.4.11")
_AES256_CBC = ObjectIdentifier("2.16.840.1.101.3.4.1.42")


def private_pem(key: SoftwareKey, *, passphrase: bytes | None) -> bytes:
    """Return the key as PKCS#8 PEM, encrypted if there is a passphrase."""
    if passphrase is None:
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    label = b"ENCRYPTED PRIVATE KEY-----\n"
    return b"-----BEGIN " + label + encodebytes(_encrypted(plain, passphrase)) + b"-----END " + label


def _encrypted(plain: bytes, passphrase: bytes) -> bytes:
    salt, iv = os.urandom(_SALT_BYTES), os.urandom(_IV_BYTES)
    secret = Scrypt(salt=salt, length=_KEY_BYTES, n=_COST, r=_BLOCK, p=_PARALLEL).derive(passphrase)
    scheme = _Scheme(
        derivation=_Derivation(
            algorithm=_SCRYPT,
            parameters=_ScryptParameters(salt=salt, cost=_COST, block=_BLOCK, parallel=_PARALLEL, key_bytes=_KEY_BYTES),
        ),
        encryption=_Encryption(algorithm=_AES256_CBC, iv=iv),
    )
    identifier = _SchemeIdentifier(algorithm=_PBES2, parameters=scheme)
    return asn1.encode_der(_EncryptedPrivateKeyInfo(scheme=identifier, data=_aes256_cbc(plain, secret, iv)))


def _aes256_cbc(plain: bytes, secret: bytes, iv: bytes) -> bytes:
    padder = PKCS7(AES256.block_size).padder()
    encryptor = Cipher(AES256(secret), CBC(iv)).encryptor()
    return encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
