"""What a gateway brings to its store when it starts: the adapters that came with it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from gateway.core.audit.entry import EntryKind
from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.versions import AdapterVersion, Origin, Step, VersionChange, VersionState, pack_files
from gateway.core.errors import Fault, SettingsError
from gateway.flow.entries import WriteEntries
from gateway.flow.ports import AdapterVersions

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shipped:
    """An adapter that came with the program, or that the settings name, and how to get at its files."""

    adapter: Adapter
    files: Callable[[], Mapping[str, bytes]]


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordShipped:
    """Record what came with the program; a layout that is new here is in service from the start.

    A later version of a layout that is known waits for somebody to activate it. Doing it again changes nothing.
    """

    versions: AdapterVersions
    entries: WriteEntries

    async def __call__(self, shipped: Iterable[Shipped]) -> None:
        """Return once all are recorded; SettingsError `adapter_altered` for a known version with other files."""
        shipped = tuple(shipped)
        kept = await self.versions.adapter_versions()
        self._refuse_altered([each.adapter for each in shipped], kept)
        known = {(each.layout, each.version) for each in kept}
        for each in shipped:
            adapter = each.adapter
            others = [one for one in kept if one.layout == adapter.name and one.version != adapter.version]
            if (adapter.name, adapter.version) not in known:
                await self._keep(each)
                if others:
                    _log.info("adapter_version_waits", layout=adapter.name, version=adapter.version)
            if not others:
                await self._begin_with(adapter)

    def _refuse_altered(self, adapters: Sequence[Adapter], kept: Sequence[AdapterVersion]) -> None:
        digests = {(each.layout, each.version): each.digest for each in kept}
        altered = [each for each in adapters if digests.get((each.name, each.version), each.digest) != each.digest]
        if altered:
            names = ", ".join(f"{each.name} {each.version}" for each in altered)
            raise SettingsError(
                f"kept with other files under the same version: {names}",
                code="adapter_altered",
                faults=tuple(_altered(each) for each in altered),
            )

    async def _keep(self, shipped: Shipped) -> None:
        version = self._version(shipped.adapter)
        entry = self.entries.adapted(EntryKind.ADAPTER_SHIPPED, version, self.entries.us)
        await self.versions.put_version(version, pack_files(shipped.files()), b"", entry)

    async def _begin_with(self, adapter: Adapter) -> None:
        """Put the only version of a layout in service, unless anything was ever done with the layout.

        A crash between keeping and activating leaves a version that nobody touched, so the next start comes here too.
        """
        if await self.versions.version_changes(adapter.name):
            return
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


def _altered(adapter: Adapter) -> Fault:
    return Fault(
        pointer=f"/adapters/{adapter.name}",
        code="adapter_altered",
        message="this version was kept with other files",
        message_zh="该版本已以不同内容留存",
        expected="a higher version in adapter.toml, or the files that were there",
    )
