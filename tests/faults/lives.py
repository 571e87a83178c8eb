"""`tongban serve` in one life after another, each but the last ended by a strike: a supervisor that never gives up.

    FAULT_POINTS="receive:killed_after:2 claim:killed_before:1" python -m tests.faults.lives

The program is loaded here, once, and every life is a process forked from this one, so that a death costs a fraction of
a start. What was struck is written down when the process is gone, by `kill -9` and nothing else; the last life, which
nothing strikes, ends when it is told to.
"""

import asyncio
import os
import signal
import sys
import threading
from dataclasses import dataclass, field, replace
from typing import NoReturn

import asyncpg

from gateway.cli.logs import log_as_set
from gateway.cli.serve import serve_gateway
from gateway.cli.setup import run
from gateway.flow.ports import Store
from gateway.flow.tidy import ForgetNonces
from gateway.resources import shipped, shipped_forms
from gateway.settings import Settings, load_settings
from gateway.world import SystemClock
from tests.faults.points import FaultPoints, Strike

POINTS = "FAULT_POINTS"
LIVES = ("-m", "tests.faults.lives")
DIED = "died at "

# What a node asks on duty only, when it starts and then not for half a minute or longer: so it starts as the only one.
ON_DUTY = frozenset({"discard", "keep_mirrored", "make_room", "retire"})
_LEASES = "SELECT count(*) FROM nodes WHERE lease_until > tongban_clock()"
_ROUNDS = 11  # after ten that found nothing to forget comes the first that does
_KEEP_DAYS = 30  # from the life on that is to retire something; a retirement is recorded once
_LOOK_S = 0.05


@dataclass(kw_only=True)
class Life:
    """One life, and the strike that ends it, if any does."""

    settings: Settings
    strike: Strike | None
    points: FaultPoints = field(default_factory=FaultPoints)
    asked: set[asyncio.Task[None]] = field(default_factory=set)

    def __call__(self) -> NoReturn:
        """Serve until struck, or told to stop."""
        settings = self.settings
        if self.strike is not None:
            self.points.arm(self.strike)
            settings = replace(settings, keep_exchanges_days=_KEEP_DAYS if self.strike.verb == "retire" else 0)
        run(serve_gateway(settings, None, as_json=True, opening=self.open_store))
        sys.exit(0)

    async def open_store(self, url: str, *, create: bool) -> Store:
        """Open the store, and see to it that the verb to be struck is asked before long."""
        verb = self.strike.verb if self.strike else ""
        if verb in ON_DUTY:
            await alone(url)
        store = await self.points.open_store(url, create=create)
        if verb == "forget_nonces":
            self.asked.add(asyncio.create_task(ten_minutes_later(store)))
        if verb == "leave":
            os.kill(os.getpid(), signal.SIGTERM)  # it serves, is told that it should stop, and finishes what has begun
        return store


async def alone(url: str) -> None:
    """Wait until the lease of whoever died has ended, and its duties are free; in SQLite the next process has them."""
    if not url.startswith("postgresql"):
        return
    connection = await asyncpg.connect(url)
    while await connection.fetchval(_LEASES):  # noqa: ASYNC110 - the server's clock does the work
        await asyncio.sleep(_LOOK_S)
    await connection.close()


async def ten_minutes_later(store: Store) -> None:
    """Forget nonces as a gateway does in the end, round by round, but for the minutes between them."""
    forget = ForgetNonces(exchanges=store, clock=SystemClock())
    for _ in range(_ROUNDS):
        await forget()


def main() -> None:
    settings = load_settings(None, os.environ)
    log_as_set(settings)
    shipped(), shipped_forms()
    reading, writing = os.pipe()
    for strike in [*map(Strike.read, os.environ[POINTS].split()), None]:
        while (code := one_life(Life(settings=settings, strike=strike), reading, writing)) != -signal.SIGKILL:
            if strike is None or code:
                sys.exit(code)
            # It was told to stop, and had no time left to say that it leaves: so it lives once more.
        print(f"{DIED}{strike}", flush=True)


def one_life(life: Life, reading: int, writing: int) -> int:
    """Let a gateway live in a process of its own, and return the exit code."""
    child = os.fork()
    if child == 0:
        os.close(writing)
        threading.Thread(target=end_with, args=(reading,), daemon=True).start()
        life()
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def end_with(parent: int) -> None:
    """End at once when the process at the other end of a pipe does."""
    os.read(parent, 1)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
