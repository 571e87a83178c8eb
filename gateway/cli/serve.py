"""`tongban serve`: run the gateway until it is told to stop."""

import asyncio
import os
import resource
import signal
import threading
from pathlib import Path
from typing import Any, Final

import click
import structlog

from gateway.api.listening import bound_to
from gateway.bootstrap import SYSTEM_CLOCK, OpenStore, RunningGateway, running_gateway
from gateway.cli.exits import as_json
from gateway.cli.logs import log_as_set
from gateway.cli.setup import Setup, pass_setup, passphrase_option, run
from gateway.cli.telling import print_line
from gateway.core.errors import SettingsError
from gateway.flow.ports import Clock
from gateway.settings import Settings
from gateway.store import begin_store, open_store, store_exists
from gateway.store.keyring import Keyring

END_S: Final = 9.0  # one that is told to stop is gone by then, whatever it waits for: a disk, a database, a partner
FILES: Final = 4096  # connections in and out, the store's, and room to spare

_log = structlog.get_logger(__name__)


@click.command()
@passphrase_option
@as_json
@pass_setup
def serve(setup: Setup, *, passphrase: bytes | None, as_json: bool) -> None:
    """Run the gateway until SIGTERM or Ctrl-C; what is begun is finished first, within 10 seconds.

    Told a second time, it ends at once. Keys and store are made at the first run. Prints where it listens and the key
    its log is verified with.
    """
    settings = setup.settings()
    log_as_set(settings)
    _require_protection(settings, passphrase)
    run(serve_gateway(settings, passphrase, as_json=as_json))


async def serve_gateway(
    settings: Settings,
    passphrase: bytes | None,
    *,
    as_json: bool,
    opening: OpenStore = open_store,
    clock: Clock = SYSTEM_CLOCK,
) -> None:
    """Serve until a signal says to stop; raises what the work in the background failed of for good."""
    _raise_limit_of_files()
    if not await store_exists(settings.store):
        await begin_store(settings.store)
    stopping = _stop_signal()
    with bound_to(settings.host, settings.port) as listening:
        async with running_gateway(
            settings,
            passphrase=passphrase,
            listening=listening,
            opening=opening,
            clock=clock,
            leave_s=settings.leave_s,
        ) as gateway:
            _announce(settings, gateway, listening.getsockname()[1], as_json=as_json)
            await _until_told_or_failed(stopping, gateway.failed)
            _log.info("gateway_stopping")


async def _until_told_or_failed(stopping: asyncio.Event, failed: asyncio.Future[None]) -> None:
    """Wait for a signal to stop; raise what the work in the background failed of, for nothing repairs that."""
    told = asyncio.ensure_future(stopping.wait())
    either: set[asyncio.Future[Any]] = {told, failed}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if failed.done():
        failed.result()


def _stop_signal() -> asyncio.Event:
    """Return what is set by the first signal; from then on this process has END_S, and no time after a second one."""
    stopping = asyncio.Event()

    def told() -> None:
        if stopping.is_set():
            _end()
        stopping.set()
        guard = threading.Timer(END_S, _end)  # a thread, for it may be the loop that does not come back
        guard.daemon = True
        guard.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told)
    return stopping


def _end() -> None:
    """End without waiting for anything.

    Nothing is lost: what was promised is durable, and a delivery cut off is sent again under the same id.
    """
    _log.warning("stop_cut_short")
    os._exit(0)


def _raise_limit_of_files() -> None:
    """Have a file for every connection that may be open; many systems begin with 1024, whatever they would allow."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    if now != resource.RLIM_INFINITY and now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _announce(settings: Settings, gateway: RunningGateway, port: int, *, as_json: bool) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    at = f"http://{host}:{port}"
    if as_json:
        print_line({"id": settings.id, "listening": at, "url": settings.url, "log_key": str(gateway.log_key)})
        return
    click.echo(f"{settings.id} listens on {at} for {settings.url}. 网关已启动。")
    click.echo(f"Log key 日志公钥: {gateway.log_key}")


def _require_protection(settings: Settings, passphrase: bytes | None) -> None:
    """Refuse, in production, keys that whoever copies the disk could use."""
    if settings.environment != "production":
        return
    if passphrase is None:
        raise SettingsError(
            "in production the keys need a passphrase: --passphrase-file or TONGBAN_KEYS_PASSPHRASE",
            code="key_passphrase_missing",
        )
    for key in Keyring(Path(settings.keys), passphrase=passphrase).stored():
        if not key.encrypted:
            raise SettingsError(
                f"in production {key.path} must be encrypted: make another with a passphrase, and remove this one",
                code="key_unencrypted",
            )
