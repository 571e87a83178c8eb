"""One gateway as a process under measurement: what `tongban serve` runs, ready when it listens.

It logs as in production, a JSON line a request, to stderr; TLS is the only thing that is off. Started twice with
the same settings, both are nodes of one gateway and share its port.

    python -m bench.gateway SETTINGS.toml
"""

import socket
import sys
from pathlib import Path

import uvloop

from bench.floors.site import stopped
from gateway.bootstrap import running_gateway
from gateway.cli.logs import log_for_programs
from gateway.settings import Settings, load_settings


async def serve(settings: Settings) -> None:
    """Run until terminated."""
    with socket.create_server((settings.host, settings.port), backlog=512, reuse_port=True) as listening:
        async with running_gateway(settings, listening=listening):
            await stopped()


def main(config: str) -> None:
    """Serve with the settings of a file."""
    settings = load_settings(Path(config), {})
    log_for_programs(settings.log_level)
    uvloop.run(serve(settings))


if __name__ == "__main__":
    main(*sys.argv[1:])
