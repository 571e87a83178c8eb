"""What every store does with partners."""

from gateway.core.model import PartnerStatus
from tests.store.samples import a_partner, an_entry


async def test_partners_come_back_as_registered_in_order_of_id(store):
    second, first = a_partner(id="shiyan"), a_partner(id="ankang", keys=(), regions=())
    for partner in (second, first):
        await store.put_partner(partner, an_entry())

    assert await store.partners() == (first, second)
    assert (await store.head()).size == 2


async def test_registering_again_replaces(store):
    await store.put_partner(a_partner(), an_entry())
    changed = a_partner(endpoint="http://127.0.0.1:9000", status=PartnerStatus.SUSPENDED, keys=())

    await store.put_partner(changed, an_entry())

    assert await store.partners() == (changed,)


async def test_a_partner_is_suspended_and_resumed(store):
    await store.put_partner(a_partner(), an_entry())

    assert await store.set_status("ankang", PartnerStatus.SUSPENDED, an_entry())
    suspended = await store.partners()
    assert await store.set_status("ankang", PartnerStatus.ACTIVE, an_entry())

    assert suspended == (a_partner(status=PartnerStatus.SUSPENDED),)
    assert await store.partners() == (a_partner(),)
    assert (await store.head()).size == 3


async def test_a_partner_that_is_not_registered_cannot_be_suspended(store):
    assert not await store.set_status("nobody", PartnerStatus.SUSPENDED, an_entry())
    assert (await store.head()).size == 0
