"""One gateway as a process under measurement: what `tongban serve` runs, ready when it listens.

It logs as in production, a JSON line a request, to stderr; TLS is the only thing that is off.

    python -m bench.gateway SETTINGS.toml
"""

import sys
from pathlib import Path

import structlog
import uvloop

from bench.floors.site import stopped
from gateway.bootstrap import running_gateway
from gateway.settings import Settings, load_settings


async def serve(settings: Settings) -> None:
    """Run until terminated."""
    async with running_gateway(settings):
        await stopped()


def main(config: str) -> None:
    """Serve with the settings of a file."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
    uvloop.run(serve(load_settings(Path(config), {})))


if __name__ == "__main__":
    main(*sys.argv[1:])
