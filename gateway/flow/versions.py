"""Bring a version of an adapter, look at what is there, and say what changed from one to another."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gateway.core.audit.entry import EntryKind, Party
from gateway.core.conversion.versions import (
    AdapterVersion,
    Origin,
    Step,
    VersionChange,
    VersionState,
    pack_files,
    standing,
    unpack_files,
)
from gateway.core.errors import NotFoundError
from gateway.flow.entries import WriteEntries
from gateway.flow.ports import AdapterVersions, Bench, Judgement


@dataclass(frozen=True, kw_only=True, slots=True)
class Uploaded:
    """A version as it is kept, its report, and whether it was new."""

    version: AdapterVersion
    report: bytes
    first: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadVersion:
    """Judge an adapter and keep it: a draft where its examples do not hold, else ready to be activated.

    Repeating it is harmless, and gives a draft another chance: what is checked may know more by then.
    """

    versions: AdapterVersions
    bench: Bench
    entries: WriteEntries

    async def __call__(self, files: Mapping[str, bytes], by: Party) -> Uploaded:
        """Return the version as it is kept.

        Raises AdapterError with every reason where it cannot be loaded or judged, and then nothing is kept;
        ConflictError `adapter_version_exists` where the layout has this version with other files.
        """
        judged = await self.bench.judge(files)
        version = self._version(judged, by)
        entry = self.entries.adapted(EntryKind.ADAPTER_UPLOADED, version, by)
        first = await self.versions.put_version(version, pack_files(files), judged.report, entry)
        kept = await version_of(self.versions, version.layout, version.version)
        if kept.state is VersionState.DRAFT and judged.passed:
            kept = await self._passed(kept, judged, by)
        return Uploaded(version=kept, report=judged.report, first=first)

    def _version(self, judged: Judgement, by: Party) -> AdapterVersion:
        return AdapterVersion(
            layout=judged.layout,
            version=judged.version,
            digest=judged.digest,
            origin=Origin.UPLOADED,
            state=VersionState.CHECKED if judged.passed else VersionState.DRAFT,
            passed=judged.passed,
            put_at=self.entries.clock.now(),
            put_by=by.partner,
        )

    async def _passed(self, draft: AdapterVersion, judged: Judgement, by: Party) -> AdapterVersion:
        await self.versions.move_version(
            VersionChange(
                layout=draft.layout,
                version=draft.version,
                step=Step.CHECK,
                at=self.entries.clock.now(),
                by=by.partner,
            ),
            since=VersionState.DRAFT,
            instead_of=await serving(self.versions, draft.layout),
            report=judged.report,
            entry=self.entries.adapted(EntryKind.ADAPTER_CHECKED, replace(draft, passed=True), by),
        )
        return await version_of(self.versions, draft.layout, draft.version)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A version with everything that is known about it."""

    version: AdapterVersion
    report: bytes
    history: tuple[VersionChange, ...]  # of its layout
    standing: tuple[str, ...]  # versions of the layout that a roll back goes through, the one in service last


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadVersions:
    """Look at versions: anybody who may can fetch the very files that an old conversion was made with."""

    versions: AdapterVersions
    bench: Bench

    async def all(self, layout: str = "") -> tuple[AdapterVersion, ...]:
        """Return every version, in order of layout and of coming."""
        return await self.versions.adapter_versions(layout=layout)

    async def one(self, layout: str, version: str) -> Shown:
        """Return a version with its report, made now where none was kept; NotFoundError where it is not there."""
        kept = await version_of(self.versions, layout, version)
        report = await self.versions.version_report(layout, version)
        history = await self.versions.version_changes(layout)
        if not report:
            report = (await self.bench.judge(await self.files(layout, version))).report
        return Shown(version=kept, report=report, history=history, standing=standing(history))

    async def files(self, layout: str, version: str) -> dict[str, bytes]:
        """Return the files of a version, byte for byte; NotFoundError where it is not there."""
        packed = await self.versions.version_files(layout, version)
        if packed is None:
            raise _unknown()
        return unpack_files(packed)

    async def compare(self, layout: str, old: str, new: str) -> dict[str, Any]:
        """Return what changed from one version to another; NotFoundError where one is not there."""
        return await self.bench.compare(await self.files(layout, old), await self.files(layout, new))


async def version_of(versions: AdapterVersions, layout: str, version: str) -> AdapterVersion:
    """Return a version; raises NotFoundError `adapter_version_unknown`."""
    for each in await versions.adapter_versions(layout=layout):
        if each.version == version:
            return each
    raise _unknown()


async def serving(versions: AdapterVersions, layout: str) -> str:
    """Return which version of a layout serves, "" for none."""
    active = await versions.adapter_versions(layout=layout, active=True)
    return active[0].version if active else ""


def _unknown() -> NotFoundError:
    return NotFoundError("this layout has no such version", code="adapter_version_unknown")
