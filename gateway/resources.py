"""Where the files that travel with the program are: beside the package in a checkout, inside it when installed."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

import orjson

from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.loading import load_adapter
from gateway.core.conversion.versions import pack_files
from gateway.core.errors import AdapterError
from gateway.core.forms import Form, canonical_forms
from gateway.core.model import DocumentKind

_INSTALLED = Path(__file__).parent / "_data"
_CHECKOUT = Path(__file__).parent.parent


def data_folder(name: str) -> Path:
    """Return the folder `adapters`, `schemas` or `config` that belongs to this program."""
    installed = _INSTALLED / name
    return installed if installed.is_dir() else _CHECKOUT / name


_FILES_LIMIT: Final = 500
_FILE_BYTES_LIMIT: Final = 4 << 20


def shipped_schemas() -> dict[str, Any]:
    """Return the schemas of the canonical forms, by file."""
    return _documents(data_folder("schemas") / "canonical" / "v1")


@cache
def shipped_forms() -> Mapping[DocumentKind, Form]:
    """Return the canonical forms, compiled once in a process."""
    return canonical_forms(shipped_schemas())


def shipped_code_lists() -> dict[str, tuple[str, ...]]:
    """Return the values of every canonical code list, by the list's name."""
    lists = _documents(data_folder("schemas") / "codes")
    return {name: tuple(value["code"] for value in each["values"]) for name, each in lists.items()}


@cache
def shipped_code_titles() -> Mapping[str, Mapping[str, tuple[str, str]]]:
    """Return what people call the values of every canonical code list, in English and Chinese, by the list's name."""
    lists = _documents(data_folder("schemas") / "codes")
    return {
        name: {value["code"]: (value["title"], value["titleZh"]) for value in each["values"]}
        for name, each in lists.items()
    }


def shipped_labels() -> dict[str, dict[str, str]]:
    """Return the Chinese name of each value of every canonical code list, with its code, by the list's name."""
    lists = _documents(data_folder("schemas") / "codes")
    return {name: {value["titleZh"]: value["code"] for value in each["values"]} for name, each in lists.items()}


@dataclass(frozen=True, kw_only=True)  # without slots: what is packed is kept once made
class Installed:
    """An adapter that stands in a folder of this machine."""

    adapter: Adapter
    folder: Path

    @cached_property
    def packed(self) -> bytes:
        """Its files, packed as a store keeps them."""
        return pack_files(read_adapter_folder(self.folder))


def installed_adapters(folder: Path) -> tuple[Installed, ...]:
    """Load every adapter below a folder; raises AdapterError for the first that cannot be loaded."""
    lists = shipped_code_lists()
    layouts = sorted(path for path in folder.iterdir() if (path / "adapter.toml").is_file())
    return tuple(Installed(adapter=load_adapter(read_adapter_folder(path), lists), folder=path) for path in layouts)


@cache
def shipped() -> tuple[Installed, ...]:
    """Return the adapters that come with the program, compiled once in a process."""
    return installed_adapters(data_folder("adapters"))


def installed(folder: str) -> tuple[Installed, ...]:
    """Return the adapters of the folder that the settings name, else those that come with the program."""
    return installed_adapters(Path(folder)) if folder else shipped()


def shipped_adapters() -> Mapping[str, Adapter]:
    """Return the adapters that come with the program, by layout."""
    return {each.adapter.name: each.adapter for each in shipped()}


def _documents(folder: Path) -> dict[str, Any]:
    return {path.name.partition(".")[0]: orjson.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))}


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
