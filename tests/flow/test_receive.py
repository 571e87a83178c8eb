"""Taking an exchange: once, with a receipt that is true, or not at all."""

import asyncio
import hmac
import json
from datetime import timedelta

import pytest

from gateway.core.audit.entry import EntryKind, Outcome
from gateway.core.model import PartnerStatus
from gateway.core.trust.digests import content_digest
from gateway.core.trust.keys import base64url
from gateway.core.trust.receipts import open_receipt
from tests.gateways import ANKANG, JIUQUAN, SHIYAN, application, border, event, publish, register
from tests.simulator import CHANCE, CLOCK


@pytest.fixture
async def shiyan(tmp_path):
    async with border(tmp_path) as here:
        yield here


async def nothing_happened(here):
    """Tell whether the business tables are as if nothing had come."""
    return await here.deliveries() == () and here.partner.seen == []


async def test_an_application_is_answered_by_a_receipt_for_exactly_what_was_sent(shiyan):
    body, exchange = application(), CHANCE.uuid7()

    reply = await shiyan.system.submit(shiyan.identity, body, exchange=exchange)

    assert reply.status == 202
    claims = open_receipt(
        reply.json["receipt"],
        keys=shiyan.gateway.keys,
        issuer="gateway.shiyan",
        audience="system.shiyan",
        exchange=exchange,
        digest=content_digest(body),
    )
    assert claims.subject == reply.json["number"]
    assert await shiyan.gateway.store.index_of(claims.entry) is not None


async def test_the_partner_gets_the_canonical_application_once_with_its_provenance(shiyan):
    reply = await shiyan.system.submit(shiyan.identity, application(), exchange=CHANCE.uuid7())
    await shiyan.settled()

    ((exchange, kind, number, _),) = shiyan.partner.seen
    assert (exchange, kind, number) == (reply.json["exchange"], "application.submitted", reply.json["number"])


async def test_repeating_a_request_returns_the_first_receipt_byte_for_byte(shiyan):
    body, exchange = application(), CHANCE.uuid7()

    first = await shiyan.system.submit(shiyan.identity, body, exchange=exchange)
    second = await shiyan.system.submit(shiyan.identity, body, exchange=exchange)
    await shiyan.settled()

    assert (first.status, second.status) == (202, 202)
    assert first.body == second.body
    assert len(await shiyan.deliveries()) == 1
    assert shiyan.partner.counts[exchange] == 1


async def test_the_first_receipt_is_repeated_even_after_the_item_was_withdrawn(shiyan):
    body, exchange = application(), CHANCE.uuid7()
    first = await shiyan.system.submit(shiyan.identity, body, exchange=exchange)
    await publish(shiyan.gateway, ANKANG, status="cancelled")
    await asyncio.sleep(1.1)  # the catalogue is remembered for a second

    another = await shiyan.system.submit(shiyan.identity, application(2))
    again = await shiyan.system.submit(shiyan.identity, body, exchange=exchange)

    assert another.status == 422
    assert first.body == again.body


async def test_the_same_exchange_with_another_body_is_a_conflict(shiyan):
    exchange = CHANCE.uuid7()
    await shiyan.system.submit(shiyan.identity, application(1), exchange=exchange)

    reply = await shiyan.system.submit(shiyan.identity, application(2), exchange=exchange)

    assert (reply.status, reply.json["code"]) == (409, "exchange_reused")
    assert len(await shiyan.deliveries()) == 1


async def test_a_token_is_good_for_one_request(shiyan):
    body = application()
    token = shiyan.system.token(shiyan.identity, "/federation/v1/applications", body)

    first = await shiyan.system.submit(shiyan.identity, body, token=token)
    second = await shiyan.system.submit(shiyan.identity, body, token=token)

    assert (first.status, second.status) == (202, 401)
    assert second.json["code"] == "token_replayed"
    (refusal,) = await shiyan.entries(EntryKind.EXCHANGE_REFUSED)
    assert (refusal.code, refusal.outcome) == ("token_replayed", Outcome.REFUSED)


async def test_a_suspended_partner_is_refused_and_the_refusal_logged(shiyan):
    await register(shiyan.gateway, shiyan.system.partner(status=PartnerStatus.SUSPENDED))

    reply = await shiyan.system.submit(shiyan.identity, application())

    assert (reply.status, reply.json["code"]) == (403, "partner_suspended")
    assert await nothing_happened(shiyan)
    assert [entry.code for entry in await shiyan.entries(EntryKind.EXCHANGE_REFUSED)] == ["partner_suspended"]


