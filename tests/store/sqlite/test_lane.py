"""Requests that arrive together travel together, and none is harmed by its company."""

import asyncio
import sqlite3
import threading

import pytest

from gateway.core.errors import ConflictError, CorruptedError, OverloadedError, StoreUnavailableError
from gateway.store import open_store
from gateway.store.sqlite import transaction
from gateway.store.sqlite.lane import ThreadLane
from gateway.store.sqlite.thread import DatabaseThread
from gateway.store.sqlite.transaction import write
from tests.patience import PATIENCE_S
from tests.store.proof import assert_sound
from tests.store.samples import a_nonce, a_submission
from tests.store.sqlite.weather import Weather


@pytest.fixture
def weather():
    return Weather()


@pytest.fixture
async def thread(tmp_path, weather):
    """A thread over a table of names."""

    def connect() -> sqlite3.Connection:
        connection: sqlite3.Connection = sqlite3.connect(
            tmp_path / "names.db", isolation_level=None, factory=weather.factory()
        )
        connection.execute("CREATE TABLE names (name TEXT PRIMARY KEY)")
        return connection

    return await DatabaseThread(connect).open()


@pytest.fixture
async def lane(thread):
    def seal(connection: sqlite3.Connection) -> None:
        if connection.execute("SELECT 1 FROM names WHERE name = 'unsealable'").fetchone():
            raise CorruptedError("the batch cannot be sealed")

    lane = ThreadLane(thread, lambda connection, jobs: write(connection, jobs, seal), room=20)
    yield lane
    await lane.close()


def add(name):
    def job(connection: sqlite3.Connection) -> str:
        connection.execute("INSERT INTO names VALUES (?)", (name,))
        return f"added {name}"

    return job


def add_then(name, error):
    def job(connection: sqlite3.Connection) -> None:
        add(name)(connection)
        raise error

    return job


def refuse(connection: sqlite3.Connection) -> None:
    assert connection.in_transaction
    raise ConflictError("no")


async def names(lane):
    return await lane.run(lambda c: [name for (name,) in c.execute("SELECT name FROM names ORDER BY rowid")])


async def together(lane, *jobs):
    return await asyncio.gather(*map(lane.run, jobs), return_exceptions=True)


async def test_jobs_that_arrive_together_share_one_commit(lane, weather):
    answers = await together(lane, *(add(f"n{n}") for n in range(20)))

    assert answers == [f"added n{n}" for n in range(20)]
    assert weather.seen["COMMIT"] == 1
    assert len(await names(lane)) == 20


async def test_jobs_that_arrive_while_a_batch_is_away_form_the_next_one(lane, weather):
    begun, released = threading.Event(), threading.Event()

    def slow(connection: sqlite3.Connection) -> None:
        add("slow")(connection)
        begun.set()
        assert released.wait(PATIENCE_S)

    first = asyncio.create_task(lane.run(slow))
    await asyncio.to_thread(begun.wait)
    rest = asyncio.create_task(together(lane, *(add(f"n{n}") for n in range(10))))
    await asyncio.sleep(0)
    released.set()
    await asyncio.gather(first, rest)

    assert weather.seen["COMMIT"] == 2


async def test_nobody_is_answered_before_the_commit(lane, weather):
    answered_after = []

    async def ask(name):
        await lane.run(add(name))
        answered_after.append(weather.seen["COMMIT"])

    await asyncio.gather(*(ask(f"n{n}") for n in range(5)))

    assert answered_after == [1] * 5


async def test_a_job_that_fails_takes_no_other_with_it(lane):
    answers = await together(lane, add("a"), add_then("b", ZeroDivisionError()), add("c"), add("a"))

    assert [type(answer) for answer in answers] == [str, ZeroDivisionError, str, sqlite3.IntegrityError]
    assert await names(lane) == ["a", "c"]


async def test_a_job_that_rejects_before_it_writes_costs_no_second_transaction(lane, weather):
    answers = await together(lane, add("a"), refuse, add("b"))

    assert [type(answer) for answer in answers] == [str, ConflictError, str]
    assert weather.seen["COMMIT"] == 1
    assert weather.seen["ROLLBACK"] == 0


async def test_a_job_that_rejects_after_it_wrote_has_written_nothing(lane):
    answers = await together(lane, add("a"), add_then("b", ConflictError("too late")), add("c"))

    assert [type(answer) for answer in answers] == [str, ConflictError, str]
    assert await names(lane) == ["a", "c"]


