"""Which adapter a command works with: a folder, or the name of a layout that comes with the program."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.loading import load_adapter
from gateway.resources import data_folder, read_adapter_folder, shipped_code_lists


class AdapterFolder(click.ParamType[Path]):
    """The folder of an adapter, which holds an `adapter.toml`."""

    name = "adapter"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the folder; a bare name may be that of a shipped layout."""
        places = [Path(value)]
        if Path(value).name == str(value):
            places.append(data_folder("adapters") / str(value))
        found = next((place for place in places if (place / "adapter.toml").is_file()), None)
        if found is None:
            self.fail(f"there is no adapter.toml in {value}, and no layout of that name is shipped", param, ctx)
        return found


class DivisionPrefix(click.ParamType[str]):
    """A division code, or its beginning."""

    name = "division"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the digits."""
        text = str(value)
        if not (text.isascii() and text.isdigit() and 2 <= len(text) <= 12):  # noqa: PLR2004 - GB/T 2260 and below
            self.fail("not a division code or its beginning: 2 to 12 digits", param, ctx)
        return text


adapter_option: Callable[[Any], Any] = click.option(
    "--adapter",
    "folder",
    type=AdapterFolder(),
    required=True,
    metavar="DIR|LAYOUT",
    help="Folder of the adapter, or the name of one that is shipped.",
)


def adapter_in(folder: Path) -> Adapter:
    """Load the adapter in a folder; raises AdapterError with every reason."""
    return load_adapter(read_adapter_folder(folder), shipped_code_lists())
