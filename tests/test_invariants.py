"""What holds whatever happens, seen from outside one running gateway.

The numbers are those of ARCHITECTURE.md. Invariants that one part alone can break are tested with that part.
"""

import sqlite3

import pytest
import structlog
from aiohttp import web

from gateway.core.audit.entry import EntryKind
from gateway.core.model import DeliveryState
from gateway.demo.applicants import case
from tests.gateways import ANKANG, SHIYAN, application, border
from tests.simulator import CHANCE, CLOCK


@pytest.fixture
async def shiyan(tmp_path):
    async with border(tmp_path) as here:
        yield here


def personal(number):
    """Return what in an application belongs to a person."""
    matter = case(number, collecting=SHIYAN, handling=ANKANG, item=("", ""), at=CLOCK.now())
    return [matter.applicant, matter.id_number, matter.phone]


async def test_1_and_2_what_the_log_cannot_hold_is_neither_receipted_nor_relayed(shiyan, tmp_path):
    other = sqlite3.connect(tmp_path / "shiyan.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # from here on nothing can be written

    reply = await shiyan.system.submit(shiyan.identity, application())

    assert (reply.status, reply.json["code"]) == (503, "store_unavailable")
    assert "Retry-After" in reply.headers
    assert shiyan.partner.requests == 0

    other.execute("ROLLBACK")
    other.close()
    again = await shiyan.system.submit(shiyan.identity, application())
    await shiyan.settled()
    assert again.status == 202


async def test_2_every_relay_has_an_earlier_entry_that_names_its_destination(shiyan):
    await shiyan.system.submit(shiyan.identity, application())
    await shiyan.settled()

    entries = await shiyan.entries()
    kinds = [entry.kind for entry in entries if entry.exchange]
    assert kinds == [EntryKind.EXCHANGE_RECEIVED, EntryKind.DELIVERY_SETTLED]
    received = entries[-2]
    assert received.destination is not None
    assert received.destination.partner == "gateway.beyond"


async def test_3_a_store_that_fails_is_never_called_a_duplicate(shiyan, tmp_path):
    body, exchange = application(), CHANCE.uuid7()
    first = await shiyan.system.submit(shiyan.identity, body, exchange=exchange)
    other = sqlite3.connect(tmp_path / "shiyan.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    during = await shiyan.system.submit(shiyan.identity, body, exchange=exchange)
    other.execute("ROLLBACK")
    other.close()
    after = await shiyan.system.submit(shiyan.identity, body, exchange=exchange)

    assert (first.status, during.status, after.status) == (202, 503, 202)
    assert first.body == after.body


async def test_8_nothing_personal_leaves_the_two_sides(shiyan):
    """Accepted, refused, repeated, relayed in vain and given up: no leaf, log line or problem holds the person."""
    bad = application(2).replace(personal(2)[1].encode(), personal(2)[1][:-1].encode() + b"?")
    problems = []
    shiyan.partner.answer = lambda *_: web.Response(status=500, text="oops " + "".join(personal(1)))
    with structlog.testing.capture_logs() as lines:
        await shiyan.system.submit(shiyan.identity, application(1))
        problems.append(await shiyan.system.submit(shiyan.identity, bad))
        problems.append(await shiyan.system.submit(shiyan.identity, application(3)[:-1]))
        await shiyan.partner.until(lambda: shiyan.partner.requests > 1)
        shiyan.partner.answer = None
        await shiyan.settled()

    size = (await shiyan.gateway.store.head()).size
    leaves = b"".join(await shiyan.gateway.store.leaves(0, size)).decode()
    told = "".join(problem.body.decode() for problem in problems)
    assert [problem.status for problem in problems] == [422, 400]
    assert lines
    for secret in [*personal(1), *personal(2), *personal(3)]:
        assert secret not in leaves
        assert secret not in repr(lines)
        assert secret not in told


async def test_11_every_delivery_is_in_exactly_one_state_and_the_dead_are_visible(shiyan):
    refusal = {"status": 422, "code": "document_invalid", "errors": []}
    shiyan.partner.answer = lambda *_: web.json_response({"results": [{"exchange": "x", "problem": refusal}]})
    await shiyan.system.submit(shiyan.identity, application(1))
    dead = await shiyan.dead()
    shiyan.partner.answer = None
    await shiyan.system.submit(shiyan.identity, application(2))
    await shiyan.settled(1)

    by_state = [each.id for state in DeliveryState for each in await shiyan.deliveries(state)]
    assert sorted(by_state) == sorted(each.id for each in await shiyan.deliveries())
    assert [each.code for each in dead] == ["document_invalid"]
    view = await shiyan.system.get(shiyan.identity, f"/federation/v1/applications/{dead[0].subject}")
    assert "document_invalid" in view.body.decode()
