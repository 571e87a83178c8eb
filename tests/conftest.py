"""What tests have: silent log lines unless they are captured, PostgreSQL where one asks, no clock or luck in a law."""

from pathlib import Path

import structlog
from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

from tests.postgres import postgres, postgres_url, servers_folder
from tests.soak import pytest_collection_modifyitems, soak, soaking

__all__ = ["postgres", "postgres_url", "pytest_collection_modifyitems", "servers_folder", "soak"]

structlog.configure(logger_factory=structlog.ReturnLoggerFactory())

# A busy machine draws slowly: that says nothing of what is drawn, and timings live in bench/. In the suite a law draws
# the same examples every time, so that it fails of what was changed and of nothing else; `make soak` draws others. What
# failed there is remembered here and not where Hypothesis would look by itself: judging an adapter, in this process
# too, gives it no place.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile(
    "soaking",
    settings.get_profile("steady"),
    derandomize=False,
    database=DirectoryBasedExampleDatabase(Path(__file__).parents[1] / ".hypothesis" / "examples"),
)
settings.load_profile("soaking" if soaking() else "steady")
