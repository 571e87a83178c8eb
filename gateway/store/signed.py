"""Remembers, in the folder of the keys, what was signed last: a store that is restored cannot know it."""

import asyncio
from pathlib import Path
from typing import Final

from gateway.core.audit.checkpoint import read_checkpoint_text
from gateway.core.audit.note import read_note
from gateway.core.errors import CorruptedError, RejectedError
from gateway.flow.ports import Checkpoint, TreeHead
from gateway.store.private import make_folder, replace_private

NAME: Final = "last-checkpoint"


class SignedFile:
    """The newest checkpoint that was made with the keys of a folder, in a file beside them.

    Several processes may share the folder; each believes the file, and replaces it by a greater one only. Where two do
    so at the same moment the smaller may stay, until the next checkpoint. The folder is trusted, so the signature is
    not verified again.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._alone = asyncio.Lock()

    async def read(self) -> TreeHead | None:
        """Return what was signed last, None where nothing was; CorruptedError `checkpoint_file_damaged`."""
        return await asyncio.to_thread(self._read)

    async def keep(self, checkpoint: Checkpoint) -> None:
        """Remember a checkpoint durably, unless it is over no greater size than the one that is remembered."""
        async with self._alone:
            await asyncio.to_thread(self._keep, checkpoint)

    def _read(self) -> TreeHead | None:
        try:
            note = self._path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            said = read_checkpoint_text(read_note(note).text)
        except RejectedError as error:
            raise CorruptedError(f"{self._path} holds no checkpoint", code="checkpoint_file_damaged") from error
        return TreeHead(size=said.size, root=said.root)

    def _keep(self, checkpoint: Checkpoint) -> None:
        last = self._read()
        if last is None or checkpoint.size > last.size:
            make_folder(self._path.parent)
            replace_private(self._path, checkpoint.note.encode())
