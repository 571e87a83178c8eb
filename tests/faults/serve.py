"""`tongban serve` with fault points around its store: what FAULT_POINTS names happens in this process.

    FAULT_POINTS="receive:killed_after:2 claim:failed:1" python -m tests.faults.serve

Everything else is the product's own, the settings from the environment among it.
"""

import os

from gateway.cli.logs import log_as_set
from gateway.cli.serve import serve_gateway
from gateway.cli.setup import run
from gateway.settings import load_settings
from tests.faults.points import FaultPoints, Strike

SERVE = ("-m", "tests.faults.serve")
POINTS = "FAULT_POINTS"


def main() -> None:
    settings = load_settings(None, os.environ)
    log_as_set(settings)
    points = FaultPoints()
    points.arm(*map(Strike.read, os.environ.get(POINTS, "").split()))
    run(serve_gateway(settings, None, as_json=True, opening=points.open_store))


if __name__ == "__main__":
    main()
