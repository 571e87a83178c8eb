"""Clocks that leap, drift and stand in other zones: nothing is lost or let in twice, and whose fault it is is told."""

import json
import re
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
import structlog

from gateway.core.catalogue.items import service_item
from gateway.core.catalogue.publication import in_force
from gateway.core.cloudevent import read_event
from gateway.core.conversion.codecs.times import LAYOUTS, _any_of, canonical_moment
from gateway.core.model import Delivery, DeliveryState
from gateway.flow.verify import verify_stored_log
from tests.gateways import ANKANG, SHIYAN, application, border, opened_gateway, published, register
from tests.simulator import CLOCK


@dataclass
class Wrong:
    """The machine's clock, and by how much a test makes it wrong."""

    by: timedelta = timedelta()

    def now(self) -> datetime:
        return CLOCK.now() + self.by


@pytest.fixture
def clock():
    return Wrong()


@pytest.fixture
async def shiyan(tmp_path, clock):
    async with border(tmp_path, clock=clock) as here:
        yield here


async def test_what_was_taken_by_a_clock_that_was_ahead_leaves_once_it_is_right(shiyan, clock):
    """It was due hours from now by the clock of its taking; nobody waits that long."""
    clock.by = timedelta(hours=5)
    await shiyan.partner.hang_up()
    reply = await shiyan.system.submit(shiyan.identity, application(1), now=clock.now())
    assert reply.status == 202, reply.body
    await shiyan.system.until(lambda: "gateway.beyond" in shiyan.gateway.steps.relay._backoffs)

    clock.by = timedelta()
    await shiyan.partner.listen()
    await register(shiyan.gateway, shiyan.partner.partner())
    await shiyan.gateway.steps.relay._hasten()
    await shiyan.settled()

    assert len(shiyan.partner.seen) == 1


async def test_a_rest_that_was_noted_by_a_clock_that_was_ahead_has_ended(shiyan, clock):
    clock.by = timedelta(days=365)
    await shiyan.partner.hang_up()
    await shiyan.system.submit(shiyan.identity, application(1), now=clock.now())
    relay = shiyan.gateway.steps.relay
    await shiyan.system.until(lambda: "gateway.beyond" in relay._backoffs)
    resting = relay._resting("gateway.beyond")

    clock.by = timedelta()

    assert (resting, relay._resting("gateway.beyond")) == (True, False)


async def test_the_log_stays_whole_and_in_order_whatever_the_clock_does(shiyan, clock):
    for number, hours in enumerate((0, 5, -5, 24 * 400, 0)):
        clock.by = timedelta(hours=hours)
        reply = await shiyan.system.submit(shiyan.identity, application(number), now=clock.now())
        assert reply.status == 202, reply.body
        await shiyan.gateway.steps.checkpoint()

    report = await verify_stored_log(shiyan.gateway.store, shiyan.gateway.log_key)

    assert report.passed, report.checks


@pytest.mark.parametrize("by_s", [-25, 25])
async def test_clocks_that_differ_by_less_than_is_allowed_harm_nothing(shiyan, clock, by_s):
    clock.by = timedelta(seconds=by_s)

    reply = await shiyan.system.submit(shiyan.identity, application(1))

    assert reply.status == 202, reply.body


@pytest.mark.parametrize(("by_s", "code"), [(-45, "token_from_future"), (200, "token_expired")])
async def test_clocks_that_differ_by_more_are_told_apart_from_everything_else(shiyan, clock, by_s, code):
    clock.by = timedelta(seconds=by_s)

    before = clock.now()
    reply = await shiyan.system.submit(shiyan.identity, application(1))

    (fault,) = reply.json["errors"]
    assert (reply.status, fault["code"]) == (401, code)
    (said,) = re.findall(r"the clock here says (\d+)", fault["expected"])
    assert int(before.timestamp()) <= int(said) <= clock.now().timestamp()
    assert "Date" in reply.headers


