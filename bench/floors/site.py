"""How every floor is served: aiohttp on a loopback port, until SIGTERM."""

import asyncio
import signal

from aiohttp import web

from bench.processes import READY


async def run(app: web.Application, port: int) -> None:
    """Serve an application and say so; return when the process is asked to stop."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await stopped()
    await runner.cleanup()


async def stopped() -> None:
    """Say that this process is ready, and wait for SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    print(READY, flush=True)
    await stop.wait()
