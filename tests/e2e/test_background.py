"""A gateway whose work in the background cannot go on stops, and says why, instead of living on half dead."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing

from tests.cli.workplace import eventually
from tests.patience import PATIENCE_S


def test_a_log_that_contradicts_itself_stops_the_gateway(tmp_path):
    environ = {
        **os.environ,
        "TONGBAN_ID": "gateway.shiyan",
        "TONGBAN_REGION": "420300000000",
        "TONGBAN_URL": "http://127.0.0.1:1",
        "TONGBAN_PORT": "0",
        "TONGBAN_STORE": f"sqlite:///{tmp_path / 'gateway.sqlite'}",
        "TONGBAN_KEYS": str(tmp_path / "keys"),
    }
    command = [sys.executable, "-m", "gateway", "serve"]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as gateway:
        assert gateway.stdout is not None
        assert gateway.stderr is not None
        assert "gateway.shiyan" in gateway.stdout.readline()
        wait_for_a_checkpoint(tmp_path / "gateway.sqlite")

        with closing(sqlite3.connect(tmp_path / "gateway.sqlite", timeout=PATIENCE_S)) as store, store:
            store.execute("UPDATE tree SET root = ?", (bytes(32),))

        assert gateway.wait(PATIENCE_S) == 4
        assert "checkpoint_forked" in gateway.stderr.read()


def wait_for_a_checkpoint(path):
    def made():
        with closing(sqlite3.connect(path)) as store:
            return store.execute("SELECT 1 FROM checkpoints").fetchone()

    assert eventually(made)
