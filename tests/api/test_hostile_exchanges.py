"""What a partner gateway may get wrong, or try: each is refused with a code, and changes nothing."""

import orjson
import pytest

from gateway.core.cloudevent import CloudEvent
from tests.api.calls import APPLICATIONS, EXCHANGES, relayed, submitted
from tests.api.world import PEER, SYSTEM, an_event, an_exchange


@pytest.mark.parametrize(
    ("body", "media_type", "status", "code"),
    [
        (b"[]", CloudEvent.BATCH_MEDIA_TYPE, 400, "batch_size_wrong"),
        (b"[" + b",".join([b"{}"] * 33) + b"]", CloudEvent.BATCH_MEDIA_TYPE, 400, "batch_size_wrong"),
        (b"{", CloudEvent.BATCH_MEDIA_TYPE, 400, "batch_malformed"),
        (b"{}", "application/json", 415, "format_unsupported"),
        (b"{}", "text/html; charset=utf-8", 415, "format_unsupported"),
        (b"[1]", CloudEvent.MEDIA_TYPE, 400, None),
    ],
)
async def test_what_is_no_exchange_is_refused_as_a_whole(gateway_with_store, body, media_type, status, code):
    told = await gateway_with_store.signed(PEER, "POST", EXCHANGES, body, exchange=an_exchange(), media_type=media_type)

    assert (told.status, code or told.code) == (status, told.code)


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        ("event.decided", an_event("accepted")),
        ("event.bogus", an_event("accepted")),
        ("event.bogus", an_event("bogus")),
        ("event.", an_event("")),
        ("event", an_event("accepted")),
        ("application.bogus", an_event("accepted")),
        ("application.submitted", an_event("accepted")),
        ("application.submitted", {"item": None}),
        ("event.accepted", {}),
        ("event.accepted", {"type": ["accepted"]}),
        ("event.accepted", {"type": "accepted", "occurredAt": 5}),
    ],
)
async def test_an_exchange_that_is_not_what_it_says_changes_nothing(gateway_with_store, kind, document):
    number = await submitted(gateway_with_store)

    told = await gateway_with_store.signed(
        PEER,
        "POST",
        EXCHANGES,
        relayed(number, kind, document),
        exchange=an_exchange(),
        media_type=CloudEvent.MEDIA_TYPE,
    )
    stands = await gateway_with_store.signed(SYSTEM, "GET", f"{APPLICATIONS}/{number}")

    assert 400 <= told.status < 500
    assert stands.document["state"] == "submitted"


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("id", ""),
        ("id", "110101199003077790"),
        ("id", 7),
        ("subject", ""),
        ("subject", "110101199003077790"),
        ("subject", "张三"),
        ("subject", None),
        ("time", "yesterday"),
        ("source", "张三"),
        ("adapter", "张三"),
        ("adapter", "x" * 5000),
        ("adapterversion", "张三"),
        ("mappingdigest", "md5"),
        ("sourcedigest", "md5"),
        ("origintoken", "张三"),
        ("specversion", "0.3"),
        ("data", []),
    ],
)
async def test_an_attribute_that_no_honest_gateway_sends_is_answered_and_not_a_crash(
    gateway_with_store, attribute, value
):
    event = orjson.loads(relayed(await submitted(gateway_with_store))) | {attribute: value}

    told = await gateway_with_store.signed(
        PEER, "POST", EXCHANGES, orjson.dumps(event), exchange=an_exchange(), media_type=CloudEvent.MEDIA_TYPE
    )

    assert told.status < 500
