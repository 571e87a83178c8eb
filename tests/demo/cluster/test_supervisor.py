"""Whatever ends is started again, whoever ended it, and what happened is told as what it was."""

import asyncio
import os
import signal
import sys

import pytest

from gateway.demo.cluster.programs import Program, stands_still
from gateway.demo.cluster.supervisor import Happening, Incident, Supervisor
from gateway.demo.ports import HOST, free_port
from tests.patience import PATIENCE_S, until

LISTENS = "import socket, sys, time; s = socket.create_server((sys.argv[1], int(sys.argv[2]))); time.sleep(600)"


class Watched:
    """A program under supervision, and what was told of it."""

    def __init__(self, folder) -> None:
        port = free_port()
        command = (sys.executable, "-c", LISTENS, HOST, str(port))
        self.part = Program(
            region="十堰", name="node 1", port=port, command=command, environ={}, log=folder / "node-1.log"
        )
        self.told: asyncio.Queue[Incident] = asyncio.Queue()
        self.supervisor = Supervisor(parts=[self.part], tell=self.told.put_nowait)

    async def until(self, what):
        """Return the next incident of a kind; fail where it does not come."""
        async with asyncio.timeout(PATIENCE_S):
            while (incident := await self.told.get()).what is not what:
                pass
        return incident


@pytest.fixture
async def watched(tmp_path):
    made = Watched(tmp_path)
    async with made.supervisor.watching():
        await made.until(Happening.STARTED)
        yield made
    assert not made.part.running


async def test_what_somebody_else_kills_is_told_and_started_again(watched):
    killed = watched.part.pid
    os.kill(killed, signal.SIGKILL)

    ended, started = await watched.until(Happening.ENDED), await watched.until(Happening.STARTED)

    assert (ended.pid, started.pid) == (killed, watched.part.pid)
    assert started.pid != killed
    await watched.supervisor.all_up()


async def test_what_is_killed_from_here_is_not_told_as_an_accident(watched):
    await watched.supervisor.kill(watched.part)
    await watched.until(Happening.STARTED)

    assert watched.supervisor.counts[Happening.KILLED] == 1
    assert watched.supervisor.counts[Happening.ENDED] == 0


async def test_what_is_paused_stands_still_until_it_goes_on(watched):
    pause = asyncio.create_task(watched.supervisor.pause(watched.part, 600))
    await watched.until(Happening.PAUSED)
    await until(lambda: stands_still(watched.part.pid))

    pause.cancel()

    await until(lambda: not stands_still(watched.part.pid))


async def test_what_somebody_paused_is_let_go_on(watched):
    os.kill(watched.part.pid, signal.SIGSTOP)
    await until(lambda: stands_still(watched.part.pid))

    watched.supervisor.resume_all()

    await until(lambda: not stands_still(watched.part.pid))
