"""What every test has: log lines that go nowhere unless a test captures them."""

import structlog

structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
