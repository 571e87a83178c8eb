"""Places to run commands in: an empty folder, and one with settings and a store."""

import asyncio
import os

import pytest
from click.testing import CliRunner

from gateway.cli.root import tongban
from gateway.core.catalogue.items import service_item
from gateway.demo.ports import free_port
from gateway.store import open_store
from tests.cli.workplace import GATEWAY, LAYOUT, Process


@pytest.fixture
def layout(tmp_path):
    folder = tmp_path / "small"
    for name, content in LAYOUT.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def bare(tmp_path, monkeypatch):
    """A working directory with nothing in it, and an environment that sets nothing."""
    for name in [name for name in os.environ if name.startswith("TONGBAN_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run():
    """Run a command in this process; where there are no settings, unless `settled` is asked for."""
    return lambda *arguments, **more: CliRunner().invoke(tongban, [str(each) for each in arguments], **more)


@pytest.fixture
def settled(bare, run):
    """A working directory with settings and a store that was just begun."""
    (bare / "config").mkdir()
    port = free_port()
    (bare / "config" / "gateway.toml").write_text(
        f'id = "{GATEWAY}"\nregion = "420300000000"\nurl = "http://127.0.0.1:{port}"\nport = {port}\n'
        'store = "sqlite:///gateway.sqlite"\n',
        encoding="utf-8",
    )
    assert run("keys", "generate", "--purpose", "log").exit_code == 0
    assert run("migrate", "--create").exit_code == 0
    return bare


@pytest.fixture
def process():
    """Start `tongban` as its own process; whatever still runs at the end is killed."""
    started = []

    def start(folder, *arguments, **more):
        started.append(Process(folder, *arguments, **more))
        return started[-1]

    yield start
    for each in started:
        each.kill()


@pytest.fixture
def keep(settled):
    """Keep canonical items in the store that the commands find."""

    async def kept(documents):
        store = await open_store(f"sqlite:///{settled}/gateway.sqlite")
        await store.put_items([service_item(document) for document in documents])
        await store.close()

    return lambda *documents: asyncio.run(kept(documents))
