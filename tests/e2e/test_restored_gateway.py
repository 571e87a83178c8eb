"""A gateway whose store was replaced by an older one does not start, and adds no word to its log."""

import shutil

import pytest

from gateway.bootstrap import assembled_gateway
from gateway.core.errors import CorruptedError
from gateway.settings import Settings
from gateway.store import open_store
from tests.store.samples import an_entry


async def test_a_gateway_on_a_restored_store_does_not_start_and_logs_nothing(tmp_path):
    store = f"sqlite:///{tmp_path}/a.sqlite"
    settings = Settings(
        id="us", region="420300000000", url="http://127.0.0.1:1", store=store, keys=str(tmp_path / "keys")
    )
    async with assembled_gateway(settings) as gateway:
        before = (await gateway.steps.checkpoint()).size
    shutil.copy(tmp_path / "a.sqlite", tmp_path / "backup.sqlite")
    async with assembled_gateway(settings) as gateway:
        await gateway.store.log([an_entry()])
        await gateway.steps.checkpoint()
    shutil.copy(tmp_path / "backup.sqlite", tmp_path / "a.sqlite")

    with pytest.raises(CorruptedError) as refused:
        async with assembled_gateway(settings):
            pass

    assert refused.value.code == "log_behind"
    restored = await open_store(store)
    assert (await restored.head()).size == before
    await restored.close()
