"""Adapters: those in service, every version that was ever there, and the bench that untrusted ones are judged on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.versions import AdapterVersion, VersionChange, VersionState
from gateway.flow.ports.log import SaltedEntry


class Adapters(Protocol):
    """The adapters in service, as known to this process at this moment: no waiting, no I/O."""

    def named(self, layout: str) -> Adapter | None:
        """Return the active version of a layout's adapter."""
        ...


class AdapterVersions(Protocol):
    """Every version of every adapter, with its files for ever, and the history of what served when."""

    async def put_version(self, version: AdapterVersion, files: bytes, report: bytes, entry: SaltedEntry) -> bool:
        """Keep a version with its packed files and its report (JSON, empty where it was not judged here).

        False where the layout has this version already, with this digest; then nothing changes.
        Raises ConflictError `adapter_version_exists` where it has it with another digest: a version never changes.
        """
        ...

    async def move_version(
        self, change: VersionChange, *, since: VersionState, instead_of: str, report: bytes, entry: SaltedEntry
    ) -> bool:
        """Take one step with a version, if it is still in the state `since` and `instead_of` still serves ("": none).

        Becoming active retires the version that it replaces. A CHECK replaces the report. The step goes into the
        history. False where another was faster, or there is no such version; then nothing changes.
        """
        ...

    async def adapter_versions(self, *, layout: str = "", active: bool = False) -> tuple[AdapterVersion, ...]:
        """Return versions in order of layout and of coming; only those in service where `active`."""
        ...

    async def version_changes(self, layout: str) -> tuple[VersionChange, ...]:
        """Return the history of a layout, oldest first."""
        ...

    async def changes_so_far(self) -> int:
        """Return a number that grows with every change of what serves; reading it costs next to nothing."""
        ...

    async def version_files(self, layout: str, version: str) -> bytes | None:
        """Return the packed files of a version."""
        ...

    async def version_report(self, layout: str, version: str) -> bytes | None:
        """Return the report of a version as it was kept."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """What an adapter turned out to be."""

    layout: str
    version: str
    digest: str
    passed: bool
    report: bytes  # JSON


class Bench(Protocol):
    """Where files that nobody vouches for are worked on, within limits of time and memory and away from the gateway."""

    async def judge(self, files: Mapping[str, bytes]) -> Judgement:
        """Load and check an adapter.

        Raises AdapterError with every reason where it cannot be loaded, or where that takes more than it may:
        `adapter_too_costly`, `adapter_too_slow`, `adapter_too_hungry`; OverloadedError where too many wait.
        """
        ...

    async def compare(self, old: Mapping[str, bytes], new: Mapping[str, bytes]) -> dict[str, Any]:
        """Return what changed between two adapters, as `core.conversion.comparison` says it; raises as `judge`."""
        ...
