"""Processes under measurement: started as `python -m MODULE`, ready when they say so, accounted by the kernel.

What they use of CPU and memory is read from /proc, so the benchmarks run on Linux.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

READY = "ready"
_TICKS_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_UTIME, _STIME, _CUTIME, _CSTIME = 11, 12, 13, 14  # fields of /proc/PID/stat behind the name, proc(5)


class Server:
    """One process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    @property
    def cpu_s(self) -> float:
        """User and system time used so far, to the kernel's tick of 10 ms."""
        return _cpu_s(self._process.pid, _UTIME, _STIME)

    @property
    def rss_bytes(self) -> int:
        """Resident memory at this moment."""
        return int(Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES


def family_cpu_s(pid: int) -> float:
    """Return what a process and its children have used so far, those included that have ended."""
    spent = 0.0
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
        with suppress(
            FileNotFoundError, ProcessLookupError
        ):  # it has just ended: the parent accounts for it, read last
            spent += _cpu_s(int(child), _UTIME, _STIME)
    return spent + _cpu_s(pid, _UTIME, _STIME, _CUTIME, _CSTIME)


def _cpu_s(pid: int, *fields: int) -> float:
    found = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(int(found[each]) for each in fields) / _TICKS_S


@contextmanager
def serving(module: str, *arguments: str) -> Iterator[Server]:
    """Run a module that prints `ready` once it listens; it is terminated at the end."""
    process = subprocess.Popen([sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if line.strip() == READY:
                break
        else:
            sys.exit(f"{module} did not start")
        yield Server(process)
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stdout.close()


@contextmanager
def disk() -> Iterator[Path]:
    """Give a folder on the disk that the checkout is on: a temporary file system would make commits free."""
    with TemporaryDirectory(prefix=".bench-", dir=Path.cwd()) as folder:
        yield Path(folder)
