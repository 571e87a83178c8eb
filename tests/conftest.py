"""What every test has: log lines that go nowhere unless a test captures them; a PostgreSQL where one is asked for."""

import structlog

from tests.postgres import postgres, postgres_url

__all__ = ["postgres", "postgres_url"]

structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
