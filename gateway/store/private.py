"""Files that only their owner can read, at any moment: keys, and the secrets of partners."""

import os
import stat
from pathlib import Path

from gateway.core.errors import SettingsError

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_folder(folder: Path) -> None:
    """Make a folder of its owner's own, where there is none."""
    folder.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)


def read_private(path: Path) -> bytes:
    """Return the file's bytes; the mode is that of the very file that is then read."""
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if mode & _OTHERS:
            raise SettingsError(
                f"others than its owner can read {path} (mode {stat.S_IMODE(mode):04o}): chmod 600 it, and rotate the "
                "key if anybody else has access to this machine",
                code="key_file_exposed",
            )
        return file.read()


def write_private(path: Path, content: bytes) -> None:
    """Write a new file that nobody else can read at any moment, and that is there whole or not at all."""
    partial = path.with_suffix(".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
