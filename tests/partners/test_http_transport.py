"""Deliveries to systems that sign nothing: proofs that a real server checks, and every way its answer can go wrong."""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import timedelta

import orjson
import pytest
from aiohttp import web

from gateway.core.conversion.loading import load_adapter
from gateway.core.errors import SettingsError
from gateway.core.model import Delivery, Partner, PartnerKind
from gateway.core.transports.answers import Meaning
from gateway.partners.courier import HTTPCourier
from gateway.partners.transports.http import HTTPTransport
from gateway.partners.transports.proofs import Prover
from tests.core.conversion.samples import MANIFEST, files
from tests.plain_system import SECRET, endless, plain_system, silence, told
from tests.simulator import CHANCE, CLOCK

ANSWER = '[transport.answer]\ncode = "/code"\naccepted = ["200"]\nretry = ["500"]\nrefused = ["300"]\n'
PLAIN = '[transport]\nkind = "http"\npath = "/take"\ntimeout_s = 60\nexchange = { header = "X-Exchange" }\n'
HASTY = PLAIN.replace("timeout_s = 60", "timeout_s = 1")
KEY = '[transport.authentication]\nkind = "key"\ncredential = "apikey"\n'
APP_CODE = """[transport.authentication]
kind = "app-code"
credential = "appCode"
header = "token"
parameters = { appId = "7" }
token = "/data/token"
lifetime = "/data/expiresIn"
expired = ["401"]
"""
NATIONAL = """[transport]
kind = "http"
path = "/sysapi/apply"
lower_keys = true
[transport.authentication]
kind = "national"
credential = "appsecret"
requester = "rid-1"
service = "sid-1"
"""


@dataclass
class Secrets:
    """Credentials in memory."""

    kept: dict[str, str] = field(
        default_factory=lambda: dict.fromkeys(("apikey", "appCode", "appsecret"), SECRET), repr=False
    )

    async def secret(self, _partner: str, name: str) -> str:
        if name not in self.kept:
            raise SettingsError("there is none", code="credential_missing")
        return self.kept[name]


@dataclass
class Calendar:
    """A clock that a test puts forward."""

    ahead: timedelta = timedelta()

    def now(self):
        return CLOCK.now() + self.ahead


@pytest.fixture
async def system():
    async with plain_system() as running:
        yield running


@dataclass
class Carrier:
    """Carries deliveries by a manifest's transport."""

    transport: HTTPTransport
    endpoint: str
    secrets: dict[str, str]
    clock: Calendar

    async def __call__(self, manifest, *, endpoint="", count=1, body=b'{"MC":"\xe5\xbc\xa0"}'):
        table = '{ canonical = "/applicant/name", regional = "/MC" },'
        adapter = load_adapter(files(table, manifest=f"{MANIFEST}{manifest}{ANSWER}"))
        assert adapter.manifest.http is not None
        partner = Partner(
            id="system.x", kind=PartnerKind.SYSTEM, name="x", adapter="demo", endpoint=endpoint or self.endpoint
        )
        deliveries = [delivery(body) for _ in range(count)]
        return await self.transport.carry(partner, adapter, adapter.manifest.http, deliveries)


@pytest.fixture
async def carry(system):
    """Carry deliveries to the running system."""
    secrets, clock = Secrets(), Calendar()
    async with HTTPCourier(answer_bytes=100_000) as courier:
        prove = Prover(credentials=secrets, courier=courier, clock=clock)
        transport = HTTPTransport(courier=courier, prove=prove)
        yield Carrier(transport=transport, endpoint=system.endpoint, secrets=secrets.kept, clock=clock)


def delivery(body):
    return Delivery(
        id=CHANCE.uuid7(),
        exchange=CHANCE.uuid7(),
        kind="application.submitted",
        destination="system.x",
        subject="420300-00000-00001J",
        media_type="application/json",
        body=body,
        created_at=CLOCK.now(),
    )


async def test_an_accepted_delivery_brings_the_exact_answer(carry, system):
    (outcome,) = await carry(PLAIN)

    ((path, headers, body),) = system.requests
    assert (path, body, headers["Content-Type"]) == ("/take", '{"MC":"张"}'.encode(), "application/json")
    assert "Exchange-Token" not in headers
    assert outcome.judgement.meaning is Meaning.ACCEPTED
    assert outcome.answer.body == b'{"code": "200"}'


@pytest.mark.parametrize("place", ['header = "X-Key"', 'query = "key"', 'field = "/auth/key"'])
async def test_a_key_stands_where_the_manifest_says(carry, system, place):
    await carry(PLAIN + 'number = { field = "/YWXTBH" }\n' + KEY + place + "\n")

    ((path, headers, body),) = system.requests
    assert [SECRET in part for part in (headers.get("X-Key", ""), path, body.decode())].count(True) == 1
    assert orjson.loads(body)["YWXTBH"] == "420300-00000-00001J"


