"""Where partners' names lead: looked up beside everybody else's way, and remembered while the name service is away.

The loop's own threads are few, and a lookup that nobody answers holds one for many seconds: a handful of partners whose
names lead nowhere would keep all the others waiting. Here each name is looked up once at a time in a thread of its own,
and a name that was found before is answered from memory at once, while it is looked up anew.
"""

import asyncio
import socket
from collections.abc import Callable
from threading import Thread
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult

LOOKUPS: Final = 64  # threads at most; a name that is looked up for the first time waits beyond that
PATIENCE_S: Final = 5.0  # for a name that was never found

_Name = tuple[str, int, socket.AddressFamily]
_Found = list[ResolveResult]
LookUp = Callable[[str, int, socket.AddressFamily], _Found]


class RememberingResolver(AbstractResolver):
    """Resolves names for the courier; the event loop owns everything in it but the lookups themselves."""

    def __init__(self, look_up: LookUp | None = None) -> None:
        self._look_up = look_up or system_addresses
        self._known: dict[_Name, _Found] = {}
        self._under_way: dict[_Name, asyncio.Future[_Found]] = {}
        self._threads = asyncio.Semaphore(LOOKUPS)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a name; raises OSError where there are none, or nobody says in time."""
        name = (host, port, family)
        looking = self._under_way.get(name)
        if looking is None:
            looking = self._under_way[name] = asyncio.ensure_future(self._found(name))
            looking.add_done_callback(lambda done: self._remember(name, done))
        if (known := self._known.get(name)) is not None:
            return known
        async with asyncio.timeout(PATIENCE_S):
            return await asyncio.shield(looking)

    async def close(self) -> None:
        """Forget the lookups under way; their threads end by themselves and hold up nobody."""
        for looking in tuple(self._under_way.values()):
            looking.cancel()

    def _remember(self, name: _Name, looking: asyncio.Future[_Found]) -> None:
        self._under_way.pop(name, None)
        if not looking.cancelled() and looking.exception() is None:
            self._known[name] = looking.result()

    async def _found(self, name: _Name) -> _Found:
        async with self._threads:
            found: asyncio.Future[_Found] = asyncio.get_running_loop().create_future()
            Thread(target=self._thread, args=(found, name), name=f"look up {name[0]}", daemon=True).start()
            return await found

    def _thread(self, found: asyncio.Future[_Found], name: _Name) -> None:
        try:
            addresses = self._look_up(*name)
        except (OSError, ValueError) as error:  # ValueError: a name that is none, such as one with an empty label
            failed = error if isinstance(error, OSError) else OSError("not a name")
            _tell(found, lambda: found.set_exception(failed))
        else:
            _tell(found, lambda: found.set_result(addresses))


def system_addresses(host: str, port: int, family: socket.AddressFamily) -> _Found:
    """Ask the system's resolver; it may take as long as it likes."""
    return [
        ResolveResult(
            hostname=host,
            host=str(address[0]),
            port=int(address[1]),
            family=kind,
            proto=proto,
            flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
        )
        for kind, _, proto, _, address in socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
    ]


def _tell(found: asyncio.Future[_Found], tell: Callable[[], None]) -> None:
    """Finish a future from another thread, unless nobody waits any more or the loop itself has gone."""
    try:
        found.get_loop().call_soon_threadsafe(lambda: None if found.done() else tell())
    except RuntimeError:
        return
