"""What partners call, over the real steps and a real store."""

import asyncio
from dataclasses import replace
from typing import NamedTuple

import orjson
import pytest
from yarl import URL

from gateway.api.contract import OPERATIONS
from gateway.api.page import worked_path
from gateway.core.cloudevent import CloudEvent, batch
from gateway.core.model import Facets, ServiceItem
from gateway.core.trust.digests import content_digest
from gateway.core.trust.receipts import open_receipt
from tests.api.calls import APPLICATIONS, EXCHANGES, ITEMS, next_of, relayed, submitted
from tests.api.raw_http import say
from tests.api.world import (
    AUDITOR,
    OPERATOR,
    OUR_KEY,
    PEER,
    STRANGER,
    SYSTEM,
    US,
    Caller,
    an_application,
    an_event,
    an_exchange,
)


async def test_an_application_is_taken_and_its_receipt_proves_it(gateway_with_store):
    body, exchange = an_application(), an_exchange()

    told = await gateway_with_store.signed(SYSTEM, "POST", APPLICATIONS, body, exchange=exchange)

    receipt = open_receipt(
        told.document["receipt"],
        keys=(OUR_KEY.public_key,),
        issuer=US.id,
        audience=SYSTEM.name,
        exchange=exchange,
        digest=content_digest(body),
    )
    assert told.status == 202
    assert (told.document["exchange"], told.document["number"]) == (exchange, receipt.subject)


async def test_a_repeat_is_answered_with_the_first_bytes(gateway_with_store):
    body, exchange = an_application(), an_exchange()

    first = await gateway_with_store.signed(SYSTEM, "POST", APPLICATIONS, body, exchange=exchange)
    again = await gateway_with_store.signed(SYSTEM, "POST", APPLICATIONS, body, exchange=exchange)

    assert (again.status, again.body) == (first.status, first.body)


async def test_other_content_under_the_same_exchange_is_a_conflict(gateway_with_store):
    exchange = an_exchange()
    await gateway_with_store.signed(SYSTEM, "POST", APPLICATIONS, an_application(), exchange=exchange)

    other = await gateway_with_store.signed(
        SYSTEM, "POST", APPLICATIONS, an_application(mode="proxy"), exchange=exchange
    )

    assert (other.status, other.code) == (409, "exchange_reused")


async def test_a_document_that_breaks_the_rules_is_told_every_fault(gateway_with_store):
    body = an_application(collectingRegion="42", mode="teleport")

    told = await gateway_with_store.signed(SYSTEM, "POST", APPLICATIONS, body, exchange=an_exchange())

    assert (told.status, told.code) == (422, "document_invalid")
    assert {fault["pointer"] for fault in told.document["errors"]} == {"/collectingRegion", "/mode"}


async def test_a_document_that_cannot_be_read_is_a_400(gateway_with_store):
    told = await gateway_with_store.signed(SYSTEM, "POST", APPLICATIONS, b'{"half":', exchange=an_exchange())

    assert (told.status, told.code) == (400, "document_malformed")


async def test_a_token_is_for_one_method_url_and_body(gateway_with_store):
    body = an_application()
    headers = SYSTEM.headers("POST", "/federation/v1/elsewhere", b"other", exchange=an_exchange())

    told = await gateway_with_store.ask("POST", APPLICATIONS, data=body, headers=headers)

    assert told.status == 401
    assert {fault["code"] for fault in told.document["errors"]} == {"url_wrong", "digest_wrong"}
    assert told.headers["WWW-Authenticate"].startswith("Exchange-Token")


async def test_the_host_header_has_no_say_in_the_url_that_was_signed(gateway_with_store):
    body = an_application()
    headers = SYSTEM.headers("POST", APPLICATIONS, body, exchange=an_exchange())

    told = await gateway_with_store.ask("POST", APPLICATIONS, data=body, headers={**headers, "Host": "evil.example"})

    assert told.status == 202


class Call(NamedTuple):
    """A request that its kind of partner may make; NUMBER stands for a collaboration number that nobody has."""

    caller: Caller
    method: str
    path: str
    body: bytes = b""
    media_type: str = "application/json"


CALLS = {
    "submit": Call(SYSTEM, "POST", APPLICATIONS, b"{}"),
    "report": Call(SYSTEM, "POST", f"{APPLICATIONS}/NUMBER/events", b"{}"),
    "read": Call(SYSTEM, "GET", f"{APPLICATIONS}/NUMBER"),
    "relay": Call(PEER, "POST", EXCHANGES, b"{}", CloudEvent.MEDIA_TYPE),
    "items": Call(PEER, "GET", ITEMS),
    "adapters": Call(OPERATOR, "GET", "/operations/v1/adapters"),
    "activate": Call(OPERATOR, "POST", "/operations/v1/adapters/small/1.0.0/activate"),
    "entries": Call(AUDITOR, "GET", "/audit/v1/entries"),
    "bundle": Call(AUDITOR, "GET", "/audit/v1/tile/entries/000.p/1"),
}


