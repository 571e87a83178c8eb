"""The process that untrusted adapters are worked on in: it limits itself before it reads a byte of them.

Work comes in on stdin, the outcome goes out on stdout, and stderr says which file is being read, a line each. Whatever
the work does to this process, the gateway only ever sees that it ended.
"""

import os
import resource
import sys
from typing import Any, Final

import msgspec

from gateway.adapters.work import compared, judge
from gateway.core.errors import AdapterError

CPU_S: Final = 20  # of processor time; the largest shipped adapter took eight on a busy machine, half to draw documents
MEMORY_BYTES: Final = 1 << 30  # of address space, of which an idle interpreter has a tenth
HUNGRY: Final = 3  # exit codes: what memory was not enough for,
LOST: Final = 4  # and whatever else went wrong


def main() -> None:
    """Do one piece of work and end."""
    os.nice(10)  # whoever waits for the gateway comes first
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    try:
        outcome = _outcome(msgspec.msgpack.decode(sys.stdin.buffer.read()))
        sys.stdout.buffer.write(msgspec.msgpack.encode(outcome))
        sys.stdout.buffer.flush()
    except MemoryError:
        os._exit(HUNGRY)
    except Exception:  # noqa: BLE001 - whatever an adapter brings about in here, the gateway is told one thing
        os._exit(LOST)


def _outcome(work: dict[str, Any]) -> dict[str, Any]:
    try:
        if "new" in work:
            return {"compared": compared(work["old"], work["new"], _tell)}
        return {"judged": judge(work["old"], _tell)}
    except AdapterError as error:
        return {"refused": {"message": str(error), "code": error.code, "faults": error.faults}}


def _tell(name: str) -> None:
    sys.stderr.write(f"{name}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
