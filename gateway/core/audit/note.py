"""Signed notes (https://c2sp.org/signed-note): text, a blank line, and a line for each signature.

A log's key is always Ed25519. The note format standardises no other type for a log (0x02, ECDSA, is one program's own),
so a gateway that signs its tokens with ES256 or SM2 keeps a second, Ed25519 key for its log.
"""

import re
from base64 import b64decode, b64encode, urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.core.errors import MalformedDocumentError, UntrustedError
from gateway.core.trust.keys import PublicKey

Sign = Callable[[bytes], bytes]  # Ed25519 over these bytes; the private key stays where it is kept

# SPEC: Verifiers SHOULD apply a maximum limit to the number of signatures in a note (or, equivalently, to the
# overall size), but MUST accept at least up to 16 signatures. Post-quantum ones can be up to nearly 5 kB.
NOTE_MAX_BYTES = 256 * 1024

_ED25519 = b"\x01"
_KEY_BYTES = 32
_KEY_ID_BYTES = 4
# SPEC: MUST NOT contain any ASCII control characters (those below U+0020) other than newline.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
# SPEC: Key names MUST be non-empty and MUST NOT contain any Unicode spaces or plus (U+002B) characters.
_NAME = re.compile(r"[^\s\x00-\x1f+]+")
_SIGNATURE_LINE = re.compile(rf"— ({_NAME.pattern}) ([A-Za-z0-9+/]+={{0,2}})")
_LOG_KEY = re.compile(rf"({_NAME.pattern})\+([0-9a-f]{{8}})\+([A-Za-z0-9+/]+=*)")


@dataclass(frozen=True, kw_only=True, slots=True)
class LogKey:
    """An Ed25519 verification key under the name it signs with."""

    name: str
    public: bytes  # 32 bytes, RFC 8032

    def __post_init__(self) -> None:
        """Refuse a name or key that no note could carry."""
        if not _NAME.fullmatch(self.name) or len(self.public) != _KEY_BYTES:
            raise MalformedDocumentError("not the name and the 32 bytes of an Ed25519 key", code="log_key_malformed")

    @property
    def id(self) -> bytes:
        """SPEC: key ID = SHA-256(key name || 0x0A || 0x01 || 32-byte Ed25519 public key)[:4]."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:_KEY_ID_BYTES]

    def __str__(self) -> str:
        """Return `name+hexid+base64(0x01 || key)`, the form keys are handed out in."""
        return f"{self.name}+{self.id.hex()}+{b64encode(_ED25519 + self.public).decode()}"


@dataclass(frozen=True, kw_only=True, slots=True)
class NoteSignature:
    """One signature line, of whatever type."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """A note taken apart; nothing in it is believed before `verified_text`."""

    text: str  # ends with a newline, which is signed too
    signatures: tuple[NoteSignature, ...]


def read_log_key(text: str) -> LogKey:
    """Read `name+hexid+base64(0x01 || key)`; MalformedDocumentError for any other type, or a wrong id."""
    match = _LOG_KEY.fullmatch(text)
    key = _base64(match[3], "log_key_malformed") if match else b""
    if match is None or key[:1] != _ED25519:
        raise MalformedDocumentError("not an Ed25519 note verification key", code="log_key_malformed")
    log_key = LogKey(name=match[1], public=key[1:])
    if log_key.id.hex() != match[2]:
        raise MalformedDocumentError("the key id is not that of the key", code="log_key_malformed")
    return log_key


def log_key_of(origin: str, key: PublicKey) -> LogKey:
    """Return an Ed25519 public key as the note verification key of a log."""
    point = key.document()["x"]
    return LogKey(name=origin, public=urlsafe_b64decode(point + "=" * (-len(point) % 4)))


def sign_note(text: str, key: LogKey, sign: Sign) -> bytes:
    """Return the note with this one signature."""
    _require_text(text)
    signature = b64encode(key.id + sign(text.encode())).decode()
    return f"{text}\n— {key.name} {signature}\n".encode()


def read_note(note: bytes) -> Note:
    """Take a note apart, strictly; MalformedDocumentError. Verifies nothing."""
    if len(note) > NOTE_MAX_BYTES:
        raise MalformedDocumentError("the note is too large", code="note_malformed")
    try:
        content = note.decode()
    except UnicodeDecodeError:
        raise MalformedDocumentError("the note is not UTF-8", code="note_malformed") from None
    # SPEC: the text is separated from the signatures by the last empty line in the note.
    text, separator, lines = content.rpartition("\n\n")
    if not separator or not lines.endswith("\n"):
        raise MalformedDocumentError("the note has no signatures", code="note_malformed")
    text += "\n"
    _require_text(text)
    return Note(text=text, signatures=tuple(map(_read_signature, lines[:-1].split("\n"))))


def verified_text(note: Note, key: LogKey) -> str:
    """Return the text that this key signed; UntrustedError if it did not, or one of its signatures is wrong."""
    # SPEC: Verifiers MUST ignore signatures from unknown keys, even if they share a name or ID (but not both) with
    # a known key. If a signature from a known key fails to verify, clients SHOULD reject the whole note.
    own = [line.signature for line in note.signatures if (line.name, line.key_id) == (key.name, key.id)]
    if not own:
        raise UntrustedError("the note is not signed by the log's key", code="note_unsigned")
    public, text = Ed25519PublicKey.from_public_bytes(key.public), note.text.encode()
    try:
        for signature in own:
            public.verify(signature, text)
    except InvalidSignature:
        raise UntrustedError("the note's signature is wrong", code="note_signature_invalid") from None
    return note.text


def _read_signature(line: str) -> NoteSignature:
    match = _SIGNATURE_LINE.fullmatch(line)
    value = _base64(match[2], "note_malformed") if match else b""
    if match is None or len(value) <= _KEY_ID_BYTES:
        raise MalformedDocumentError("not a signature line", code="note_malformed")
    return NoteSignature(name=match[1], key_id=value[:_KEY_ID_BYTES], signature=value[_KEY_ID_BYTES:])


def _require_text(text: str) -> None:
    if not text.endswith("\n") or _CONTROL.search(text):
        raise MalformedDocumentError("a note's text holds a control character", code="note_malformed")


def _base64(text: str, code: str) -> bytes:
    """Decode base64 (RFC 4648 §4) that is spelled the one right way."""
    try:
        value = b64decode(text, validate=True)
    except Base64Error:
        value = b""
    if b64encode(value).decode() != text:
        raise MalformedDocumentError("not base64", code=code)
    return value
