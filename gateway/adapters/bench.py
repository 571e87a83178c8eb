"""The bench: a process for each piece of work with an adapter that nobody vouches for, ended where it asks too much."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from gateway.adapters.child import CPU_S, HUNGRY, MEMORY_BYTES
from gateway.core.errors import AdapterError, Fault, OverloadedError
from gateway.flow.ports import Judgement

WALL_S: Final = 300.0  # it is nice: a machine that has other things to do gives it its seconds much later
_PIPE: Final = asyncio.subprocess.PIPE
QUEUE: Final = 8  # pieces of work that may wait; they are done one after another

_WORDS: Final = {
    "adapter_too_slow": ("Judging the adapter took longer than it may.", "适配器检查超时。"),
    "adapter_too_hungry": ("Judging the adapter took more memory than it may.", "适配器检查占用内存过多。"),
    "adapter_unjudgeable": ("Judging the adapter ended without a verdict.", "适配器检查未能得出结论。"),
}


class _Refused(msgspec.Struct):
    message: str
    code: str
    faults: tuple[Fault, ...]


class _Outcome(msgspec.Struct):
    judged: Judgement | None = None
    compared: dict[str, Any] | None = None
    refused: _Refused | None = None


@dataclass(kw_only=True, slots=True)
class ProcessBench:
    """Works on adapters in a process of their own; owned by one event loop."""

    wall_s: float = WALL_S
    command: tuple[str, ...] = (sys.executable, "-m", "gateway.adapters.child")
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)
    _waiting: int = 0

    async def judge(self, files: Mapping[str, bytes]) -> Judgement:
        """Load and check an adapter."""
        outcome = await self._done({"old": dict(files)})
        if outcome.judged is None:
            raise _gave_up("adapter_unjudgeable", "", "a verdict")
        return outcome.judged

    async def compare(self, old: Mapping[str, bytes], new: Mapping[str, bytes]) -> dict[str, Any]:
        """Return what changed between two adapters."""
        return (await self._done({"old": dict(old), "new": dict(new)})).compared or {}

    async def _done(self, work: dict[str, Any]) -> _Outcome:
        if self._waiting >= QUEUE:
            raise OverloadedError("too many adapters wait to be judged")
        self._waiting += 1
        try:
            async with self._one:
                outcome = await self._run(msgspec.msgpack.encode(work))
        finally:
            self._waiting -= 1
        if outcome.refused is not None:
            refused = outcome.refused
            raise AdapterError(refused.message, code=refused.code, faults=refused.faults)
        return outcome

    async def _run(self, work: bytes) -> _Outcome:
        # The process gets nothing of ours but the way to the program: no settings, no passphrase.
        environ = {name: value for name, value in os.environ.items() if not name.startswith("TONGBAN_")}
        environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
        process = await asyncio.create_subprocess_exec(
            *self.command, env=environ, stdin=_PIPE, stdout=_PIPE, stderr=_PIPE
        )
        try:
            async with asyncio.timeout(self.wall_s):
                said, told = await process.communicate(work)
        except TimeoutError:
            raise _gave_up("adapter_too_slow", "", f"at most {self.wall_s:g} s") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return _read(process.returncode or 0, said, told)


def _read(code: int, said: bytes, told: bytes) -> _Outcome:
    """Return the outcome; raises AdapterError, at the file read last, where there is none."""
    at = told.decode(errors="replace").splitlines()[-1:]
    where = f"{at[0]}#" if at and at[0].isprintable() else ""
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        raise _gave_up("adapter_too_slow", where, f"at most {CPU_S} s of processor time")
    if code in (HUNGRY, -signal.SIGABRT):
        raise _gave_up("adapter_too_hungry", where, f"at most {MEMORY_BYTES} bytes")
    try:
        return msgspec.msgpack.decode(said, type=_Outcome)
    except msgspec.DecodeError:
        raise _gave_up("adapter_unjudgeable", where, "a verdict") from None


def _gave_up(code: str, pointer: str, expected: str) -> AdapterError:
    message, message_zh = _WORDS[code]
    fault = Fault(pointer=pointer, code=code, message=message, message_zh=message_zh, expected=expected)
    return AdapterError(message, code=code, faults=(fault,))
