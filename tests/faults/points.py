"""Fault points at every commit boundary of a gateway, around its store: the product knows nothing of them.

Every verb of the store port is one transaction, durable when it returns and absent when it raises. So right before a
call and right after it are all the boundaries there are, and each is met in four ways:

* failed          the store says that it is away, and nothing happened
* answer_lost     the store says that it is away, and everything happened
* killed_before   the process ends as by `kill -9`, and nothing happened
* killed_after    the process ends as by `kill -9`, everything happened, and nobody was told

The verbs are read off the port itself: one that comes to it later is struck, or a test says that it is missing.
"""

import inspect
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast

from gateway.core.errors import StoreUnavailableError
from gateway.flow.ports import Store
from gateway.store import open_store

VERBS = tuple(sorted(name for name, _ in inspect.getmembers(Store, inspect.iscoroutinefunction) if name[0] != "_"))

# What a running node commits with, what only the command line does, and what has no commit of its own: being killed
# beside one of those is being killed between two commits. tests/faults/test_verbs.py proves which is which.
SERVING = frozenset(
    {
        *("advance_table", "attend", "claim", "conclude", "discard", "forget_nonces", "hasten", "keep_checkpoint"),
        *("keep_mirrored", "keep_rejection", "leave", "log", "make_room", "move_version", "put_version", "receive"),
        *("retire", "take_duty"),
    }
)
COMMANDED = frozenset(
    {
        *("begin_import", "end_absent", "finish_import", "keep_chunk", "put_items", "put_partner", "restart_feed"),
        *("revive", "set_status"),
    }
)
WRITING = SERVING | COMMANDED


class Variant(StrEnum):
    """The ways in which a boundary is met."""

    FAILED = "failed"
    ANSWER_LOST = "answer_lost"
    KILLED_BEFORE = "killed_before"
    KILLED_AFTER = "killed_after"


RAISING = (Variant.FAILED, Variant.ANSWER_LOST)
KILLING = (Variant.KILLED_BEFORE, Variant.KILLED_AFTER)


@dataclass(frozen=True, kw_only=True)
class Strike:
    """One fault to come: at which call of a verb, from the first after it was armed on, and how."""

    verb: str
    variant: Variant
    call: int = 1

    def __str__(self) -> str:
        return f"{self.verb}:{self.variant}:{self.call}"

    @classmethod
    def read(cls, text: str) -> "Strike":
        """Return what `str` wrote."""
        verb, variant, call = text.split(":")
        return cls(verb=verb, variant=Variant(variant), call=int(call))


@dataclass(kw_only=True)
class FaultPoints:
    """The faults to come in one process, and what its store was asked meanwhile."""

    armed: list[Strike] = field(default_factory=list)
    struck: list[Strike] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    _since: Counter[Strike] = field(default_factory=Counter)

    def arm(self, *strikes: Strike) -> None:
        """Have these happen, each once, whenever their boundary is next met."""
        for strike in strikes:
            assert strike.verb in VERBS, f"the port has no verb {strike.verb}"
            self._since[strike] = 0
        self.armed += strikes

    async def open_store(self, url: str, **options: Any) -> Store:
        """Open a store as the gateway does, with the fault points around it."""
        return cast("Store", _Exposed(await open_store(url, **options), self))

    async def call(self, verb: str, do: Callable[[], Awaitable[Any]]) -> Any:
        """Do what the store was asked, unless its boundary is struck."""
        self.calls[verb] += 1
        strike = self._next(verb)
        if strike is None:
            return await do()
        if strike.variant is Variant.KILLED_BEFORE:
            os.kill(os.getpid(), signal.SIGKILL)
        if strike.variant is not Variant.FAILED:
            await do()
        if strike.variant is Variant.KILLED_AFTER:
            os.kill(os.getpid(), signal.SIGKILL)
        self.struck.append(strike)  # only now: whoever waits for it ends no call half way
        raise StoreUnavailableError(f"struck at {strike}")

    def _next(self, verb: str) -> Strike | None:
        for strike in [each for each in self.armed if each.verb == verb]:
            self._since[strike] += 1
            if self._since[strike] == strike.call:
                self.armed.remove(strike)
                return strike
        return None


class _Exposed:
    """A store whose every verb is a fault point."""

    def __init__(self, store: Store, points: FaultPoints) -> None:
        self._store = store
        self._points = points

    def __getattr__(self, name: str) -> Any:
        verb = getattr(self._store, name)
        if name not in VERBS:
            return verb

        async def exposed(*values: Any, **named: Any) -> Any:
            return await self._points.call(name, lambda: verb(*values, **named))

        return exposed
