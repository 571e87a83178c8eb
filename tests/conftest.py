"""What every test has: silent log lines unless it captures them, a PostgreSQL where it asks, no clock in its laws."""

from pathlib import Path

import structlog
from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

from tests.postgres import postgres, postgres_url, servers_folder
from tests.soak import pytest_collection_modifyitems, soak

__all__ = ["postgres", "postgres_url", "pytest_collection_modifyitems", "servers_folder", "soak"]

structlog.configure(logger_factory=structlog.ReturnLoggerFactory())

# A busy machine draws slowly: that says nothing of what is drawn, and timings live in bench/. What failed is remembered
# here and not where Hypothesis would look by itself: judging an adapter, in this process too, gives it no place.
settings.register_profile(
    "steady",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=DirectoryBasedExampleDatabase(Path(__file__).parents[1] / ".hypothesis" / "examples"),
)
settings.load_profile("steady")
