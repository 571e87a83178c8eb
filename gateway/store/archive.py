"""A folder in which what is retired is kept first: for its owner only, each file whole or not there."""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from gateway.core.errors import ConflictError


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
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = file.with_name(file.name + ".part")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as written:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        part.rename(file)
        _sync(file.parent)


def _sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
