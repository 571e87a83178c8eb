"""What a gateway brings to its store when it starts: the adapters that came with it."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from gateway.core.audit.entry import EntryKind
from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.versions import AdapterVersion, Origin, Step, VersionChange, VersionState
from gateway.core.errors import Fault, SettingsError
from gateway.flow.entries import WriteEntries
from gateway.flow.ports import AdapterVersions

_log = structlog.get_logger(__name__)


class Shipped(Protocol):
    """An adapter that came with the program, or that the settings name."""

    @property
    def adapter(self) -> Adapter:
        """The adapter, loaded."""

    @property
    def packed(self) -> bytes:
        """Its files, packed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordShipped:
    """Record what came with the program; a layout that is new here is in service from the start.

    A later version of a layout that is known waits for somebody to activate it. Doing it again changes nothing.
    """

    versions: AdapterVersions
    entries: WriteEntries

    async def __call__(self, shipped: Iterable[Shipped]) -> None:
        """Return once all are recorded; SettingsError `adapter_altered` for a known version with other files."""
        came = {each.adapter.name: each for each in shipped}
        kept = await self.versions.adapter_versions()
        _refuse_altered([each.adapter for each in came.values()], kept)
        touched = {each.layout for each in kept if not _waits(each, came)}
        known = {(each.layout, each.version) for each in kept}
        new = [each for each in came.values() if (each.adapter.name, each.adapter.version) not in known]
        await asyncio.gather(*map(self._keep, new))  # together, so that they share one transaction
        # A crash here leaves versions that nothing was ever done with, and the next start goes on from them.
        await asyncio.gather(*[self._begin_with(each.adapter) for name, each in came.items() if name not in touched])
        for each in new:
            if each.adapter.name in touched:
                _log.info("adapter_version_waits", layout=each.adapter.name, version=each.adapter.version)

    async def _keep(self, shipped: Shipped) -> None:
        version = self._version(shipped.adapter)
        entry = self.entries.adapted(EntryKind.ADAPTER_SHIPPED, version, self.entries.us)
        await self.versions.put_version(version, shipped.packed, b"", entry)

    async def _begin_with(self, adapter: Adapter) -> None:
        version = self._version(adapter)
        change = VersionChange(
            layout=version.layout, version=version.version, step=Step.ACTIVATE, at=version.put_at, by=version.put_by
        )
        entry = self.entries.adapted(EntryKind.ADAPTER_ACTIVATED, version, self.entries.us)
        await self.versions.move_version(change, since=VersionState.CHECKED, instead_of="", report=b"", entry=entry)

    def _version(self, adapter: Adapter) -> AdapterVersion:
        return AdapterVersion(
            layout=adapter.name,
            version=adapter.version,
            digest=adapter.digest,
            origin=Origin.SHIPPED,
            state=VersionState.CHECKED,
            passed=True,
            put_at=self.entries.clock.now(),
            put_by=self.entries.identity.id,
        )


def _waits(version: AdapterVersion, came: Mapping[str, Shipped]) -> bool:
    """Tell whether a version is the one that came with the program, and nothing was ever done with it."""
    shipped = came.get(version.layout)
    return shipped is not None and shipped.adapter.version == version.version and version.state is VersionState.CHECKED


def _refuse_altered(adapters: Sequence[Adapter], kept: Sequence[AdapterVersion]) -> None:
    digests = {(each.layout, each.version): each.digest for each in kept}
    altered = [each for each in adapters if digests.get((each.name, each.version), each.digest) != each.digest]
    if altered:
        names = ", ".join(f"{each.name} {each.version}" for each in altered)
        raise SettingsError(
            f"kept with other files under the same version: {names}",
            code="adapter_altered",
            faults=tuple(map(_altered, altered)),
        )


def _altered(adapter: Adapter) -> Fault:
    return Fault(
        pointer=f"/adapters/{adapter.name}",
        code="adapter_altered",
        message="this version was kept with other files",
        message_zh="该版本已以不同内容留存",
        expected="a higher version in adapter.toml, or the files that were there",
    )
