"""A checkpoint says what its log signed, in one spelling, and nothing else opens."""

import json
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey, VerifyKey

from gateway.core.audit.checkpoint import Checkpoint, open_checkpoint, read_checkpoint_text, sign_checkpoint
from gateway.core.audit.merkle import EMPTY_ROOT
from gateway.core.audit.note import (
    NOTE_MAX_BYTES,
    LogKey,
    NoteSignature,
    read_log_key,
    read_note,
    sign_note,
    verified_text,
)
from gateway.core.errors import MalformedDocumentError, UntrustedError

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "audit" / "checkpoint.json").read_bytes())
SECRET = SigningKey(bytes.fromhex(VECTORS["seed"]))
KEY = LogKey(name=VECTORS["origin"], public=bytes(SECRET.verify_key))
NOTE = VECTORS["note"].encode()
CHECKPOINT = Checkpoint(origin=VECTORS["origin"], size=VECTORS["size"], root=bytes.fromhex(VECTORS["root"]))
OTHER_SECRET = SigningKey(bytes(32))
OTHER_KEY = LogKey(name="other.example", public=bytes(OTHER_SECRET.verify_key))


def sign(text: bytes) -> bytes:
    return SECRET.sign(text).signature


def sign_as_other(text: bytes) -> bytes:
    return OTHER_SECRET.sign(text).signature


def other_line(text: bytes) -> bytes:
    """Return a right signature line by another key."""
    return sign_note(text.decode(), OTHER_KEY, sign_as_other).rpartition(b"\n\n")[2]


def test_a_checkpoint_signs_to_the_pinned_bytes():
    assert sign_checkpoint(CHECKPOINT, KEY, sign) == NOTE


def test_the_pinned_checkpoint_opens():
    assert open_checkpoint(NOTE, KEY) == CHECKPOINT


def test_a_key_is_handed_out_in_the_standard_form():
    assert str(KEY) == VECTORS["log_key"]
    assert read_log_key(VECTORS["log_key"]) == KEY
    assert KEY.id == sha256(KEY.name.encode() + b"\n\x01" + KEY.public).digest()[:4]


def test_a_note_of_the_formats_first_implementation_verifies():
    key = read_log_key(VECTORS["foreign_log_key"])
    note = VECTORS["foreign_note"]

    assert verified_text(read_note(note.encode()), key) == note[: note.rindex("\n\n") + 1]


def test_an_independent_library_verifies_what_was_signed():
    note = read_note(NOTE)

    VerifyKey(KEY.public).verify(note.text.encode(), note.signatures[0].signature)


