"""The cluster's demonstration as an evaluator, or a script, runs it: real servers and balancers, killed by a seed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.soak import first_seed

ROOT = Path(__file__).parents[2]
SECONDS = os.environ.get("TONGBAN_SOAK_S", "6")


@pytest.mark.timeout(int(float(SECONDS)) + 600)
def test_the_counters_agree_after_nodes_databases_and_balancers_were_killed():
    seed = first_seed("demo-cluster") % 1_000_000
    print(f"seed {seed}")
    options = ["--nodes", "2", "--rate", "5", "--fault-every", "1.2", "--seed", str(seed), "--seconds", SECONDS]

    ran = subprocess.run(
        [sys.executable, "-m", "gateway", "demo-cluster", "--json", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=float(SECONDS) + 590,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    outcome = json.loads(ran.stdout)
    assert (outcome["agrees"], outcome["seed"], outcome["failures"]) == (True, seed, [])
    for crossing in outcome["crossings"]:
        assert crossing["submitted"] == crossing["acknowledged"] == crossing["arrived"] == crossing["settled"] > 0
        assert crossing["events_reported"] == crossing["events_told"] > crossing["settled"]
        assert (crossing["lost"], crossing["doubled"], crossing["disordered"]) == (0, 0, 0)
    assert all(log["proved"] for log in outcome["logs"])
    assert outcome["reconciled"] > 0
    assert outcome["faults"]["killed"] >= 2