@pytest.mark.parametrize(
    ("bend", "code"),
    [
        ({"audience": "gateway.ankang"}, "audience_wrong"),
        ({"method": "PUT"}, "method_wrong"),
        ({"url": "http://127.0.0.1:1/federation/v1/applications"}, "url_wrong"),
        ({"issuer": "system.nobody"}, "key_unknown"),
        ({"exchange": "7"}, "exchange_malformed"),
    ],
)
async def test_a_token_for_something_else_is_refused_by_name_and_leaves_no_trace(shiyan, bend, code):
    body = application()
    token = shiyan.system.token(shiyan.identity, "/federation/v1/applications", body, **bend)

    reply = await shiyan.system.submit(shiyan.identity, body, token=token)

    assert (reply.status, reply.json["errors"][0]["code"]) == (401, code)
    assert await nothing_happened(shiyan)
    assert len(await shiyan.entries(EntryKind.EXCHANGE_REFUSED)) == 1


def forged(shiyan, body, *, key, algorithm, kid):
    """Return a token with the right claims, signed as no partner may."""
    _, claims, _ = shiyan.system.token(shiyan.identity, "/federation/v1/applications", body).split(".")
    header = base64url(json.dumps({"alg": algorithm, "kid": kid, "typ": "exchange+jwt"}).encode())
    signed = f"{header}.{claims}"
    return f"{signed}.{base64url(hmac.digest(key, signed.encode(), 'sha256')) if key else ''}"


@pytest.mark.parametrize(
    ("algorithm", "signed", "kid", "code"),
    [
        ("none", False, "", "token_malformed"),
        ("none", True, "", "algorithm_mismatch"),
        ("HS256", True, "", "algorithm_mismatch"),
        ("HS256", True, "nobody", "key_unknown"),
    ],
    ids=["alg none, unsigned", "alg none", "HMAC with the public key", "unknown kid"],
)
async def test_a_token_signed_as_no_partner_may_is_refused_and_leaves_no_trace(shiyan, algorithm, signed, kid, code):
    body, public = application(), shiyan.system.signer.public_key
    key = public.jwk.encode() if signed else None

    token = forged(shiyan, body, key=key, algorithm=algorithm, kid=kid or public.id)
    reply = await shiyan.system.submit(shiyan.identity, body, token=token)

    assert (reply.status, reply.json["code"]) == (401, code)
    assert await nothing_happened(shiyan)
    assert [entry.code for entry in await shiyan.entries(EntryKind.EXCHANGE_REFUSED)] == [code]


@pytest.mark.parametrize(
    ("moved", "code"),
    [(timedelta(minutes=-10), "token_expired"), (timedelta(minutes=10), "token_from_future")],
)
async def test_a_token_of_another_time_is_refused_and_leaves_no_trace(shiyan, moved, code):
    body = application()
    token = shiyan.system.token(shiyan.identity, "/federation/v1/applications", body, now=CLOCK.now() + moved)

    reply = await shiyan.system.submit(shiyan.identity, body, token=token)

    assert (reply.status, reply.json["errors"][0]["code"]) == (401, code)
    assert await nothing_happened(shiyan)


async def test_a_code_that_no_table_knows_is_refused_at_its_place_and_leaves_no_trace(shiyan):
    body = application().replace(b'"APPLYERTYPE":"1"', b'"APPLYERTYPE":"77"')

    reply = await shiyan.system.submit(shiyan.identity, body)

    assert reply.status == 422
    assert "/APPLYERTYPE" in [fault["pointer"] for fault in reply.json["errors"]]
    assert await nothing_happened(shiyan)
    assert len(await shiyan.entries(EntryKind.EXCHANGE_REFUSED)) == 1


async def test_a_changed_body_is_refused(shiyan):
    token = shiyan.system.token(shiyan.identity, "/federation/v1/applications", application(1))

    reply = await shiyan.system.submit(shiyan.identity, application(2), token=token)

    assert (reply.status, reply.json["errors"][0]["code"]) == (401, "digest_wrong")
    assert await nothing_happened(shiyan)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"TABLE": "UP_PRO_ACCEPT", ', 400, "json_truncated"),
        (b'{"a": 1, "a": 2}', 400, "json_duplicate_key"),
        (b"[" * 5000 + b"]" * 5000, 400, "too_deep"),
        ("{“a”: 1}".encode("gbk"), 400, "encoding_wrong"),
        (b'"only text"', 422, "type_wrong"),
    ],
)
async def test_what_cannot_be_read_is_refused_with_its_reason(shiyan, body, status, code):
    reply = await shiyan.system.submit(shiyan.identity, body)

    told = {reply.json["code"], *(fault["code"] for fault in reply.json["errors"])}
    assert (reply.status, code in told) == (status, True), reply.json
    assert await nothing_happened(shiyan)
    assert len(await shiyan.entries(EntryKind.EXCHANGE_REFUSED)) == 1