@given(st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_any_checkpoint_opens_as_it_was_signed(size, root):
    checkpoint = Checkpoint(origin=KEY.name, size=size, root=root)

    assert open_checkpoint(sign_checkpoint(checkpoint, KEY, sign), KEY) == checkpoint


@given(st.integers(0, len(NOTE) - 1), st.integers(0, 7))
def test_no_single_altered_bit_goes_unnoticed(position, bit):
    altered = bytearray(NOTE)
    altered[position] ^= 1 << bit

    with pytest.raises((MalformedDocumentError, UntrustedError)):
        open_checkpoint(bytes(altered), KEY)


def test_signatures_of_others_are_passed_over():
    text = CHECKPOINT.text.encode()

    assert open_checkpoint(NOTE + other_line(text), KEY) == CHECKPOINT
    assert open_checkpoint(NOTE + 15 * other_line(text), KEY) == CHECKPOINT
    assert open_checkpoint(text + b"\n" + other_line(text) + NOTE.rpartition(b"\n\n")[2], KEY) == CHECKPOINT


def test_a_signature_sharing_only_the_name_or_only_the_id_is_another_keys():
    line = b64encode(KEY.id + bytes(64)).decode()
    namesake = b64encode(OTHER_KEY.id + bytes(64)).decode()

    assert open_checkpoint(NOTE + f"— other.example {line}\n".encode(), KEY) == CHECKPOINT
    assert open_checkpoint(NOTE + f"— {KEY.name} {namesake}\n".encode(), KEY) == CHECKPOINT


def test_one_wrong_signature_of_the_known_key_spoils_the_note():
    wrong = b64encode(KEY.id + bytes(64)).decode()

    with pytest.raises(UntrustedError) as caught:
        open_checkpoint(NOTE + f"— {KEY.name} {wrong}\n".encode(), KEY)

    assert caught.value.code == "note_signature_invalid"


def test_a_note_that_only_others_signed_is_not_believed():
    note = sign_note(CHECKPOINT.text, OTHER_KEY, sign_as_other)

    with pytest.raises(UntrustedError) as caught:
        open_checkpoint(note, KEY)

    assert caught.value.code == "note_unsigned"


def test_a_key_speaks_for_its_own_log_only():
    foreign = Checkpoint(origin="other.example", size=8, root=CHECKPOINT.root)

    with pytest.raises(ValueError, match="its own origin"):
        sign_checkpoint(foreign, KEY, sign)
    with pytest.raises(UntrustedError) as caught:
        open_checkpoint(sign_note(foreign.text, KEY, sign), KEY)
    assert caught.value.code == "checkpoint_origin_differs"


def test_extension_lines_are_signed_and_kept():
    extended = Checkpoint(origin=KEY.name, size=8, root=CHECKPOINT.root, extensions=("one", "two"))

    assert open_checkpoint(sign_checkpoint(extended, KEY, sign), KEY) == extended


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"size": -1}, id="negative-size"),
        pytest.param({"size": 0}, id="an-empty-tree-with-another-root"),
        pytest.param({"root": b"short"}, id="short-root"),
        pytest.param({"extensions": ("",)}, id="empty-extension"),
        pytest.param({"extensions": ("one\ntwo",)}, id="two-lines-in-one"),
    ],
)
def test_what_would_not_open_as_it_was_meant_is_not_signed(changes):
    with pytest.raises((MalformedDocumentError, ValueError)):
        sign_checkpoint(replace(CHECKPOINT, **changes), KEY, sign)


ROOT_LINE = CHECKPOINT.text.split("\n")[2]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"o\n8\n{ROOT_LINE}", id="no-newline-at-the-end"),
        pytest.param("o\n8\n", id="two-lines"),
        pytest.param(f"\n8\n{ROOT_LINE}\n", id="no-origin"),
        pytest.param(f"o\n08\n{ROOT_LINE}\n", id="leading-zero"),
        pytest.param(f"o\n+8\n{ROOT_LINE}\n", id="sign"),
        pytest.param(f"o\n-8\n{ROOT_LINE}\n", id="negative"),
        pytest.param(f"o\n8 \n{ROOT_LINE}\n", id="space"),
        pytest.param(f"o\n８\n{ROOT_LINE}\n", id="full-width-digit"),
        pytest.param(f"o\n0x8\n{ROOT_LINE}\n", id="hexadecimal"),
        pytest.param(f"o\n{2**63}\n{ROOT_LINE}\n", id="beyond-63-bits"),
        pytest.param(f"o\n{'9' * 5000}\n{ROOT_LINE}\n", id="thousands-of-digits"),
        pytest.param(f"o\n8\n{ROOT_LINE[:-1]}\n", id="unpadded-root"),
        pytest.param(f"o\n8\n{ROOT_LINE[:-2]}h=\n", id="root-with-stray-bits"),
        pytest.param("o\n8\nAAAA\n", id="short-root"),
        pytest.param(f"o\n8\n{ROOT_LINE.replace('+', '-').replace('/', '_')[:-3]}-_=\n", id="url-alphabet"),
        pytest.param(f"o\n8\n{ROOT_LINE}\n\n", id="empty-extension"),
        pytest.param(f"o\n0\n{ROOT_LINE}\n", id="an-empty-tree-with-another-root"),
    ],
)
def test_a_checkpoint_has_one_spelling(text):
    with pytest.raises(MalformedDocumentError) as caught:
        read_checkpoint_text(text)

    assert caught.value.code == "checkpoint_malformed"


def test_the_empty_tree_has_a_checkpoint():
    empty = Checkpoint(origin=KEY.name, size=0, root=EMPTY_ROOT)

    assert open_checkpoint(sign_checkpoint(empty, KEY, sign), KEY) == empty


