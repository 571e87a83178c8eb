"""An import that is killed at any moment and begun again ends as one that was left alone."""

import random
import sqlite3
import time

import orjson
import pytest

from gateway.demo.ports import free_port
from tests.cli.workplace import LAYOUT, Process, item_line

ITEMS = 9_000
EVERY_BAD = 500


def a_list(path):
    with path.open("wb") as file:
        for number in range(ITEMS):
            changed = {"TYPE": "99"} if number % EVERY_BAD == 7 else {}
            file.write(item_line(CODE=f"LOCAL{number:08}", NAME=f"事项{number}", **changed) + b"\n")


def a_place(folder, run_in):
    """Make a folder to import into: settings, keys, store and the small layout."""
    for name, content in LAYOUT.items():
        path = folder / "small" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content.replace("implementationCode", "localImplementationCode"), encoding="utf-8")
    port = free_port()
    (folder / "config").mkdir()
    (folder / "config" / "gateway.toml").write_text(
        f'id = "g"\nregion = "510000000000"\nurl = "http://127.0.0.1:{port}"\nport = {port}\n'
        'store = "sqlite:///gateway.sqlite"\n',
        encoding="utf-8",
    )
    for arguments in (("keys", "generate", "--purpose", "log"), ("migrate", "--create")):
        assert run_in(folder, *arguments).end()[0] == 0


def an_import(folder, start):
    named = ("--faults", "faults.ndjson", "--changes", "changes.ndjson", "--workers", "2", "--json")
    return start(folder, "item", "import", "../items.ndjson", "--adapter", "small", *named)


def everything(folder):
    """Return what the store and the files say of the items."""
    connection = sqlite3.connect(folder / "gateway.sqlite")
    items = connection.execute("SELECT code, version, digest FROM items ORDER BY code").fetchall()
    postings = connection.execute("SELECT sum(length(items)), count(*) FROM item_postings").fetchone()
    connection.close()
    changes = sorted((folder / "changes.ndjson").read_bytes().splitlines())
    return items, postings, changes, (folder / "faults.ndjson").read_bytes()


@pytest.fixture
def start():
    """Start `tongban` as its own process; whatever still runs at the end is killed."""
    started = []

    def start(folder, *arguments):
        started.append(Process(folder, *arguments))
        return started[-1]

    yield start
    for each in started:
        each.kill()


def test_an_import_killed_at_random_moments_ends_as_one_that_was_left_alone(tmp_path, start):
    a_list(tmp_path / "items.ndjson")
    calm, stormy = tmp_path / "calm", tmp_path / "stormy"
    for folder in (calm, stormy):
        folder.mkdir()
        a_place(folder, start)
    began = time.monotonic()
    code, told, errors = an_import(calm, start).end(seconds=300)
    took = time.monotonic() - began
    assert (code, orjson.loads(told)["faulty"]) == (1, ITEMS // EVERY_BAD), errors
    chance = random.Random(20)

    for _ in range(4):
        killed = an_import(stormy, start)
        time.sleep(chance.uniform(0.2, 1.0) * took)
        killed.kill()
    code, told, errors = an_import(stormy, start).end(seconds=300)

    assert code == 1, errors
    assert everything(stormy)[:2] == everything(calm)[:2]
    assert everything(stormy)[3] == everything(calm)[3]
    codes = [orjson.loads(line)["code"] for line in everything(stormy)[2]]
    assert len(codes) == len(set(codes)) == ITEMS - ITEMS // EVERY_BAD
