"""Proof documents: what `audit prove` and the API hand out, judged offline with nothing but the log's key."""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import orjson

from gateway.core.audit.checkpoint import Checkpoint, open_checkpoint
from gateway.core.audit.entry import read_entry
from gateway.core.audit.merkle import leaf_hash, verify_consistency, verify_inclusion
from gateway.core.audit.note import NOTE_MAX_BYTES, LogKey
from gateway.core.audit.verify import Check
from gateway.core.conversion.formats.json_format import read_json
from gateway.core.errors import CorruptedError, GatewayError, MalformedDocumentError
from gateway.flow.audit import Growth, Inclusion

_BYTES_LIMIT: Final = NOTE_MAX_BYTES * 2
_PATH_LIMIT: Final = 64  # nodes of a path in a tree of 2^64 entries


@dataclass(frozen=True, kw_only=True, slots=True)
class GrowthProof:
    """A document about two checkpoints of one log, taken apart; nothing in it is believed yet."""

    earlier: bytes
    later: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """A document about one entry, taken apart; nothing in it is believed yet."""

    index: int
    leaf_hash: bytes
    leaf: bytes | None  # the entry itself, where the document holds it
    path: tuple[bytes, ...]
    note: bytes


def proof_document(proved: Inclusion) -> dict[str, Any]:
    """Return a proof in the members of the API's, with the entry beside it, unless that was retired."""
    return {
        "index": proved.index,
        "leaf_hash": b64encode(proved.leaf_hash).decode(),
        "size": proved.checkpoint.size,
        "root": b64encode(proved.checkpoint.root).decode(),
        "proof": [b64encode(node).decode() for node in proved.proof],
        "checkpoint": proved.checkpoint.note,
        **({} if proved.leaf is None else {"entry": orjson.Fragment(proved.leaf)}),
    }


def growth_document(proved: Growth) -> dict[str, Any]:
    """Return a proof that the log has only grown between two checkpoints."""
    return {
        "earlier": proved.earlier.note,
        "later": proved.later.note,
        "proof": [b64encode(node).decode() for node in proved.proof],
    }


def read_proof(file: BinaryIO) -> Proof | GrowthProof:
    """Read a proof document of either kind; MalformedDocumentError if it is none."""
    body = file.read(_BYTES_LIMIT + 1)
    document: Any = read_json(body) if len(body) <= _BYTES_LIMIT else None
    try:
        return _growth(document) if "earlier" in document else _proof(document)
    except (KeyError, TypeError, ValueError, AttributeError, Base64Error):
        raise MalformedDocumentError("this is no proof document", code="proof_malformed") from None


def _proof(document: Any) -> Proof:
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


def _growth(document: Any) -> GrowthProof:
    path = document["proof"]
    if type(path) is not list or len(path) > 2 * _PATH_LIMIT:
        raise ValueError("not a path")
    return GrowthProof(
        earlier=document["earlier"].encode(),
        later=document["later"].encode(),
        path=tuple(b64decode(node, validate=True) for node in path),
    )


def judge_proof(proof: Proof | GrowthProof, key: LogKey) -> tuple[Check, ...]:
    """Return each check by name; the later ones are left out where a checkpoint is not the log's."""
    try:
        if isinstance(proof, GrowthProof):
            earlier, later = open_checkpoint(proof.earlier, key), open_checkpoint(proof.later, key)
            return (_signed(earlier), _signed(later), _only_grown(proof, earlier, later))
        checkpoint = open_checkpoint(proof.note, key)
    except GatewayError as error:
        return (_failed("checkpoint_signed", error),)
    included = _included(proof, checkpoint)
    hashed = () if proof.leaf is None else (_entry_hashed(proof, proof.leaf),)
    return (_signed(checkpoint), included, *hashed)


def _signed(checkpoint: Checkpoint) -> Check:
    return Check(name="checkpoint_signed", passed=True, detail=f"size {checkpoint.size} of {checkpoint.origin}")


def _only_grown(proof: GrowthProof, earlier: Checkpoint, later: Checkpoint) -> Check:
    try:
        verify_consistency((earlier.size, earlier.root), (later.size, later.root), proof.path)
    except GatewayError as error:
        return _failed("log_only_grown", error)
    return Check(name="log_only_grown", passed=True, detail=f"from {earlier.size} to {later.size} entries")


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