async def test_a_job_that_spoils_the_seal_fails_alone(lane):
    answers = await together(lane, add("a"), add("unsealable"), add("c"))

    assert [type(answer) for answer in answers] == [str, CorruptedError, str]
    assert await names(lane) == ["a", "c"]


async def test_a_statement_that_sqlite_cannot_do_now_makes_the_store_unavailable(lane):
    with pytest.raises(StoreUnavailableError) as raised:
        await lane.run(lambda c: c.execute("INSERT INTO nowhere VALUES (1)"))

    assert isinstance(raised.value.__cause__, sqlite3.OperationalError)


async def test_a_damaged_file_is_corruption(lane, tmp_path):
    def damage(connection: sqlite3.Connection) -> None:
        (tmp_path / "noise.db").write_bytes(b"noise" * 1000)
        connection.execute("COMMIT")
        connection.execute("ATTACH ? AS noise", (str(tmp_path / "noise.db"),))

    with pytest.raises(CorruptedError):
        await lane.run(damage)


async def test_a_caller_that_gives_up_before_its_job_began_gets_nothing_done(lane):
    other = asyncio.create_task(lane.run(add("other")))
    task = asyncio.create_task(lane.run(add("given up")))
    await asyncio.sleep(0)

    task.cancel()
    await asyncio.gather(task, other, return_exceptions=True)

    assert await names(lane) == ["other"]


async def test_a_caller_that_gives_up_while_its_job_runs_does_not_break_the_batch(lane):
    begun, released = threading.Event(), threading.Event()

    def slow(connection: sqlite3.Connection) -> None:
        add("slow")(connection)
        begun.set()
        assert released.wait(PATIENCE_S)

    task = asyncio.create_task(lane.run(slow))
    other = asyncio.create_task(lane.run(add("other")))
    await asyncio.to_thread(begun.wait)
    task.cancel()
    await asyncio.sleep(0)
    released.set()

    assert await other == "added other"
    assert task.cancelled()
    assert await names(lane) == ["slow", "other"]


async def test_more_than_there_is_room_for_is_refused_and_the_rest_is_done(lane):
    answers = await together(lane, *(add(f"n{n}") for n in range(25)))

    assert [type(answer) for answer in answers] == [str] * 20 + [OverloadedError] * 5
    assert await lane.run(add("later")) == "added later"


async def test_closing_finishes_what_waits_and_takes_nothing_more(thread):
    lane = ThreadLane(thread, lambda connection, jobs: write(connection, jobs, lambda _: None))
    waiting = [asyncio.create_task(lane.run(add(f"n{n}"))) for n in range(3)]
    await asyncio.sleep(0)

    await lane.close()

    assert await asyncio.gather(*waiting) == ["added n0", "added n1", "added n2"]
    with pytest.raises(StoreUnavailableError):
        await lane.run(add("late"))


async def test_reads_that_arrive_together_see_one_state_and_fail_alone(thread, tmp_path):
    await thread.run(lambda c: c.execute("PRAGMA journal_mode = WAL").fetchall())
    lane = ThreadLane(thread, transaction.read)

    def count(connection: sqlite3.Connection) -> int:
        (number,) = connection.execute("SELECT count(*) FROM names").fetchone()
        return int(number)

    def somebody_else_writes(_: sqlite3.Connection) -> None:
        other = sqlite3.connect(tmp_path / "names.db", isolation_level=None)
        add("theirs")(other)
        other.close()
        raise ZeroDivisionError

    answers = await together(lane, count, somebody_else_writes, count)

    assert [answers[0], type(answers[1]), answers[2]] == [0, ZeroDivisionError, 0]
    assert await lane.run(count) == 1
    await lane.close()


async def test_sixty_four_callers_share_a_handful_of_commits(tmp_path, weather):
    store = await open_store(f"sqlite:///{tmp_path}/gateway.db", create=True, factory=weather.factory())
    weather.seen.clear()

    async def submit():
        for _ in range(5):
            await store.receive(a_nonce(), [a_submission("ankang")])

    await asyncio.gather(*(submit() for _ in range(64)))

    assert weather.seen["COMMIT"] <= 20
    await assert_sound(store)
    await store.close()
