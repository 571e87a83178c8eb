"""A copy that is killed, again and again and wherever it is, ends as one that was left alone."""

import asyncio
import random
import signal
import sys

import asyncpg
import pytest

from gateway.store import copy_store, open_store, reopen_store
from gateway.store.copying.copy import CopyStore
from gateway.store.copying.ends import End
from gateway.store.copying.shape import TABLES
from gateway.store.postgres.server import SCHEME
from tests.processes import send
from tests.store.copying.test_copy_of_a_store import contents, end_of, opened_code, silent

_KILLS = 2
_COMMANDS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'tongban%'"
)


async def killed_after(lines, source, target):
    """Copy in a process of its own, and kill that once it has told so many lines; return whether it came to its end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "store", "copy", source, target),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    told: list[bytes] = []
    while len(told) < lines and (line := await process.stderr.readline()):
        told.append(line)
    send(process, signal.SIGKILL)
    told.append(await process.stderr.read())
    code = await process.wait()
    assert code in (0, -signal.SIGKILL), b"".join(told).decode()
    for url in (source, target):
        await until_let_go(url)
    return code == 0


async def until_let_go(url):
    """Wait until the server has noticed that whoever was connected is dead."""
    if not url.startswith(SCHEME):
        return
    connection = await asyncpg.connect(url)
    try:
        while await connection.fetchval(_COMMANDS):  # noqa: ASYNC110 - another process ends it
            await asyncio.sleep(0.02)
    finally:
        await connection.close()


async def test_a_copy_that_is_killed_at_any_moment_goes_on_to_the_same_end(ends, another_target, soak):
    source, target = ends
    before = await contents(source)
    for seed in soak:
        lots = random.Random(seed)
        ended = False
        for _ in range(_KILLS):
            ended = ended or await killed_after(lots.randrange(1, 2 * len(TABLES)), source, target)
        if not ended:
            await copy_store(source, target, silent)

        assert await contents(target) == before
        assert await opened_code(source) == "store_moved"
        await (await open_store(target)).close()
        await reopen_store(source)
        target = await another_target(target)


class LostPowerError(Exception):
    """The copy's last step is not taken."""


class Failing:
    """An end whose last step fails."""

    def __init__(self, end: End) -> None:
        self._end = end

    def __getattr__(self, name):
        return getattr(self._end, name)

    async def finish(self, _):
        raise LostPowerError


async def test_between_the_last_two_steps_no_store_is_in_service_and_the_same_command_ends_it(ends):
    source, target = ends
    before, _ = await contents(source)
    left, entered = await end_of(source), await end_of(target, target=True)
    failing: End = Failing(entered)
    copy = CopyStore(source=left, target=failing, source_place="a", target_place="b", tell=silent)
    with pytest.raises(LostPowerError):
        await copy()
    await left.close()
    await entered.close()

    assert [await opened_code(url) for url in ends] == ["store_moved", "store_unfinished"]
    assert (await copy_store(source, target, silent)).resumed

    after, _ = await contents(target)
    assert after == before
    assert await opened_code(source) == "store_moved"
