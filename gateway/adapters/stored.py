"""The adapters in service, as a snapshot in memory that follows the store within a second."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog

from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.loading import load_adapter
from gateway.core.conversion.versions import AdapterVersion, unpack_files
from gateway.core.errors import AdapterError, CorruptedError, SettingsError
from gateway.flow import ports
from gateway.resources import shipped_code_lists

_KEPT: Final = 64  # adapters loaded before that are kept at hand, so that going back to one costs nothing

_log = structlog.get_logger(__name__)


@dataclass(kw_only=True, slots=True)
class StoredAdapters:
    """The adapters of one process; only `refresh` changes what serves, all of it in one assignment.

    Whoever holds an adapter goes on with it: a version that is replaced finishes what it began.
    """

    versions: ports.AdapterVersions
    load: Callable[[bytes], Adapter] = field(default_factory=lambda: load_packed)
    _serving: Mapping[str, Adapter] = field(default_factory=dict, repr=False)  # by layout
    _loaded: dict[str, Adapter] = field(default_factory=dict, repr=False)  # by digest, the one used last at the end
    _changes: int = -1  # that the snapshot has seen

    def named(self, layout: str) -> Adapter | None:
        """Return the active version of a layout's adapter."""
        return self._serving.get(layout)

    async def start(self, at_hand: Iterable[Adapter]) -> None:
        """Read what serves; `at_hand` are adapters that need no loading.

        Raises SettingsError `adapter_unloadable` where this program cannot load what is in service: nobody's documents
        are refused because of it, for the gateway does not start.
        """
        self._loaded |= {each.digest: each for each in at_hand}
        try:
            await self.refresh()
        except AdapterError as error:
            raise SettingsError(
                f"an adapter in service cannot be loaded: {error}", code="adapter_unloadable", faults=error.faults
            ) from None

    async def refresh(self) -> None:
        """Take over what serves now; nothing changes here before all of it is loaded."""
        changes = await self.versions.changes_so_far()
        if changes == self._changes:
            return
        serving = {each.layout: await self._adapter(each) for each in await self.versions.adapter_versions(active=True)}
        self._serving, self._changes = serving, changes

    async def _adapter(self, version: AdapterVersion) -> Adapter:
        adapter = self._loaded.pop(version.digest, None)
        if adapter is None:
            packed = await self.versions.version_files(version.layout, version.version)
            adapter = await asyncio.to_thread(self.load, packed or b"")  # the event loop goes on meanwhile
            if adapter.digest != version.digest:
                raise CorruptedError("an adapter's files are not those that were put there", code="adapter_damaged")
            _log.info("adapter_loaded", layout=version.layout, version=version.version)
        self._loaded[version.digest] = adapter
        while len(self._loaded) > _KEPT:
            del self._loaded[next(iter(self._loaded))]
        return adapter


def load_packed(packed: bytes) -> Adapter:
    """Load an adapter out of the store and compile all of it, so that its first document waits for nothing.

    Raises AdapterError where this program cannot load it, CorruptedError where it is not what was packed.
    """
    adapter = load_adapter(unpack_files(packed), shipped_code_lists())
    adapter.compile()
    return adapter
