"""Checkpoints (https://c2sp.org/tlog-checkpoint): a log's size and root, signed as a note."""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass

from gateway.core.audit.merkle import EMPTY_ROOT
from gateway.core.audit.note import LogKey, Sign, read_note, sign_note, verified_text
from gateway.core.errors import MalformedDocumentError, UntrustedError

# SPEC: the ASCII decimal representation, with no leading zeroes (unless the tree is empty).
_SIZE = re.compile("0|[1-9][0-9]{0,18}")
_ROOT = re.compile("[A-Za-z0-9+/]{43}=")
_SIZE_MAX = 2**63 - 1  # what every store counts to
_MANDATORY_LINES = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """What a log says of itself at one size."""

    origin: str  # names the log, and is the name of its key
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()  # opaque lines; ours has none

    @property
    def text(self) -> str:
        """The note text: what is signed."""
        root = b64encode(self.root).decode()
        return "".join(f"{line}\n" for line in (self.origin, self.size, root, *self.extensions))


def sign_checkpoint(checkpoint: Checkpoint, key: LogKey, sign: Sign) -> bytes:
    """Return the checkpoint as a signed note. The caller answers for never signing two roots of one size."""
    if checkpoint.origin != key.name:
        raise ValueError("a log signs under its own origin only")
    if read_checkpoint_text(checkpoint.text) != checkpoint:
        raise ValueError("a log signs only what reads back the same")
    return sign_note(checkpoint.text, key, sign)


def open_checkpoint(note: bytes, key: LogKey) -> Checkpoint:
    """Return the checkpoint that this log signed; signatures of others are passed over.

    Raises MalformedDocumentError for what is not a checkpoint, UntrustedError for what this log did not sign.
    """
    checkpoint = read_checkpoint_text(verified_text(read_note(note), key))
    if checkpoint.origin != key.name:
        raise UntrustedError("the checkpoint is of another log", code="checkpoint_origin_differs")
    return checkpoint


def read_checkpoint_text(text: str) -> Checkpoint:
    """Read the note text of a checkpoint, strictly; MalformedDocumentError. Verifies nothing."""
    lines = text.removesuffix("\n").split("\n")
    # SPEC: The note text is a sequence of at least three non-empty lines, separated by newlines.
    if len(lines) < _MANDATORY_LINES or not all(lines) or not text.endswith("\n"):
        raise MalformedDocumentError("a checkpoint has three lines or more, none empty", code="checkpoint_malformed")
    origin, size, root, *extensions = lines
    if not _SIZE.fullmatch(size) or int(size) > _SIZE_MAX or not _ROOT.fullmatch(root):
        raise MalformedDocumentError("a checkpoint's size or root is not one", code="checkpoint_malformed")
    checkpoint = Checkpoint(origin=origin, size=int(size), root=b64decode(root), extensions=tuple(extensions))
    # A root of 32 bytes has one spelling; and the empty tree has one root.
    if checkpoint.text != text or (checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT):
        raise MalformedDocumentError("a checkpoint's root is not one", code="checkpoint_malformed")
    return checkpoint