@pytest.fixture(params=CALLS)
def call(request, number) -> Call:
    wanted: Call = CALLS[request.param]
    return wanted._replace(path=wanted.path.replace("NUMBER", number))


async def test_nobody_calls_without_a_token(gateway_with_store, call):
    headers = {"Content-Type": call.media_type} if call.body else {}

    told = await gateway_with_store.ask(call.method, call.path, data=call.body or None, headers=headers)

    assert (told.status, told.code) == (401, "token_missing")


async def test_nobody_calls_with_a_key_that_is_not_registered(gateway_with_store, call):
    told = await gateway_with_store.signed(
        STRANGER, call.method, call.path, call.body, exchange=an_exchange(), media_type=call.media_type
    )

    assert (told.status, told.code) == (401, "key_unknown")


async def test_nobody_calls_twice_with_one_token(gateway_with_store, call):
    headers = call.caller.headers(call.method, call.path, call.body, exchange=an_exchange())
    headers |= {"Content-Type": call.media_type} if call.body else {}
    first = await gateway_with_store.ask(call.method, call.path, data=call.body or None, headers=headers)

    again = await gateway_with_store.ask(call.method, call.path, data=call.body or None, headers=headers)

    assert first.status != 401
    assert (again.status, again.code) == (401, "token_replayed")


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.method == "GET"], ids=lambda each: each.id)
async def test_the_worked_request_of_every_reading_operation_is_understood(gateway_with_store, operation):
    caller = AUDITOR if operation.group in {"audit", "operations"} else SYSTEM
    path = worked_path(operation)
    options = {"headers": caller.headers("GET", path)} if operation.signed else {}

    told = await gateway_with_store.ask("GET", URL(path, encoded=True), **options)

    assert told.status in {200, 404}
    assert told.status == 200 or told.code in {
        "number_unknown",
        "tile_unknown",
        "checkpoint_unknown",
        "tree_size_unknown",
        "adapter_version_unknown",
    }


async def test_a_kind_of_partner_calls_its_own_paths_only(gateway_with_store):
    told = await gateway_with_store.signed(PEER, "POST", APPLICATIONS, an_application(), exchange=an_exchange())

    assert (told.status, told.code) == (403, "role_forbidden")


async def test_a_party_reads_where_its_application_stands(gateway_with_store):
    number = await submitted(gateway_with_store)

    told = await gateway_with_store.signed(SYSTEM, "GET", f"{APPLICATIONS}/{number}")

    assert told.status == 200
    assert (told.document["state"], told.document["target"]) == ("submitted", "ankang-gateway")
    assert [each["kind"] for each in told.document["history"]] == ["application.submitted"]
    assert [each["state"] for each in told.document["deliveries"]] == ["due"]
    assert "张三" not in told.body.decode()


@pytest.mark.parametrize(
    "number",
    [
        "420300-00000-000000",
        "nonsense",
        "%2e%2e%2fitems",
        "420300%2D00000%2D000000",
        "a%00b",
        "%F0%9F%92%A3",
        "x" * 300,
        "';DROP TABLE application;--",
    ],
)
async def test_a_number_that_nobody_has_is_not_found_however_it_is_spelled(gateway_with_store, number):
    path = f"{APPLICATIONS}/{number}".encode()
    headers = SYSTEM.headers("GET", path.decode())
    head = b"GET " + path.replace(b" ", b"%20") + b" HTTP/1.1\r\nHost: h\r\nExchange-Token: "

    told = await say(gateway_with_store.port, head + headers["Exchange-Token"].encode() + b"\r\n\r\n")

    assert told is not None
    assert (told.status, told.document["code"]) == (404, "number_unknown")


async def test_the_other_side_reports_and_the_state_follows(gateway_with_store):
    number = await submitted(gateway_with_store)
    body = relayed(number)

    told = await gateway_with_store.signed(
        PEER, "POST", EXCHANGES, body, exchange=an_exchange(), media_type=CloudEvent.MEDIA_TYPE
    )
    stands = await gateway_with_store.signed(SYSTEM, "GET", f"{APPLICATIONS}/{number}")

    assert told.status == 202
    assert stands.document["state"] == "accepted"


