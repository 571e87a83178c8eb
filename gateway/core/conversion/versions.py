"""The life of an adapter's version: what may become of it, and which version comes back when one is rolled back.

A version never changes: its files, and so its digest, stay what they were when it was put there. What changes is
whether it serves. One version of a layout serves at a time; the one it replaces is retired and may come back.
"""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from gateway.core.errors import CorruptedError


class VersionState(StrEnum):
    """Every version is always in exactly one of these."""

    DRAFT = "draft"  # it can be read, but its conformance report says that it does not hold
    CHECKED = "checked"  # it may be activated
    ACTIVE = "active"  # it converts for its layout
    RETIRED = "retired"  # it does not any more; its files stay, so that anybody can run an old conversion again


class Origin(StrEnum):
    """Where a version came from."""

    SHIPPED = "shipped"  # with the program, or in the folder that the settings name
    UPLOADED = "uploaded"


class Step(StrEnum):
    """What an operator, or the start of a gateway, does to a version."""

    CHECK = "check"
    ACTIVATE = "activate"
    ROLL_BACK = "roll_back"
    RETIRE = "retire"


# What a step makes of a version, by the state it is in; a step that is not here is refused.
TRANSITIONS: Final[Mapping[VersionState, Mapping[Step, VersionState]]] = {
    VersionState.DRAFT: {Step.CHECK: VersionState.CHECKED, Step.RETIRE: VersionState.RETIRED},
    VersionState.CHECKED: {
        Step.ACTIVATE: VersionState.ACTIVE,
        Step.RETIRE: VersionState.RETIRED,
    },
    VersionState.ACTIVE: {Step.RETIRE: VersionState.RETIRED},
    VersionState.RETIRED: {Step.ACTIVATE: VersionState.ACTIVE, Step.ROLL_BACK: VersionState.ACTIVE},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class AdapterVersion:
    """One version of a layout's adapter, without its files."""

    layout: str
    version: str
    digest: str  # RFC 9530 form, over the listing of its files
    origin: Origin
    state: VersionState
    passed: bool  # whether its conformance report holds; a shipped one is believed, for the program's tests judge it
    put_at: datetime
    put_by: str  # partner id of the operator, or the gateway's own for its command line and its start


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionChange:
    """One step in the life of a version, as it is kept in the history for good."""

    layout: str
    version: str
    step: Step
    at: datetime
    by: str  # as `put_by`


def standing(history: Iterable[VersionChange]) -> tuple[str, ...]:
    """Return the versions of one layout that served, oldest first; rolling back goes from the last to the one before.

    A version that was rolled back from is no longer among them, so rolling back again goes further back.
    "" stands last while none is in service.
    """
    served: list[str] = []
    for change in history:
        if change.step is Step.ACTIVATE:
            served = [*_in_service(served), change.version]
        elif change.step is Step.ROLL_BACK:
            del served[-1:]
        elif change.step is Step.RETIRE and served[-1:] == [change.version]:
            served.append("")
    return tuple(served)


def _in_service(served: list[str]) -> list[str]:
    return served[:-1] if served[-1:] == [""] else served


def pack_files(files: Mapping[str, bytes]) -> bytes:
    """Return an adapter's files as one compact text that is the same for the same files."""
    return zlib.compress(msgspec.msgpack.encode({name: files[name] for name in sorted(files)}))


def unpack_files(packed: bytes) -> dict[str, bytes]:
    """Return the files that `pack_files` was given; CorruptedError where it is not what that made."""
    try:
        return msgspec.msgpack.decode(zlib.decompress(packed), type=dict[str, bytes])
    except (zlib.error, msgspec.DecodeError):
        raise CorruptedError("the files of an adapter cannot be read back", code="adapter_damaged") from None