LINE = f"— {KEY.name} {b64encode(KEY.id + bytes(64)).decode()}\n"


@pytest.mark.parametrize(
    "note",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"text\n", id="no-signatures"),
        pytest.param(b"text\n\n", id="an-empty-list-of-signatures"),
        pytest.param(f"text\n\n{LINE}"[:-1].encode(), id="no-newline-at-the-end"),
        pytest.param(f"text\n{LINE}".encode(), id="no-blank-line"),
        pytest.param(f"text\n\n{LINE}\n".encode(), id="a-blank-line-after-the-signatures"),
        pytest.param(f"text\r\n\n{LINE}".encode(), id="carriage-return"),
        pytest.param(f"te\x00xt\n\n{LINE}".encode(), id="nul"),
        pytest.param(f"te\txt\n\n{LINE}".encode(), id="tab"),
        pytest.param(f"text\n\n{LINE}".encode("gbk"), id="gbk"),
        pytest.param(f"text\n\n{LINE}".replace("—", "-").encode(), id="hyphen"),
        pytest.param(f"text\n\n{LINE}".replace("— ", "—  ").encode(), id="two-spaces"),
        pytest.param(f"text\n\n{LINE}".replace("/log", "/l+g").encode(), id="plus-in-name"),
        pytest.param(f"text\n\n{LINE}".replace("/log", "/l\u3000g").encode(), id="wide-space-in-name"),
        pytest.param(f"text\n\n{LINE}".replace("/log", "/l\x01g").encode(), id="control-character-in-name"),
        pytest.param("text\n\n— name\n".encode(), id="no-signature"),
        pytest.param("text\n\n— name AAAAAA==\n".encode(), id="key-id-only"),
        pytest.param("text\n\n— name AAAAAAAA=\n".encode(), id="stray-padding"),
        pytest.param("text\n\n— name AAAAAAAAA\n".encode(), id="no-padding"),
        pytest.param("text\n\n— name AAAAAAB=\n".encode(), id="stray-bits"),
        pytest.param(f"text\n\n{LINE}".encode() * (NOTE_MAX_BYTES // 100), id="too-large"),
    ],
)
def test_a_note_has_one_spelling(note):
    with pytest.raises(MalformedDocumentError) as caught:
        read_note(note)

    assert caught.value.code == "note_malformed"


def test_the_text_of_a_note_ends_at_its_last_empty_line():
    note = read_note(f"one\n\n— not a signature\n\n{LINE}".encode())

    assert note.text == "one\n\n— not a signature\n"
    assert note.signatures == (NoteSignature(name=KEY.name, key_id=KEY.id, signature=bytes(64)),)


def test_a_text_with_control_characters_is_not_signed():
    with pytest.raises(MalformedDocumentError):
        sign_note("te\rxt\n", KEY, sign)


def test_a_text_without_its_last_newline_is_not_signed():
    with pytest.raises(MalformedDocumentError):
        sign_note("text", KEY, sign)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(VECTORS["log_key"].replace("00971c34", "00971c35"), id="another-id"),
        pytest.param(VECTORS["log_key"].replace("00971c34", "00971C34"), id="upper-case-id"),
        pytest.param(VECTORS["log_key"].replace("/log", "/lag"), id="another-name"),
        pytest.param(VECTORS["log_key"][:-4], id="short-key"),
        pytest.param(VECTORS["log_key"].replace("+AQ", "+Ag"), id="ecdsa"),
        pytest.param(VECTORS["log_key"].replace("+AQ", "+BA"), id="cosignature"),
        pytest.param(VECTORS["log_key"] + "\n", id="newline"),
    ],
)
def test_only_an_ed25519_key_under_its_own_id_is_read(text):
    with pytest.raises(MalformedDocumentError) as caught:
        read_log_key(text)

    assert caught.value.code == "log_key_malformed"


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b"])
def test_a_key_name_stands_in_a_signature_line(name):
    with pytest.raises(MalformedDocumentError):
        LogKey(name=name, public=KEY.public)