async def test_an_event_of_the_wrong_side_or_time_is_refused_with_what_is_possible(gateway_with_store):
    number = await submitted(gateway_with_store)
    path = f"{APPLICATIONS}/{number}/events"

    told = await gateway_with_store.signed(SYSTEM, "POST", path, orjson.dumps(an_event()), exchange=an_exchange())

    assert (told.status, told.code) == (403, "event_of_other_side")


async def test_each_exchange_of_a_batch_is_answered_on_its_own_and_in_order(gateway_with_store):
    first, second = await submitted(gateway_with_store), await submitted(gateway_with_store)
    ids = [an_exchange() for _ in range(3)]
    body = batch(
        [
            relayed(first, exchange=ids[0]),
            relayed("420300-00000-000000", exchange=ids[1]),
            relayed(second, exchange=ids[2]),
        ]
    )

    told = await gateway_with_store.signed(
        PEER, "POST", EXCHANGES, body, exchange=an_exchange(), media_type=CloudEvent.BATCH_MEDIA_TYPE
    )

    results = told.document["results"]
    assert told.status == 200
    assert [each["exchange"] for each in results] == ids
    assert ["receipt" in each for each in results] == [True, False, True]
    assert results[1]["problem"]["code"] == "number_unknown"


async def test_items_are_paged_until_there_is_no_next_link(gateway_with_store, store):
    await store.put_items([an_item(code, version) for code in ("A-1", "B-2", "C.3") for version in (1, 2)])
    path, seen = f"{ITEMS}?limit=4", []

    while path:
        told = await gateway_with_store.signed(SYSTEM, "GET", path)
        seen.append([(each["code"], each["version"]) for each in told.document["items"]])
        path = next_of(told.headers.get("Link", ""))

    assert seen == [[("A-1", 1), ("A-1", 2), ("B-2", 1), ("B-2", 2)], [("C.3", 1), ("C.3", 2)]]


async def test_items_carry_their_canonical_document_as_it_is_kept(gateway_with_store, store):
    await store.put_items([an_item("A-1", 1)])

    told = await gateway_with_store.signed(AUDITOR, "GET", f"{ITEMS}?region=61")

    assert told.document["items"][0]["document"] == {"name": "事项"}
    assert '"document":{"name":"事项"}'.encode() in told.body


async def test_items_are_searched_by_all_that_is_asked_at_once(gateway_with_store, store):
    wanted = replace(an_item("A-1", 1), status="in-use", name="学历公证", facets=Facets(modes=("online",), online=True))
    others = [replace(wanted, code=code, **changed) for code, changed in (
        ("A-2", {"name": "公学历证"}), ("A-3", {"facets": Facets()}), ("A-4", {"status": "suspended"})
    )]  # fmt: skip
    await store.put_items([*others, wanted])
    asked = {"name": "历公", "mode": "online", "online": "true", "at": "2026-11-22T08:00:00+08:00"}

    told = await gateway_with_store.signed(SYSTEM, "GET", str(URL(ITEMS).with_query(asked)))

    assert [each["code"] for each in told.document["items"]] == ["A-1"]
    assert (await gateway_with_store.signed(SYSTEM, "GET", f"{ITEMS}?kind=base-item")).document == {"items": []}


async def test_a_query_that_is_not_understood_is_refused_whole(gateway_with_store):
    told = await gateway_with_store.signed(SYSTEM, "GET", f"{ITEMS}?limit=0&regoin=61")

    assert (told.status, told.code) == (400, "query_invalid")
    assert [fault["pointer"] for fault in told.document["errors"]] == ["/query/limit", "/query/regoin"]


async def test_a_store_that_does_not_answer_is_a_503_and_never_a_duplicate(gateway_with_store, store):
    await store.close()

    told = await gateway_with_store.signed(SYSTEM, "POST", APPLICATIONS, an_application(), exchange=an_exchange())

    assert (told.status, told.code) == (503, "store_unavailable")
    assert told.headers["Retry-After"] == "4"


async def test_many_callers_at_once_each_get_their_own_receipt(gateway_with_store):
    exchanges = [an_exchange() for _ in range(32)]

    answers = await asyncio.gather(
        *(
            gateway_with_store.signed(SYSTEM, "POST", APPLICATIONS, an_application(), exchange=exchange)
            for exchange in exchanges
        )
    )

    assert [told.document["exchange"] for told in answers] == exchanges
    assert len({told.document["number"] for told in answers}) == 32


def an_item(code: str, version: int) -> ServiceItem:
    return ServiceItem(
        code=code,
        region="610900000000",
        name="事项",
        status="1",
        version=version,
        effective_from=None,
        effective_to=None,
        document='{"name":"事项"}'.encode(),
        digest="sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
    )
