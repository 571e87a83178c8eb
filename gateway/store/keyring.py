"""The gateway's own private keys: a folder of PEM files that only its owner can read.

A file is called `<purpose>.<algorithm>.<created>.<kid>.pem`, so what a key is for stands outside the encryption:

    exchange.EdDSA.20260302T013000000000Z.kPrK_qmxVWaYVA9w.pem

An *exchange* key signs tokens and receipts, a *log* key signs checkpoints of the audit log; the JWKS that partners
register from lists exchange keys only, so that neither can stand in for the other. Of each purpose and algorithm the
newest key signs; older ones stay published, so that what they signed can still be verified, until their file is
removed. Other files in the folder are left alone.
"""

import re
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gateway.core.errors import CorruptedError, SettingsError
from gateway.core.trust.signers import SoftwareKey, SoftwareSigner
from gateway.store.pkcs8 import private_pem
from gateway.store.private import alone_in, make_folder, read_private, write_private

_NAME = re.compile(r"(exchange|log)\.(EdDSA|ES256)\.(\d{8}T\d{12}Z)\.([A-Za-z0-9_-]{16})\.pem")
_CREATED = "%Y%m%dT%H%M%S%fZ"
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_NEW_KEY: dict[str, Callable[[], SoftwareKey]] = {
    "EdDSA": Ed25519PrivateKey.generate,
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
}


class KeyPurpose(StrEnum):
    """What a key may sign."""

    EXCHANGE = "exchange"  # tokens and receipts
    LOG = "log"  # checkpoints of the audit log


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredKey:
    """What is known of a key without its passphrase."""

    id: str
    algorithm: str
    purpose: KeyPurpose
    created_at: datetime
    encrypted: bool
    active: bool  # the one that signs for its purpose and algorithm
    path: Path


class Keyring:
    """The keys in one folder; each is read and decrypted once, when first needed.

    Raises SettingsError, in every method: `key_file_exposed` and `key_folder_exposed` if others than the owner could
    read a key or replace one, `key_passphrase_wrong`, `key_passphrase_missing`, `key_file_malformed`, `key_missing`.
    """

    def __init__(
        self, folder: Path, *, passphrase: bytes | None = None, clock: Callable[[], datetime] | None = None
    ) -> None:
        if passphrase == b"":
            raise SettingsError("the passphrase of the keys is empty", code="key_passphrase_missing")
        self._folder = folder
        self._passphrase = passphrase
        self._clock = clock or (lambda: datetime.now(UTC))
        self._signers: dict[Path, SoftwareSigner] = {}

    def __repr__(self) -> str:
        return f"Keyring({str(self._folder)!r})"

    def generate(self, algorithm: str = "EdDSA", *, purpose: KeyPurpose = KeyPurpose.EXCHANGE) -> str:
        """Make a key ("EdDSA" or "ES256"), which signs from now on, and return its id once it is durable."""
        make_folder(self._folder)
        created = self._creation(algorithm, purpose)
        key = _NEW_KEY[algorithm]()
        signer = SoftwareSigner(key)
        path = self._folder / f"{purpose}.{algorithm}.{created.strftime(_CREATED)}.{signer.key_id}.pem"
        write_private(path, private_pem(key, passphrase=self._passphrase))
        self._signers[path] = signer
        return signer.key_id

    def stored(self) -> tuple[StoredKey, ...]:
        """Return what is in the folder, oldest first; needs no passphrase."""
        found = sorted((key for path in self._paths() if (key := _described(path))), key=lambda key: key.created_at)
        newest = {(key.purpose, key.algorithm): key.path for key in found}
        return tuple(replace(key, active=key.path == newest[key.purpose, key.algorithm]) for key in found)

    def signer(self, algorithm: str = "EdDSA", *, purpose: KeyPurpose = KeyPurpose.EXCHANGE) -> SoftwareSigner:
        """Return the key that signs: the newest of its purpose and algorithm."""
        for key in self.stored():
            if key.active and (key.algorithm, key.purpose) == (algorithm, purpose):
                return self._signer(key)
        command = f"tongban keys generate --purpose {purpose}"
        raise SettingsError(
            f"no {algorithm} key for {purpose} in {self._folder}; make one with `{command}`",
            code="key_missing",
        )

    def ensure(self, algorithm: str = "EdDSA", *, purpose: KeyPurpose = KeyPurpose.EXCHANGE) -> SoftwareSigner:
        """Return the key that signs, made now if this is the first run; nodes that start together make one."""
        if not self._has(algorithm, purpose):
            with alone_in(self._folder):
                if not self._has(algorithm, purpose):
                    self.generate(algorithm, purpose=purpose)
        return self.signer(algorithm, purpose=purpose)

    def jwks(self, *, purpose: KeyPurpose = KeyPurpose.EXCHANGE) -> dict[str, Any]:
        """Return the public halves as a JWK Set (RFC 7517, RFC 8037), newest first."""
        keys = [key for key in reversed(self.stored()) if key.purpose == purpose]
        return {"keys": [self._signer(key).public_key.document() for key in keys]}

    def _has(self, algorithm: str, purpose: KeyPurpose) -> bool:
        return any((key.algorithm, key.purpose) == (algorithm, purpose) for key in self.stored())

    def _signer(self, key: StoredKey) -> SoftwareSigner:
        if key.path not in self._signers:
            signer = _load(key, self._passphrase)
            if (signer.key_id, signer.algorithm) != (key.id, key.algorithm):
                raise CorruptedError(f"{key.path} holds another key than its name says", code="key_file_mismatch")
            self._signers[key.path] = signer
        return self._signers[key.path]

    def _creation(self, algorithm: str, purpose: KeyPurpose) -> datetime:
        """Return the clock's time, or just after the newest key's if the clock has gone back: a new key must sign."""
        earlier = (key.created_at for key in self.stored() if (key.algorithm, key.purpose) == (algorithm, purpose))
        return max([self._clock(), *(moment + timedelta(microseconds=1) for moment in earlier)])

    def _paths(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        if self._folder.stat().st_mode & _OTHERS_WRITE:
            raise SettingsError(
                f"others than its owner can change the folder {self._folder}: chmod 700 it", code="key_folder_exposed"
            )
        return list(self._folder.iterdir())


def _described(path: Path) -> StoredKey | None:
    if not (match := _NAME.fullmatch(path.name)):
        return None
    purpose, algorithm, created, kid = match.groups()
    return StoredKey(
        id=kid,
        algorithm=algorithm,
        purpose=KeyPurpose(purpose),
        created_at=datetime.strptime(created, _CREATED).replace(tzinfo=UTC),
        encrypted=b"BEGIN ENCRYPTED" in read_private(path),
        active=False,
        path=path,
    )


def _load(key: StoredKey, passphrase: bytes | None) -> SoftwareSigner:
    if key.encrypted and passphrase is None:
        raise SettingsError(f"{key.path} is encrypted and no passphrase was given", code="key_passphrase_missing")
    try:
        loaded = load_pem_private_key(read_private(key.path), passphrase if key.encrypted else None)
    except ValueError:
        code = "key_passphrase_wrong" if key.encrypted else "key_file_malformed"
        told = "the passphrase does not open" if key.encrypted else "no private key can be read from"
        raise SettingsError(f"{told} {key.path}", code=code) from None
    try:
        return SoftwareSigner(loaded)
    except ValueError as error:
        raise SettingsError(f"{key.path}: {error}", code="key_file_malformed") from None
