"""Tests that draw from a seed: once in the suite, over and over in `make soak`; every seed is printed.

    async def test_something(soak):
        for seed in soak: ...

TONGBAN_SOAK_S is how many seconds all such tests take together, in equal parts; without it each runs once, and always
with the same seed: what the suite says of a change depends on nothing else. New plans are for `make soak` to find.
TONGBAN_FAULT_SEED, printed by a failing test, makes the first seed of each that one: the same plan again.
"""

import os
import random
import time
import zlib
from collections.abc import Iterator

import pytest

_SECONDS, _SEED = "TONGBAN_SOAK_S", "TONGBAN_FAULT_SEED"
_TELL_S = 30.0  # how often a long soak says how it stands
_ROUND_S = 900  # what one round may take, on a machine that does ten other things
_PART = pytest.StashKey[float]()


def soaking() -> bool:
    """Tell whether this run looks for what nobody has seen yet."""
    return float(os.environ.get(_SECONDS, "0")) > 0


def first_seed(name: str) -> int:
    """Return the seed that was given, or a new one where this is a soak, or else the one that a test always has."""
    if given := os.environ.get(_SEED):
        return int(given)
    return random.randrange(2**32) if soaking() else zlib.crc32(name.encode())


class Soak:
    """The seeds of one test: at least one, and as many more as its part of the time allows."""

    def __init__(self, name: str, part_s: float) -> None:
        self.seed = first_seed(name)
        self._name = name
        self._part_s = part_s
        self._begun = self._told = time.monotonic()
        self._rounds = 0
        self._say(f"{_SEED}={self.seed}")

    def __iter__(self) -> Iterator[int]:
        """Yield one seed after another; a round that fails ends it, and its seed is the last printed."""
        yield self.seed
        while self.lasts():
            self.seed = random.randrange(2**32)
            self._say(f"{_SEED}={self.seed}")
            yield self.seed

    def lasts(self) -> bool:
        """Count a round, and tell whether there is time for another; say how it stands every so often."""
        self._rounds += 1
        now = time.monotonic()
        ended = now - self._begun >= self._part_s
        if ended or now - self._told >= _TELL_S:
            self._told = now
            self._say(f"{self._rounds} rounds in {now - self._begun:.0f} of {self._part_s:.0f} s, nothing found")
        return not ended

    def _say(self, words: str) -> None:
        print(f"{self._name}: {words}", flush=True)


@pytest.fixture
def soak(request: pytest.FixtureRequest) -> Soak:
    """The seeds of this test."""
    return Soak(request.node.name, request.config.stash.get(_PART, 0.0))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests that soak, so that `-m soak` finds them, and give each its part of the time."""
    chosen = [item for item in items if "soak" in getattr(item, "fixturenames", ())]
    config.stash[_PART] = float(os.environ.get(_SECONDS, "0")) / max(1, len(chosen))
    for item in chosen:
        item.add_marker("soak")
        item.add_marker(pytest.mark.timeout(_ROUND_S + 2 * config.stash[_PART]))
