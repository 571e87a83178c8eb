"""A folder in which what is retired is kept first: for its owner only, each file whole or not there."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from gateway.core.errors import ConflictError
from gateway.store.private import make_folder, replace_private


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderArchive:
    """Files below a folder."""

    folder: Path

    async def put(self, path: str, content: bytes) -> None:
        """Keep a file under a path, durable when it returns; the same again changes nothing."""
        await asyncio.to_thread(self._put, self.folder / path, content)

    def _put(self, file: Path, content: bytes) -> None:
        if file.exists():
            if file.read_bytes() != content:
                raise ConflictError("the folder holds another archive", code="archive_unfit")
            return
        make_folder(file.parent)
        replace_private(file, content)
