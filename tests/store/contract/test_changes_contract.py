"""What every store tells of changes: whoever made them, in whatever process, and nothing that changed nothing."""

import asyncio
from contextlib import suppress

import pytest

from gateway.core.conversion.versions import VersionState
from gateway.core.model import PartnerStatus
from gateway.flow.ports import EVERYTHING, Topic
from tests.patience import PATIENCE_S
from tests.store.samples import a_change, a_nonce, a_partner, a_submission, a_version, an_entry


@pytest.fixture
async def stores(opener):
    """One that listens, and one in which things change."""
    opened = [await opener() for _ in range(2)]
    yield opened
    for store in opened:
        await store.close()


async def heard(store):
    async with asyncio.timeout(PATIENCE_S):
        return await store.changed()


async def test_at_first_everything_may_have_changed(stores):
    assert await heard(stores[0]) == EVERYTHING


async def test_a_partner_that_is_put_and_one_that_is_suspended_are_told(stores):
    listening, other = stores
    await heard(listening)

    await other.put_partner(a_partner(), an_entry())
    assert await heard(listening) == {Topic.PARTNERS}
    await other.set_status("ankang", PartnerStatus.SUSPENDED, an_entry())
    assert await heard(listening) == {Topic.PARTNERS}


async def test_what_serves_instead_is_told(stores):
    listening, other = stores
    await other.put_version(a_version(), b"files", b"{}", an_entry())
    await heard(listening)

    await other.move_version(a_change(), since=VersionState.CHECKED, instead_of="", report=b"", entry=an_entry())

    assert await heard(listening) == {Topic.ADAPTERS}


async def test_changes_of_ones_own_are_told_too(stores):
    await heard(stores[0])

    await stores[0].put_partner(a_partner(), an_entry())

    assert await heard(stores[0]) == {Topic.PARTNERS}


async def test_what_changed_while_nobody_asked_is_told_once(stores):
    listening, other = stores
    await heard(listening)
    for name in ("ankang", "jiuquan"):
        await other.put_partner(a_partner(id=name), an_entry())
    await other.put_version(a_version(), b"files", b"{}", an_entry())
    await other.move_version(a_change(), since=VersionState.CHECKED, instead_of="", report=b"", entry=an_entry())

    told: set[Topic] = set()
    while told != {Topic.PARTNERS, Topic.ADAPTERS}:
        told |= await heard(listening)

    assert await silent(listening)


async def test_exchanges_are_not_told(stores):
    listening, other = stores
    await heard(listening)

    await other.receive(a_nonce(), [a_submission("ankang")])

    assert await silent(listening)


async def silent(store) -> bool:
    """Tell whether nothing is told before a change that comes after is."""
    asked = asyncio.create_task(heard(store))
    await store.put_partner(a_partner(id="the last"), an_entry())
    return bool(await asked == {Topic.PARTNERS})


async def test_whoever_waits_may_stop_waiting(stores):
    listening, other = stores
    await heard(listening)
    waiting = asyncio.create_task(listening.changed())
    await asyncio.sleep(0)
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting

    await other.put_partner(a_partner(), an_entry())

    assert await heard(listening) == {Topic.PARTNERS}
