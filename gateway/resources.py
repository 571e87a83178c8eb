"""Where the files that travel with the program are: beside the package in a checkout, inside it when installed."""

import os
import stat
from pathlib import Path

from gateway.core.errors import AdapterError

_INSTALLED = Path(__file__).parent / "_data"
_CHECKOUT = Path(__file__).parent.parent


def data_folder(name: str) -> Path:
    """Return the folder `adapters`, `schemas` or `config` that belongs to this program."""
    installed = _INSTALLED / name
    return installed if installed.is_dir() else _CHECKOUT / name


_FILES_LIMIT = 500
_FILE_BYTES_LIMIT = 4 << 20


def read_adapter_folder(folder: Path) -> dict[str, bytes]:
    """Return an adapter's files by relative path, hidden ones left out.

    Raises AdapterError for a symbolic link or any other special file, and for more or larger files than an adapter has.
    """
    files: dict[str, bytes] = {}
    for place, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted((*names, *folders)):
            path = Path(place, name)
            mode = path.lstat().st_mode
            if stat.S_ISDIR(mode) or name.startswith("."):
                continue
            if not stat.S_ISREG(mode) or path.stat().st_size > _FILE_BYTES_LIMIT or len(files) == _FILES_LIMIT:
                raise AdapterError(f"not an adapter's file, or too many or too large: {path.relative_to(folder)}")
            files[path.relative_to(folder).as_posix()] = path.read_bytes()
    if not files:
        raise AdapterError(f"no adapter in {folder.name}")
    return files
