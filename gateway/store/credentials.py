"""The secrets by which partners know this gateway: files beside its keys, sealed with the same passphrase.

A file is called `credential.<name>.<digest of the partner's id>.sealed`, so that a partner's id, whatever is in it,
never becomes a path. It is one line of JSON: the secret itself where there is no passphrase, as with keys, else
sealed by AES-256-GCM under a key that scrypt (RFC 7914) makes of the passphrase, bound to the partner and the name.
"""

import asyncio
import os
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from gateway.core.errors import SettingsError
from gateway.store.private import make_folder, read_private, write_private

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}", re.ASCII)
_SECRET_LIMIT: Final = 4096
_COST, _BLOCK, _PARALLEL = 2**14, 8, 5  # as of the keys: 16 MB and about 0.2 s a guess
_SALT_BYTES, _NONCE_BYTES = 16, 12


@dataclass(frozen=True, kw_only=True)
class StoredCredentials:
    """The secrets in one folder; each is opened once and again only when its file has changed."""

    folder: Path
    passphrase: bytes | None = field(default=None, repr=False)
    _opened: dict[Path, tuple[int, str]] = field(default_factory=dict, repr=False)

    def keep(self, partner: str, name: str, secret: str) -> Path:
        """Keep a secret, replacing an earlier one; durable when this returns.

        Raises SettingsError `credential_invalid` for a name or a secret that no header could hold.
        """
        if not _NAME.fullmatch(name):
            raise SettingsError("a credential's name has letters, digits, _ and -", code="credential_invalid")
        if not (0 < len(secret) <= _SECRET_LIMIT and secret.isascii() and secret.isprintable()):
            raise SettingsError(
                f"a credential is 1 to {_SECRET_LIMIT} printable ASCII characters on one line",
                code="credential_invalid",
            )
        make_folder(self.folder)
        path = self._path(partner, name)
        path.with_suffix(".partial").unlink(missing_ok=True)  # what a crash while keeping one left behind
        write_private(path, orjson.dumps(self._sealed(secret, _bound(partner, name))))
        return path

    def has(self, partner: str, name: str) -> bool:
        """Tell whether there is a secret of this name; needs no passphrase."""
        return self._path(partner, name).is_file()

    async def secret(self, partner: str, name: str) -> str:
        """Return a secret.

        Raises SettingsError: `credential_missing`, `credential_malformed`, and as keys do `key_file_exposed`,
        `key_passphrase_missing` and `key_passphrase_wrong`.
        """
        path = self._path(partner, name)
        try:
            changed = path.stat().st_mtime_ns
        except FileNotFoundError:
            raise SettingsError(
                f"{partner} has no credential {name}; keep it with `tongban partner credential`",
                code="credential_missing",
            ) from None
        known = self._opened.get(path)
        if known is None or known[0] != changed:
            opened = await asyncio.to_thread(self._open, path, _bound(partner, name))  # scrypt takes its time
            known = self._opened[path] = changed, opened
        return known[1]

    def _path(self, partner: str, name: str) -> Path:
        return self.folder / f"credential.{name}.{sha256(partner.encode()).hexdigest()[:32]}.sealed"

    def _sealed(self, secret: str, bound: bytes) -> dict[str, str]:
        if self.passphrase is None:
            return {"secret": secret}
        salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
        sealed = AESGCM(_derived(self.passphrase, salt)).encrypt(nonce, secret.encode(), bound)
        return {"salt": _text(salt), "nonce": _text(nonce), "sealed": _text(sealed)}

    def _open(self, path: Path, bound: bytes) -> str:
        try:
            kept = orjson.loads(read_private(path))
            if "secret" in kept:
                return str(kept["secret"])
            salt, nonce, sealed = (b64decode(kept[part]) for part in ("salt", "nonce", "sealed"))
        except (ValueError, KeyError, TypeError):
            raise SettingsError(f"no credential can be read from {path}", code="credential_malformed") from None
        if self.passphrase is None:
            raise SettingsError(f"{path} is encrypted and no passphrase was given", code="key_passphrase_missing")
        try:
            return AESGCM(_derived(self.passphrase, salt)).decrypt(nonce, sealed, bound).decode()
        except InvalidTag:
            raise SettingsError(f"the passphrase does not open {path}", code="key_passphrase_wrong") from None


def _bound(partner: str, name: str) -> bytes:
    return f"{partner}\n{name}".encode()


def _derived(passphrase: bytes, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_COST, r=_BLOCK, p=_PARALLEL).derive(passphrase)


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()
