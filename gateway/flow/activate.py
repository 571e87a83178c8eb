"""Decide which version of an adapter converts: activate one, roll back to the one before, or take it out of service."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.core.audit.entry import EntryKind, Party
from gateway.core.conversion.versions import TRANSITIONS, AdapterVersion, Step, VersionChange, VersionState, standing
from gateway.core.errors import ConflictError, Fault
from gateway.core.model import Partner, PartnerStatus
from gateway.flow.entries import WriteEntries
from gateway.flow.ports import AdapterVersions, Partners
from gateway.flow.versions import serving, version_of

_KINDS: Final = {
    Step.ACTIVATE: EntryKind.ADAPTER_ACTIVATED,
    Step.ROLL_BACK: EntryKind.ADAPTER_ROLLED_BACK,
    Step.RETIRE: EntryKind.ADAPTER_RETIRED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TakeStep:
    """Take one step with a version, unless somebody else changed its layout since it was looked at."""

    versions: AdapterVersions
    entries: WriteEntries

    async def __call__(self, version: AdapterVersion, step: Step, *, instead_of: str, by: Party) -> AdapterVersion:
        """Return the version as it is now, durable with its entry in the log.

        Raises ConflictError: `adapter_not_checked`, `adapter_step_refused`, or `adapter_overtaken` where another was
        faster; then nothing changed.
        """
        state = TRANSITIONS[version.state].get(step)
        if step is not Step.RETIRE and not version.passed:
            raise _conflict("adapter_not_checked", "the version has not passed its check", "该版本未通过检查")
        if state is None:
            raise _conflict("adapter_step_refused", f"a {version.state} version", f"当前状态：{version.state}")
        change = VersionChange(
            layout=version.layout, version=version.version, step=step, at=self.entries.clock.now(), by=by.partner
        )
        entry = self.entries.adapted(_KINDS[step], version, by)
        if not await self.versions.move_version(
            change, since=version.state, instead_of=instead_of, report=b"", entry=entry
        ):
            raise _conflict("adapter_overtaken", "somebody else changed this layout just now", "该格式刚被他人更改")
        return await version_of(self.versions, version.layout, version.version)


@dataclass(frozen=True, kw_only=True, slots=True)
class ActivateVersion:
    """Let a version convert for its layout from now on; what is under way finishes on the version it began with."""

    versions: AdapterVersions
    take: TakeStep

    async def __call__(self, layout: str, version: str, by: Party) -> AdapterVersion:
        """Return the version, active; one that is active already is left alone. Raises as `TakeStep`."""
        wanted = await version_of(self.versions, layout, version)
        if wanted.state is VersionState.ACTIVE:
            return wanted
        return await self.take(wanted, Step.ACTIVATE, instead_of=await serving(self.versions, layout), by=by)


@dataclass(frozen=True, kw_only=True, slots=True)
class RollBack:
    """Let the version that served before convert again; doing it once more goes further back."""

    versions: AdapterVersions
    take: TakeStep

    async def __call__(self, layout: str, by: Party) -> AdapterVersion:
        """Return the version that is active again; ConflictError `adapter_no_earlier` where none served before."""
        served = standing(await self.versions.version_changes(layout))
        if len(served) < 2:  # noqa: PLR2004 - the one in service and the one before
            raise _conflict("adapter_no_earlier", "no version served before", "没有更早启用过的版本")
        earlier = await version_of(self.versions, layout, served[-2])
        return await self.take(earlier, Step.ROLL_BACK, instead_of=served[-1], by=by)


@dataclass(frozen=True, kw_only=True, slots=True)
class RetireVersion:
    """Take a version out of service, or see to it that one that waits never enters it."""

    versions: AdapterVersions
    partners: Partners
    take: TakeStep

    async def __call__(self, layout: str, version: str, by: Party) -> AdapterVersion:
        """Return the version, retired; ConflictError `adapter_in_use`, naming them, while active partners speak it."""
        wanted = await version_of(self.versions, layout, version)
        if wanted.state is VersionState.RETIRED:
            return wanted
        if wanted.state is VersionState.ACTIVE:
            _refuse_used([each for each in await self.partners.partners() if _speaks(each, layout)])
        return await self.take(wanted, Step.RETIRE, instead_of=await serving(self.versions, layout), by=by)


def _speaks(partner: Partner, layout: str) -> bool:
    return partner.adapter == layout and partner.status is PartnerStatus.ACTIVE


def _refuse_used(partners: Sequence[Partner]) -> None:
    if partners:
        names = ", ".join(each.id for each in partners)
        message, message_zh = "this partner speaks the layout", "该合作方正在使用此格式"
        faults = tuple(
            Fault(
                pointer=f"/partners/{each.id}",
                code="adapter_in_use",
                message=message,
                message_zh=message_zh,
                expected="suspended, or registered with another layout",
            )
            for each in partners
        )
        raise ConflictError(f"active partners speak this layout: {names}", code="adapter_in_use", faults=faults)


def _conflict(code: str, message: str, message_zh: str) -> ConflictError:
    fault = Fault(pointer="", code=code, message=message, message_zh=message_zh)
    return ConflictError(message, code=code, faults=(fault,))
