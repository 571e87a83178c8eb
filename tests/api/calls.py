"""Requests that several tests make."""

from urllib.parse import urlsplit

from gateway.core.cloudevent import CloudEvent
from tests.api.served import Served
from tests.api.world import PEER, SYSTEM, an_application, an_event, an_exchange

APPLICATIONS, EXCHANGES, ITEMS = "/federation/v1/applications", "/federation/v1/exchanges", "/federation/v1/items"


async def submitted(gateway: Served) -> str:
    """Submit an application and return its number."""
    told = await gateway.signed(SYSTEM, "POST", APPLICATIONS, an_application(), exchange=an_exchange())
    assert told.status == 202, told.document
    return str(told.document["number"])


def relayed(number: str, kind: str = "event.accepted", document: object = None, exchange: str = "") -> bytes:
    """Return a CloudEvent of the partner gateway about an application."""
    event = CloudEvent(
        id=exchange or an_exchange(),
        source=PEER.name,
        kind=kind,
        subject=number,
        time="2026-11-02T08:30:00.000Z",
        data=an_event() if document is None else document,  # type: ignore[arg-type]  # hostile ones are no objects
    )
    return event.write()


def next_of(link: str) -> str:
    address = urlsplit(link.partition(">")[0].lstrip("<"))
    return f"{address.path}?{address.query}" if link else ""
