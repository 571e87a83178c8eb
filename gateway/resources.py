"""Where the files that travel with the program are: beside the package in a checkout, inside it when installed."""

from pathlib import Path

_INSTALLED = Path(__file__).parent / "_data"
_CHECKOUT = Path(__file__).parent.parent


def data_folder(name: str) -> Path:
    """Return the folder `adapters`, `schemas` or `config` that belongs to this program."""
    installed = _INSTALLED / name
    return installed if installed.is_dir() else _CHECKOUT / name
