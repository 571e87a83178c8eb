"""A log has one key: a node with other keys signs nothing of it."""

import pytest

from gateway.bootstrap import assembled_gateway
from gateway.core.errors import SettingsError
from gateway.settings import Settings


@pytest.fixture
def settings(tmp_path):
    def of(keys):
        return Settings(
            id="gateway.shiyan",
            region="420300000000",
            url="http://127.0.0.1:1",
            store=f"sqlite:///{tmp_path}/gateway.sqlite",
            keys=str(tmp_path / keys),
        )

    return of


async def test_a_node_with_the_same_keys_goes_on_with_the_log(settings):
    async with assembled_gateway(settings("keys")) as gateway:
        first = await gateway.steps.checkpoint()

    async with assembled_gateway(settings("keys")) as gateway:
        assert await gateway.steps.checkpoint.require_own_log() == first


async def test_a_node_whose_keys_were_not_copied_does_not_start(settings):
    async with assembled_gateway(settings("keys")) as gateway:
        await gateway.steps.checkpoint()

    with pytest.raises(SettingsError) as refused:
        async with assembled_gateway(settings("its-own")):
            pass

    assert refused.value.code == "log_key_differs"


async def test_a_node_that_started_before_the_first_checkpoint_signs_none_after_it(settings):
    async with assembled_gateway(settings("keys")) as one, assembled_gateway(settings("its-own")) as other:
        first = await one.steps.checkpoint()

        with pytest.raises(SettingsError):
            await other.steps.checkpoint()

        assert await one.store.checkpoint() == first
