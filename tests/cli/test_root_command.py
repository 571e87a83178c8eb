"""The root of all commands imports what is asked for, and nothing else."""

import subprocess
import sys

from tests.cli.workplace import CHECKOUT
from tests.patience import PATIENCE_S


def imported(*arguments):
    """Return which modules were imported to run a command."""
    asked = (
        "import sys\n"
        "from gateway.cli.root import tongban\n"
        f"tongban({list(arguments)!r}, standalone_mode=False)\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", asked], cwd=CHECKOUT, capture_output=True, text=True, check=True, timeout=PATIENCE_S
    )
    return set(ran.stderr.split())


def test_a_command_is_imported_when_it_is_asked_for():
    asked = imported("serve", "--help")

    assert "gateway.cli.serve" in asked
    assert not asked & {"gateway.cli.adapter", "gateway.cli.suggest", "gateway.cli.catalogue.group", "gateway.cli.demo"}


def test_a_command_that_serves_nobody_imports_no_server():
    assert not imported("adapter", "--help") & {"aiohttp", "gateway.bootstrap"}