async def test_the_national_headers_are_checked_for_real_and_keys_are_lower_case(carry, system):
    system.answer = system.wants_national

    (outcome,) = await carry(NATIONAL)

    assert outcome.judgement.meaning is Meaning.ACCEPTED


async def test_keys_that_differ_in_case_only_are_refused_before_anything_is_sent(carry, system):
    (outcome,) = await carry(NATIONAL, body=b'{"MC":"a","mc":"b"}')

    assert (outcome.judgement.meaning, outcome.judgement.code) == (Meaning.REFUSED, "delivery_unstampable")
    assert system.requests == []


async def test_a_token_is_fetched_once_and_used_until_it_expires(carry, system):
    system.answer = system.wants_token

    first = await carry(PLAIN + APP_CODE, count=3)
    await carry(PLAIN + APP_CODE)
    assert system.tokens == ["token-0"]
    carry.clock.ahead = timedelta(hours=1)
    await carry(PLAIN + APP_CODE)

    assert {outcome.judgement.meaning for outcome in first} == {Meaning.ACCEPTED}
    assert system.tokens == ["token-0", "token-1"]


async def test_a_token_that_ends_before_its_time_is_fetched_anew_and_the_same_exchange_sent_again(carry, system):
    system.answer = system.wants_token
    await carry(PLAIN + APP_CODE)
    system.valid = set()

    outcomes = await carry(PLAIN + APP_CODE, count=3)

    assert {outcome.judgement.meaning for outcome in outcomes} == {Meaning.ACCEPTED}
    assert len(system.effects) == 4
    assert system.tokens == ["token-0", "token-1"]


async def test_a_system_that_refuses_its_own_token_is_tried_later(carry, system):
    system.answer = lambda _request, _body: web.Response(status=401)

    (outcome,) = await carry(PLAIN + APP_CODE)

    assert (outcome.judgement.meaning, outcome.judgement.code) == (Meaning.RETRY, "credential_refused")
    assert len(system.requests) == 2


@pytest.mark.parametrize(
    ("answer", "meaning", "code"),
    [
        (silence, Meaning.RETRY, "partner_timeout"),
        (endless, Meaning.RETRY, "answer_too_large"),
        (lambda *_: web.Response(status=302, headers={"Location": "/elsewhere"}), Meaning.RETRY, "answer_status"),
        (lambda *_: web.Response(status=503), Meaning.RETRY, "answer_status"),
        (lambda *_: web.Response(body=b"\xff\x00garbage"), Meaning.RETRY, "answer_malformed"),
        (lambda *_: web.Response(text="<html>404</html>"), Meaning.RETRY, "answer_malformed"),
        (
            lambda *_: web.Response(
                body='{"code":"200","m":"张"}'.encode("gbk"), content_type="text/html", charset="utf-8"
            ),
            Meaning.RETRY,
            "answer_malformed",
        ),
        (lambda *_: told("500"), Meaning.RETRY, "answer_retry"),
        (lambda *_: told("300", message="no"), Meaning.REFUSED, "answer_refused"),
        (lambda *_: told("0"), Meaning.REFUSED, "answer_code_unmapped"),
    ],
    ids=["late", "endless", "redirect", "overloaded", "bytes", "page", "charset", "later", "refused", "unknown code"],
)
async def test_each_way_an_answer_can_go_wrong_has_its_end(carry, system, answer, meaning, code):
    system.answer = answer

    (outcome,) = await carry(HASTY if answer is silence else PLAIN)

    assert (outcome.judgement.meaning, outcome.judgement.code) == (meaning, code)
    assert len(system.requests) == 1


async def test_a_system_that_is_not_there_is_tried_again(carry):
    (outcome,) = await carry(PLAIN, endpoint="http://127.0.0.1:1")

    assert (outcome.judgement.meaning, outcome.judgement.code) == (Meaning.RETRY, "partner_unreachable")


async def test_a_missing_credential_holds_a_delivery_back_until_somebody_keeps_it(carry, system):
    carry.secrets.clear()

    (outcome,) = await carry(PLAIN + KEY + 'header = "X-Key"\n')

    assert (outcome.judgement.meaning, outcome.judgement.code) == (Meaning.RETRY, "credential_missing")
    assert system.requests == []


async def test_https_to_who_cannot_prove_its_name_is_no_answer(carry, system):
    (outcome,) = await carry(PLAIN, endpoint=system.endpoint.replace("http:", "https:"))

    assert outcome.judgement.code == "partner_unreachable"


async def test_no_secret_stands_in_a_log_line_or_a_representation(carry, system, caplog):
    caplog.set_level(logging.DEBUG)
    system.answer = system.wants_token

    await carry(PLAIN + APP_CODE)
    await carry(PLAIN + KEY + 'query = "key"\n')
    await asyncio.sleep(0)

    assert SECRET not in caplog.text + repr(carry.transport.prove)
    assert "token-0" not in caplog.text + repr(carry.transport.prove._tokens)
