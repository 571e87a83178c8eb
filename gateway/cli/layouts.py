"""Which adapter a command works with: a folder, or the name of a layout that comes with the program."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from gateway.adapters.stored import load_packed
from gateway.cli.setup import Setup, desk, run
from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.loading import load_adapter
from gateway.core.errors import SettingsError
from gateway.resources import data_folder, read_adapter_folder, shipped_code_lists
from gateway.settings import Settings
from gateway.store import without_password

_NO_STORE: Final = ("settings_missing", "store_missing")


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


named_option: Callable[[Any], Any] = click.option(
    "--adapter",
    "named",
    required=True,
    metavar="DIR|LAYOUT",
    help="Folder of the adapter, or the name of a layout that is in service here or shipped.",
)


def adapter_named(setup: Setup, named: str) -> Adapter:
    """Load the adapter in a folder, else the version of a layout that is in service, else a shipped layout.

    The store is looked in where settings and a store are there. Raises AdapterError where the adapter cannot be
    loaded, BadParameter, which says where it was looked for, where there is none.
    """
    if (Path(named) / "adapter.toml").is_file():
        return adapter_in(Path(named))
    looked = [f"there is no adapter.toml in {named}"]
    if Path(named).name == named:
        try:
            settings = setup.settings()
            if (served := run(_in_service(settings, named))) is not None:
                return served
            looked.append(f"no version of such a layout is active in {without_password(settings.store)}")
        except SettingsError as error:
            if error.code not in _NO_STORE:
                raise
            looked.append(f"no store was looked in ({error})")
        if (shipped := data_folder("adapters") / named).is_dir():
            return adapter_in(shipped)
        looked.append("no layout of that name is shipped")
    raise click.BadParameter("; ".join(looked), param_hint="adapter")


async def _in_service(settings: Settings, layout: str) -> Adapter | None:
    async with desk(settings) as place:
        for each in await place.store.adapter_versions(layout=layout, active=True):
            return load_packed(await place.store.version_files(each.layout, each.version) or b"")
    return None


def adapter_in(folder: Path) -> Adapter:
    """Load the adapter in a folder; raises AdapterError with every reason."""
    return load_adapter(read_adapter_folder(folder), shipped_code_lists())
