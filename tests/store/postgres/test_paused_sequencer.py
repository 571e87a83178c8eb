"""A node that stands still while it holds the tree keeps the others waiting for a bounded time, and doubles nothing."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.store.proof import assert_sound
from tests.store.samples import an_entry, an_id

ROOT = Path(__file__).parents[3]


@pytest.fixture
def stopped(url):
    """A process that holds the tree and stands still, and the id of the entry that it was about to put there."""
    entry = an_id()
    command = [sys.executable, str(Path(__file__).with_name("stopping.py")), url, entry]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    ) as process:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        yield process, entry
        process.kill()


async def test_the_others_go_on_and_whoever_wakes_up_has_done_nothing(nodes, stopped):
    process, entry = stopped
    # Nobody fails: the server ends the silent transaction sooner than the others give up waiting for its lock.
    await asyncio.gather(*(node.log([an_entry() for _ in range(3)]) for node in nodes))
    assert (await nodes[0].head()).size == 6

    process.send_signal(signal.SIGCONT)
    said, _ = await asyncio.to_thread(process.communicate)

    assert said.split() == ["unavailable", "logged"]
    assert process.returncode == 0
    assert await nodes[0].index_of(entry) == 6
    assert (await nodes[1].head()).size == 7
    await assert_sound(nodes[0])


async def test_a_node_that_is_killed_where_it_stands_leaves_the_tree_to_the_others(nodes, stopped):
    process, entry = stopped
    process.kill()

    await nodes[0].log([an_entry()])

    assert await nodes[0].index_of(entry) is None
    await assert_sound(nodes[0])
