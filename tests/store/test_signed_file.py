"""What was signed last stays known when the store does not: whole, durable, and only ever greater."""

import asyncio
import os

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.core.audit import checkpoint as note
from gateway.core.audit.note import LogKey
from gateway.core.errors import CorruptedError
from gateway.flow.ports import Checkpoint, TreeHead
from gateway.store.signed import NAME, SignedFile
from tests.store.samples import NOW

PRIVATE = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
KEY = LogKey(name="log.example", public=PRIVATE.public_key().public_bytes_raw())


def a_checkpoint(size, root=b"r" * 32):
    signed = note.sign_checkpoint(note.Checkpoint(origin=KEY.name, size=size, root=root), KEY, PRIVATE.sign)
    return Checkpoint(size=size, root=root, note=signed.decode(), made_at=NOW)


async def test_where_nothing_was_signed_nothing_is_remembered(tmp_path):
    assert await SignedFile(tmp_path / "keys").read() is None


async def test_the_greatest_checkpoint_is_remembered_across_processes(tmp_path):
    first, second = SignedFile(tmp_path / "keys"), SignedFile(tmp_path / "keys")
    await first.keep(a_checkpoint(7))
    await second.keep(a_checkpoint(9, b"s" * 32))
    await first.keep(a_checkpoint(8))

    assert await first.read() == TreeHead(size=9, root=b"s" * 32)
    assert [each.name for each in (tmp_path / "keys").iterdir()] == [NAME]
    assert (tmp_path / "keys" / NAME).stat().st_mode & 0o077 == 0


async def test_what_is_kept_at_the_same_moment_is_kept_whole(tmp_path):
    file = SignedFile(tmp_path)
    await asyncio.gather(*(file.keep(a_checkpoint(size)) for size in range(1, 20)))

    assert (await file.read()) == TreeHead(size=19, root=b"r" * 32)


async def test_what_a_crash_left_half_written_is_in_nobodys_way(tmp_path):
    (tmp_path / f"{NAME}.{os.getpid()}.partial").write_bytes(b"half of it")
    file = SignedFile(tmp_path)
    assert await file.read() is None

    await file.keep(a_checkpoint(3))

    assert (await file.read()) == TreeHead(size=3, root=b"r" * 32)


async def test_a_file_that_holds_no_checkpoint_stops_everything(tmp_path):
    (tmp_path / NAME).write_bytes(b"log.example\n7\n")

    with pytest.raises(CorruptedError) as refused:
        await SignedFile(tmp_path).read()

    assert refused.value.code == "checkpoint_file_damaged"
