"""`tongban serve` on a machine whose clock is wrong: FAULT_CLOCK names a file that says by how many seconds, now.

Everything else is the product's own, the settings from the environment among it.
"""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from gateway.cli.logs import log_as_set
from gateway.cli.serve import serve_gateway
from gateway.cli.setup import run
from gateway.settings import load_settings
from gateway.world import SystemClock

SERVE = ("-m", "tests.faults.serve")
CLOCK = "FAULT_CLOCK"


@dataclass(frozen=True, kw_only=True)
class WrongClock:
    """The machine's clock, and what somebody makes of it: each look may find it elsewhere."""

    file: Path

    def now(self) -> datetime:
        """Return what it says at this moment."""
        return SystemClock().now() + timedelta(seconds=float(self.file.read_text()))

    def put_wrong(self, by: timedelta) -> None:
        """Let it be wrong by so much from now on; whoever looks sees the one or the other."""
        written = self.file.with_suffix(".new")
        written.write_text(str(by.total_seconds()))
        written.replace(self.file)


def main() -> None:
    settings = load_settings(None, os.environ)
    log_as_set(settings)
    run(serve_gateway(settings, None, as_json=True, clock=WrongClock(file=Path(os.environ[CLOCK]))))


if __name__ == "__main__":
    main()
