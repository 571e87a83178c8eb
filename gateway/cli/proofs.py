"""Proof documents: what `audit prove` and the API hand out, judged offline with nothing but the log's key."""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import orjson

from gateway.core.audit.checkpoint import Checkpoint, open_checkpoint
from gateway.core.audit.entry import read_entry
from gateway.core.audit.merkle import leaf_hash, verify_inclusion
from gateway.core.audit.note import NOTE_MAX_BYTES, LogKey
from gateway.core.audit.verify import Check
from gateway.core.conversion.formats.json_format import read_json
from gateway.core.errors import CorruptedError, GatewayError, MalformedDocumentError
from gateway.flow.audit import Inclusion

_BYTES_LIMIT: Final = NOTE_MAX_BYTES * 2
_PATH_LIMIT: Final = 64  # nodes of a path in a tree of 2^64 entries


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """A proof document taken apart; nothing in it is believed yet."""

    index: int
    leaf_hash: bytes
    leaf: bytes | None  # the entry itself, where the document holds it
    path: tuple[bytes, ...]
    note: bytes


def proof_document(proved: Inclusion) -> dict[str, Any]:
    """Return a proof in the members of the API's, with the entry beside it."""
    return {
        "index": proved.index,
        "leaf_hash": b64encode(leaf_hash(proved.leaf)).decode(),
        "size": proved.checkpoint.size,
        "root": b64encode(proved.checkpoint.root).decode(),
        "proof": [b64encode(node).decode() for node in proved.proof],
        "checkpoint": proved.checkpoint.note,
        "entry": orjson.Fragment(proved.leaf),
    }


def read_proof(file: BinaryIO) -> Proof:
    """Read a proof document; MalformedDocumentError if it is none."""
    body = file.read(_BYTES_LIMIT + 1)
    document = read_json(body) if len(body) <= _BYTES_LIMIT else None
    try:
        return _proof(document)
    except (KeyError, TypeError, ValueError, AttributeError, Base64Error):
        raise MalformedDocumentError("this is no proof document", code="proof_malformed") from None


def _proof(document: Any) -> Proof:  # noqa: ANN401 - any JSON value
    index, path = document["index"], document["proof"]
    if type(index) is not int or type(path) is not list or len(path) > _PATH_LIMIT:
        raise ValueError("not an index and a path")
    entry = document.get("entry")
    return Proof(
        index=index,
        leaf_hash=b64decode(document["leaf_hash"], validate=True),
        # A leaf is canonical JSON of ASCII and safe integers: sorted, it has these very bytes again.
        leaf=None if entry is None else orjson.dumps(entry, option=orjson.OPT_SORT_KEYS),
        path=tuple(b64decode(node, validate=True) for node in path),
        note=document["checkpoint"].encode(),
    )


def judge_proof(proof: Proof, key: LogKey) -> tuple[Check, ...]:
    """Return each check by name; the later ones are left out where the checkpoint is not the log's."""
    try:
        checkpoint = open_checkpoint(proof.note, key)
    except GatewayError as error:
        return (_failed("checkpoint_signed", error),)
    signed = Check(name="checkpoint_signed", passed=True, detail=f"size {checkpoint.size} of {checkpoint.origin}")
    included = _included(proof, checkpoint)
    return (signed, included) if proof.leaf is None else (signed, included, _entry_hashed(proof, proof.leaf))


def _included(proof: Proof, checkpoint: Checkpoint) -> Check:
    try:
        verify_inclusion(proof.leaf_hash, proof.index, checkpoint.size, proof.path, checkpoint.root)
    except GatewayError as error:
        return _failed("entry_included", error)
    return Check(name="entry_included", passed=True, detail=f"index {proof.index} of {checkpoint.size}")


def _entry_hashed(proof: Proof, leaf: bytes) -> Check:
    try:
        entry = read_entry(leaf)
    except CorruptedError as error:
        return _failed("entry_hashed", error)
    same = leaf_hash(leaf) == proof.leaf_hash
    return Check(name="entry_hashed", passed=same, detail=entry.id if same else "the entry has another hash")


def _failed(name: str, error: GatewayError) -> Check:
    return Check(name=name, passed=False, detail=f"{error} [{error.code}]")
