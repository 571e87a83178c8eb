"""A version of a shipped adapter never changes: stores remember its digest, and a gateway that finds another stops.

Who edits an adapter raises `version` in its adapter.toml and runs `python -m tests.adapters.test_versions_pinned`.
"""

from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.resources import shipped_adapters

PINS = Path(__file__).parents[1] / "vectors" / "adapter-versions.json"
ADAPTERS = shipped_adapters()


def pinned() -> dict[str, dict[str, str]]:
    pins: dict[str, dict[str, str]] = orjson.loads(PINS.read_bytes()) if PINS.exists() else {}
    return pins


@pytest.mark.parametrize("name", list(ADAPTERS))
def test_a_shipped_version_is_the_one_that_was_shipped_first(name):
    adapter = ADAPTERS[name]

    assert pinned()[name].get(adapter.version) == adapter.digest, "raise the version, then pin it"


def pin() -> None:
    """Pin versions that are not pinned yet; one that is pinned stays as it is."""
    pins: dict[str, Any] = pinned()
    for name, adapter in ADAPTERS.items():
        pins.setdefault(name, {}).setdefault(adapter.version, adapter.digest)
    PINS.write_bytes(orjson.dumps(pins, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")


if __name__ == "__main__":
    pin()
