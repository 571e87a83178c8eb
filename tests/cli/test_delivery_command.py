"""What has not arrived is visible, and what died can be sent again, beside the running gateway."""

import asyncio
import json

import pytest
from aiohttp import web
from click.testing import CliRunner

from gateway.cli.root import tongban
from gateway.core.audit.entry import EntryKind
from tests.gateways import application, border

REFUSAL = {"results": [{"exchange": "x", "problem": {"status": 422, "code": "item_not_published", "errors": []}}]}


@pytest.fixture
async def shiyan(tmp_path):
    async with border(tmp_path) as here:
        yield here


@pytest.fixture
def tongban_beside(shiyan, tmp_path):
    """Return a way to run the command on the store of the running gateway."""
    environ = {
        "TONGBAN_ID": shiyan.identity.id,
        "TONGBAN_REGION": shiyan.identity.region,
        "TONGBAN_URL": shiyan.identity.url,
        "TONGBAN_STORE": f"sqlite:///{tmp_path / 'shiyan'}.sqlite",
    }

    async def run(*arguments):
        return await asyncio.to_thread(CliRunner().invoke, tongban, arguments, env=environ)

    return run


async def test_a_dead_delivery_is_listed_with_its_reason_revived_and_delivered(shiyan, tongban_beside):
    shiyan.partner.answer = lambda *_: web.json_response(REFUSAL)
    submitted = await shiyan.system.submit(shiyan.identity, application())
    (dead,) = await shiyan.dead()
    listed = await tongban_beside("delivery", "list", "--state", "dead", "--json")
    shiyan.partner.answer = None

    revived = await tongban_beside("delivery", "revive", dead.id)
    await shiyan.settled()

    (row,) = json.loads(listed.output)
    assert (row["id"], row["code"], row["number"]) == (dead.id, "item_not_published", submitted.json["number"])
    assert revived.exit_code == 0
    assert len(await shiyan.entries(EntryKind.DELIVERY_REVIVED)) == 1
    assert len(shiyan.partner.seen) == 1


async def test_only_the_dead_are_revived(shiyan, tongban_beside):
    await shiyan.system.submit(shiyan.identity, application())
    await shiyan.settled()
    (delivery,) = await shiyan.deliveries()

    refused = await tongban_beside("delivery", "revive", delivery.id)

    assert refused.exit_code == 1
    assert "delivery_not_dead" in refused.output


async def test_nothing_to_show_is_said(tongban_beside):
    listed = await tongban_beside("delivery", "list")

    assert (listed.exit_code, "No such delivery" in listed.output) == (0, True)