async def test_an_oversized_document_is_refused_before_it_is_read_and_the_refusal_logged(shiyan):
    reply = await shiyan.system.submit(shiyan.identity, b" " * 1_100_000)

    assert (reply.status, reply.json["code"]) == (413, "document_too_large")
    assert [entry.code for entry in await shiyan.entries(EntryKind.EXCHANGE_REFUSED)] == ["document_too_large"]
    assert await nothing_happened(shiyan)


async def test_every_fault_is_told_at_once_and_no_value_with_them(shiyan):
    body = application(collecting=JIUQUAN, handling="710000000000").replace(b'"APPLYDATE":"20', b'"APPLYDATE":"40')

    reply = await shiyan.system.submit(shiyan.identity, body)

    assert reply.status == 422
    assert {fault["code"] for fault in reply.json["errors"]} >= {"region_not_yours", "region_unreachable"}
    assert all(fault["message_zh"] for fault in reply.json["errors"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "cancelled"}, "item_withdrawn"),
        ({"effectiveTo": "2021-01-01"}, "item_out_of_date"),
        ({"effectiveFrom": "2099-01-01"}, "item_out_of_date"),
    ],
)
async def test_an_item_that_is_not_in_force_is_not_applied_for(shiyan, changes, code):
    await publish(shiyan.gateway, ANKANG, [7], **changes)

    reply = await shiyan.system.submit(shiyan.identity, application(item=7))

    assert (reply.status, reply.json["errors"][0]["code"]) == (422, code)
    assert await nothing_happened(shiyan)


async def test_an_event_about_somebody_elses_application_finds_nothing(shiyan):
    reply = await shiyan.system.report(shiyan.identity, "610900-00000-00000K", event("accepted"))

    assert (reply.status, reply.json["code"]) == (404, "number_unknown")


async def test_an_event_that_names_another_application_is_refused_at_its_place(shiyan):
    submitted = await shiyan.system.submit(shiyan.identity, application())
    withdrawn = json.loads(event("withdrawn", region=SHIYAN)) | {"COLLABORATIONNO": "610900-00000-00000K"}

    reply = await shiyan.system.report(shiyan.identity, submitted.json["number"], json.dumps(withdrawn).encode())

    assert reply.status == 422
    assert [(one["pointer"], one["code"]) for one in reply.json["errors"]] == [
        ("/collaborationNumber", "number_differs")
    ]


async def test_the_collecting_side_may_not_decide(shiyan):
    submitted = await shiyan.system.submit(shiyan.identity, application())

    reply = await shiyan.system.report(shiyan.identity, submitted.json["number"], event("accepted", region=SHIYAN))

    assert (reply.status, reply.json["code"]) == (403, "event_of_other_side")


async def test_a_gateway_may_sign_with_p_256(tmp_path):
    async with border(tmp_path, algorithm="ES256") as here:
        body, exchange = application(), CHANCE.uuid7()

        reply = await here.system.submit(here.identity, body, exchange=exchange)
        await here.settled()

    assert [key.algorithm for key in here.gateway.keys] == ["ES256"]
    open_receipt(
        reply.json["receipt"],
        keys=here.gateway.keys,
        issuer="gateway.shiyan",
        audience="system.shiyan",
        exchange=exchange,
        digest=content_digest(body),
    )


@pytest.mark.usefixtures("shiyan")
async def test_the_store_is_for_its_owner_only(tmp_path):
    files = list(tmp_path.glob("shiyan.sqlite*"))

    assert len(files) > 1
    assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o600"}


async def test_the_log_names_no_person(shiyan):
    await shiyan.system.submit(shiyan.identity, application())
    await shiyan.settled()

    size = (await shiyan.gateway.store.head()).size
    leaves = b"".join(await shiyan.gateway.store.leaves(0, size))
    assert leaves.isascii()
    assert b"1390000" not in leaves
