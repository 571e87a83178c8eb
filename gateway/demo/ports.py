"""Ports for servers that start later: each is held from when it is chosen, so that nobody else is given it."""

import os
import random
import socket
from collections import deque
from typing import Final

from gateway.core.errors import StoreUnavailableError

HOST: Final = "127.0.0.1"
# Below those that Linux gives to clients: a server that is away for a while finds its port free when it comes back.
_PORTS: Final = range(20_000, 32_000)
_HELD: Final = 256  # at once; whoever asks for more than that has long begun with the first
_held: deque[int] = deque()  # files, which end with the process


def free_port() -> int:
    """Return a port that nobody uses and nobody else is given, in whatever process; its own server may take it.

    It is held by a socket that is bound and never listens: to Linux it is taken, but for whoever names it and says
    SO_REUSEADDR, as servers do. Until one listens there, connections are refused. Raises StoreUnavailableError where
    there is none.
    """
    for port in random.sample(_PORTS, len(_PORTS)):
        holding = socket.socket()
        try:
            holding.bind((HOST, port))  # without SO_REUSEADDR, so that of two who choose the same one fails
        except OSError:
            holding.close()
            continue
        holding.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _held.append(holding.detach())
        if len(_held) > _HELD:
            os.close(_held.popleft())
        return port
    raise StoreUnavailableError("there is no free port")
