"""The one private thing of aiosqlite that the store leans on still does what it did."""

import sqlite3
import threading

import pytest

from gateway.store.sqlite.thread import DatabaseThread


async def test_a_function_runs_in_the_connections_thread_with_the_connection(tmp_path):
    thread = await DatabaseThread(lambda: sqlite3.connect(tmp_path / "x.db")).open()

    def look(connection: sqlite3.Connection) -> tuple[int, int]:
        return threading.get_ident(), connection.execute("SELECT 42").fetchone()[0]

    first, second = await thread.run(look), await thread.run(look)

    assert first == second
    assert first[0] != threading.get_ident()
    assert first[1] == 42
    await thread.close()


async def test_what_a_function_raises_comes_back_as_it_is(tmp_path):
    thread = await DatabaseThread(lambda: sqlite3.connect(tmp_path / "x.db")).open()
    error = ZeroDivisionError()

    def fail(_: sqlite3.Connection) -> None:
        raise error

    with pytest.raises(ZeroDivisionError) as raised:
        await thread.run(fail)

    assert raised.value is error
    await thread.close()


async def test_a_thread_that_cannot_open_its_connection_says_why_and_ends(tmp_path):
    before = set(threading.enumerate())
    with pytest.raises(sqlite3.OperationalError):
        await DatabaseThread(lambda: sqlite3.connect(tmp_path / "nowhere" / "x.db")).open()

    alive = {each.name for each in set(threading.enumerate()) - before if "_connection_worker_thread" in each.name}
    assert alive == set()
