"""Files that only their owner can read, at any moment: keys, and the secrets of partners."""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.core.errors import SettingsError

if sys.platform != "win32":
    import fcntl

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_folder(folder: Path) -> None:
    """Make a folder of its owner's own, where there is none."""
    folder.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other processes that ask for the same out of a folder, made where there is none, while the context lasts.

    The lock ends with whoever holds it. On Windows nobody is kept out: there is one gateway to a folder.
    """
    make_folder(folder)
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


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
    _write_through(partial, os.O_EXCL, content)
    partial.rename(path)
    sync_folder(path.parent)


def replace_private(path: Path, content: bytes) -> None:
    """Write a file in place of one that may be there: whole, or it stays what it was, and durable when this returns."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")  # what a crash left there is written over
    _write_through(partial, os.O_TRUNC, content)
    partial.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make durable which files a folder has."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_through(path: Path, flag: int, content: bytes) -> None:
    """Write a file of its owner's own, down to the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | flag, stat.S_IRUSR | stat.S_IWUSR)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
