"""The demonstration as a newcomer, or a script, runs it; from a checkout and from an installed wheel."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(*arguments, folder=ROOT, **environ):
    """Run the command and return what it printed."""
    return subprocess.run(
        [sys.executable, "-m", "gateway", *arguments],
        cwd=folder,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


def test_every_application_arrives_once_and_everything_is_proved():
    ran = run("demo", "--once", "--json", "--applications", "2")

    outcome = json.loads(ran.stdout)
    assert ran.returncode == 0, ran.stderr
    assert outcome["submitted"] == outcome["settled"] == 12
    assert (outcome["duplicates"], outcome["verified"], outcome["failures"]) == (0, True, [])
    assert outcome["seconds"] > 0


def test_an_installed_wheel_brings_its_adapters_schemas_and_samples(tmp_path):
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = [*pip, "wheel", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path)]
    subprocess.run([*build, str(ROOT)], check=True, timeout=400)
    (wheel,) = tmp_path.glob("*.whl")
    place = tmp_path / "installed"
    install = [*pip, "install", "--no-index", "--no-deps", "--target", str(place), str(wheel)]
    subprocess.run(install, check=True, timeout=400)

    ran = run("demo", "--once", "--json", "--applications", "1", folder=tmp_path, PYTHONPATH=str(place))

    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["settled"] == 6
    where = subprocess.run(
        [sys.executable, "-c", "import gateway; print(gateway.__file__)"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(place)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(place))
