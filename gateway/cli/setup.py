"""What commands are given: the settings, the passphrase, the keys and the store, each only when it is asked for."""

import asyncio
import importlib
import importlib.util
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from gateway.core.audit.note import LogKey, log_key_of
from gateway.core.errors import SettingsError
from gateway.core.model import Identity
from gateway.core.trust.algorithms import Signer
from gateway.flow.checkpoint import MakeCheckpoint
from gateway.flow.continuity import RequireContinued
from gateway.flow.entries import WriteEntries
from gateway.flow.ports import Store
from gateway.settings import Settings, load_settings
from gateway.store import open_store
from gateway.store.keyring import KeyPurpose, Keyring
from gateway.store.signed import SignedFile
from gateway.world import SystemChance, SystemClock

DEFAULT_CONFIG: Final = Path("config/gateway.toml")

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """Where the settings are; commands that need none never look."""

    config: Path | None = None

    @property
    def found(self) -> Path | None:
        """The settings file: the one named, else the usual one if it is there."""
        return self.config or (DEFAULT_CONFIG if DEFAULT_CONFIG.is_file() else None)

    def settings(self) -> Settings:
        """Read the settings; SettingsError names everything that is wrong with them."""
        try:
            return load_settings(self.found, os.environ)
        except SettingsError as error:
            if self.found:
                raise
            message = f"no settings: there is no {DEFAULT_CONFIG} here, and no --config or TONGBAN_CONFIG was given"
            raise SettingsError(message, code="settings_missing", faults=error.faults) from None

    def keys_folder(self, named: Path | None) -> Path:
        """Return where the keys are: as named, else as the settings say, else `keys`."""
        return named or Path(self.settings().keys if self.found else "keys")

    def log_signer(self, passphrase: bytes | None) -> tuple[LogKey, Signer]:
        """Return the key of this gateway's log, and what signs with it."""
        settings = self.settings()
        signer = Keyring(Path(settings.keys), passphrase=passphrase).signer(purpose=KeyPurpose.LOG)
        return log_key_of(settings.id, signer.public_key), signer


pass_setup = click.make_pass_decorator(Setup, ensure=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """An operator's place at the store, beside a gateway that may be running."""

    settings: Settings
    identity: Identity
    store: Store
    clock: SystemClock
    entries: WriteEntries
    signed: SignedFile

    def sealing(self, key: LogKey, signer: Signer) -> MakeCheckpoint:
        """Return what signs the log."""
        return MakeCheckpoint(key=key, sign=signer.sign, log=self.store, clock=self.clock, signed=self.signed)


@asynccontextmanager
async def desk(settings: Settings, *, restored: bool = False) -> AsyncIterator[Desk]:
    """Open the store that is there; nobody begins one by a slip of the pen.

    Raises CorruptedError as `RequireContinued`, but for a command that may look at an older store (`restored`).
    """
    store = await open_store(settings.store)
    try:
        signed = SignedFile(Path(settings.keys))
        if not restored:
            await RequireContinued(log=store, signed=signed)()
        identity = Identity(id=settings.id, region=settings.region, url=settings.url)
        clock = SystemClock()
        entries = WriteEntries(identity=identity, clock=clock, chance=SystemChance())
        yield Desk(settings=settings, identity=identity, store=store, clock=clock, entries=entries, signed=signed)
    finally:
        await store.close()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run asynchronous work to its end, on the fast event loop where there is one."""
    with asyncio.Runner(loop_factory=_fast_loop()) as runner:
        return runner.run(work)


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's loop; None, which is Python's own, where uvloop is not made for the platform."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    loop: Callable[[], asyncio.AbstractEventLoop] = importlib.import_module("uvloop").new_event_loop
    return loop


def _passphrase(_: click.Context, __: click.Parameter, file: Path | None) -> bytes | None:
    """Return the passphrase from the file, else from the environment; never from the command line, which others see."""
    if file is not None:
        return file.read_bytes().rstrip(b"\r\n")
    value = os.environ.get("TONGBAN_KEYS_PASSPHRASE")
    return None if value is None else value.encode()


passphrase_option: Callable[[Any], Any] = click.option(
    "--passphrase-file",
    "passphrase",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    callback=_passphrase,
    help="File holding the passphrase of the keys (or set TONGBAN_KEYS_PASSPHRASE).",
)