async def test_the_operator_of_the_sender_reads_that_it_is_the_clock_and_by_how_much(tmp_path, clock):
    clock.by = timedelta(minutes=-10)
    async with border(tmp_path, clock=clock) as shiyan, opened_gateway(tmp_path, "ankang", ANKANG) as ankang:
        us, them = shiyan.identity, ankang.identity
        known = shiyan.partner.partner(id=us.id, keys=shiyan.gateway.keys, regions=(SHIYAN,))
        beyond = shiyan.partner.partner(id=them.id, endpoint=them.url, keys=ankang.keys)
        await register(ankang, known)
        await register(shiyan.gateway, shiyan.partner.partner(regions=("620900000000",)), beyond)
        with structlog.testing.capture_logs() as lines:
            await shiyan.system.submit(us, application(1), now=clock.now())
            await shiyan.system.until(lambda: any(line["event"] == "clocks_differ" for line in lines))
        found: tuple[Delivery, ...] = ()
        while not any(each.code for each in found):
            found = await shiyan.deliveries()

    (line, *_) = [line for line in lines if line["event"] == "clocks_differ"]
    assert (line["partner"], abs(line["ahead_s"] + 600) <= 60) == (them.id, True)
    assert [(each.state, each.code) for each in found] == [(DeliveryState.DUE, "token_expired")]
    assert [fault.pointer for fault in found[0].faults] == ["/exp"]


@pytest.mark.parametrize(
    ("at", "version"),
    [
        ("2026-03-01T15:59:59.999999+00:00", 1),
        ("2026-03-01T16:00:00+00:00", 2),  # midnight in Shanghai, eight hours before it is in Greenwich
        ("2026-03-02T00:00:00+08:00", 2),
        ("2026-03-01T11:00:00-05:00", 2),
        ("2026-03-31T15:59:59+00:00", 2),
        ("2026-03-31T16:00:00+00:00", 3),
    ],
)
def test_a_day_of_the_catalogue_begins_and_ends_at_midnight_in_china(at, version):
    days = [("2026-02-01", "2026-03-01"), ("2026-03-02", "2026-03-31"), ("2026-04-01", "2026-12-31")]
    document = json.loads(published(SHIYAN, [0])[0].document)
    versions = [
        service_item(document | {"version": number, "effectiveFrom": begins, "effectiveTo": ends})
        for number, (begins, ends) in enumerate(days, start=1)
    ]

    found = in_force(versions, datetime.fromisoformat(at))

    assert found is not None
    assert found.version == version


@pytest.mark.parametrize("written", ["2016-12-31T23:59:60Z", "2017-01-01T07:59:60+08:00", "2026-03-02T24:00:00+08:00"])
def test_a_second_that_no_clock_here_has_is_no_time(written):
    assert canonical_moment(written) in {None, "2026-03-03T00:00:00"}


@pytest.mark.parametrize("written", ["2017-01-01 07:59:60", "20170101075960", "2017-01-01T07:59:60+08:00"])
def test_a_leap_second_in_a_regional_document_is_no_time_in_any_layout(written):
    assert _any_of(LAYOUTS)(written) is None


@pytest.fixture
def zone(monkeypatch):
    """Put this process into a zone, as its operator might; the machine's own comes back at the end."""

    def put(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield put
    monkeypatch.undo()
    time.tzset()


async def test_what_a_gateway_relays_does_not_depend_on_the_zone_of_its_host(tmp_path, zone):
    """In New York another day began hours ago or is hours away, and half of the year has summer time."""
    body, relayed = application(1), []
    for name in ("UTC", "America/New_York", "Pacific/Kiritimati"):
        zone(name)
        (tmp_path / name).mkdir(parents=True)
        async with border(tmp_path / name) as shiyan:
            reply = await shiyan.system.submit(shiyan.identity, body)
            assert reply.status == 202, reply.body
            await shiyan.settled()
            ((*_, event),) = shiyan.partner.seen
            written = read_event(event)
            relayed.append(written.data)
            assert abs(datetime.fromisoformat(written.time) - CLOCK.now()) < timedelta(minutes=2)

    assert relayed[0] == relayed[1] == relayed[2]
